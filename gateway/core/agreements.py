"""Data-sharing agreements as data (MAPPA 9.10, 9.11; mappa:R-23). Files are under `deploy/agreements/`.

What an agreement permits is the union of its clauses that cover a flow: the order of clauses means nothing.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from gateway.core.directory import Identifier
from gateway.core.errors import AgreementError
from gateway.core.loading import read_model
from gateway.core.rulebook_model import Entry, Regime, Text
from gateway.core.vocabulary import Category, DocumentName, FunctionName, KindName, MarkingName, PurposeName
from gateway.core.yaml_source import Source, parse_yaml

AgreementId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,62}$")]
ClauseId = Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,3}[0-9]{1,3}[a-z]?$")]
Status = Literal["CONTROLLER", "JOINT_CONTROLLER", "PROCESSOR"]


def _iso_date(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError("write a date as 2029-03-31")  # noqa: TRY004  # pydantic turns this one into an error
    return value


Day = Annotated[date, BeforeValidator(_iso_date)]


class Party(Entry):
    """One party, and what it is to the data."""

    organisation: Identifier
    status: Status


class End(Entry):
    """One end of a flow: all parties, or some kinds, or some organisations; desks if not all."""

    kinds: tuple[KindName, ...] = ()
    organisations: tuple[Identifier, ...] = ()
    desks: tuple[Identifier, ...] = ()

    def covers(self, organisation: str, kind: str, desk: str) -> bool:
        """Whether an organisation and its desk are at this end; without a desk, at none that names one."""
        listed = organisation in self.organisations or kind in self.kinds
        everyone = not self.organisations and not self.kinds
        return (listed or everyone) and (not self.desks or desk in self.desks)


class Clause(Entry):
    """One flow: from whom to whom, which documents, what for, and the categories that may go."""

    id: ClauseId
    paragraph: Text
    from_: End = Field(alias="from")
    to: End
    documents: tuple[DocumentName, ...] = Field(min_length=1)
    purposes: tuple[PurposeName, ...] = Field(min_length=1)
    categories: tuple[Category, ...] = Field(min_length=1)
    generalise: dict[Category, FunctionName] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _check_generalise(self) -> Self:
        stray = sorted(set(self.generalise) - set(self.categories))
        if stray:
            raise ValueError(f"generalise: {', '.join(stray)} is not among the categories: add it there")
        return self


class Agreement(Entry):
    """One agreement in one version, under the headings of the ICO's Data Sharing Code."""

    id: AgreementId
    version: Annotated[str, StringConstraints(pattern=r"^[0-9]+(\.[0-9]+)*$")]
    title: Text
    state: Literal["DRAFT", "IN_FORCE", "ENDED"]
    owner: Identifier
    parties: tuple[Party, ...] = Field(min_length=2)
    suspended: tuple[Identifier, ...] = ()
    regimes: tuple[Regime, ...] = Field(min_length=1)
    marking_ceiling: MarkingName
    starts: Day
    review: Day
    expiry: Day
    quality: Text
    security: Text
    retention: Text
    onward_sharing: Text
    requests: Text
    breach_contact: Text
    clauses: tuple[Clause, ...]

    @model_validator(mode="after")
    def _check_whole(self) -> Self:
        if not self.starts < self.review <= self.expiry:
            raise ValueError("the dates must run starts < review <= expiry")
        named = [
            end for clause in self.clauses for each in (clause.from_, clause.to) for end in each.organisations
        ]
        stray = sorted({self.owner, *named, *self.suspended} - {party.organisation for party in self.parties})
        if stray:
            raise ValueError(f"{', '.join(stray)} is no party: add it under `parties` or take it out")
        if len({clause.id for clause in self.clauses}) != len(self.clauses):
            raise ValueError("two clauses have the same id: give each its own")
        return self

    def binds(self, *organisations: str) -> bool:
        """Whether all these organisations are parties."""
        return {party.organisation for party in self.parties}.issuperset(organisations)

    def has_expired(self, day: date) -> bool:
        """Whether it has ended by that day; the day of expiry is the last in force."""
        return self.state == "ENDED" or day > self.expiry

    def is_in_force(self, day: date) -> bool:
        """Whether anything may rest on it that day."""
        return self.state == "IN_FORCE" and self.starts <= day <= self.expiry


Check = Callable[[Source, Agreement], None]
"""A further check of each agreement; raises AgreementError."""


def load_agreements(texts: Mapping[str, str], check: Check | None = None) -> tuple[Agreement, ...]:
    """Builds agreements from the texts of their files, by file name; one agreement a file.

    Args:
        texts: by file name.
        check: what else each must pass, such as `defeated.check_clauses`.

    Raises:
        AgreementError: names file, line and clause, and what to write instead.
    """
    loaded = [(name, *_read(name, texts[name])) for name in sorted(texts)]
    if check is not None:
        for _, source, agreement in loaded:
            check(source, agreement)
    seen: dict[tuple[str, str], str] = {}
    for name, source, agreement in loaded:
        key = (agreement.id, agreement.version)
        if key in seen:
            advice = f"this version stands in {seen[key]} too: give it a version of its own"
            raise AgreementError(name, source.line_of(("version",)), agreement.id, advice)
        seen[key] = name
    return tuple(sorted((each for _, _, each in loaded), key=lambda one: (one.id, one.version)))


def _read(name: str, text: str) -> tuple[Source, Agreement]:
    source = parse_yaml(name, text, AgreementError)
    return source, read_model(source, Agreement, AgreementError)
