"""Data-sharing agreements as data (MAPPA 9.10, 9.11; mappa:R-23). Files are under `deploy/agreements/`.

What an agreement permits is the union of its clauses that cover a flow: the order of clauses means nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from hashlib import sha256
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from gateway.core.agreement_state import AgreementState, PartyState
from gateway.core.agreement_terms import (
    BreachContact,
    Day,
    LegalGround,
    Party,
    PolicyDocument,
    Requests,
    Retention,
    Security,
    Signature,
)
from gateway.core.directory import Identifier
from gateway.core.errors import AgreementError
from gateway.core.loading import read_model
from gateway.core.rulebook_model import Entry, Text
from gateway.core.vocabulary import (
    BasisName,
    Category,
    DocumentName,
    FunctionName,
    KindName,
    MarkingName,
    PurposeName,
)
from gateway.core.yaml_source import Source, parse_yaml
from services.kit.evidence.canonical import canonical

AgreementId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,62}$")]
ClauseId = Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,3}[0-9]{1,3}[a-z]?$")]


class End(Entry):
    """One end of a flow: all parties, or some kinds, or some organisations; desks if not all."""

    kinds: tuple[KindName, ...] = ()
    organisations: tuple[Identifier, ...] = ()
    desks: tuple[Identifier, ...] = ()

    def covers(self, organisation: str, kind: str, desk: str) -> bool:
        """Whether an organisation and its desk are at this end; without a desk, at none that names one."""
        return self.reaches(organisation, kind) and (not self.desks or desk in self.desks)

    def reaches(self, organisation: str, kind: str) -> bool:
        """Whether some desk of an organisation is at this end."""
        listed = organisation in self.organisations or kind in self.kinds
        return listed or (not self.organisations and not self.kinds)


class Clause(Entry):
    """One flow: from whom to whom, which documents, what for, and the categories that may go.

    `bases` narrows the agreement's lawful bases for this flow; empty: any of them.
    """

    id: ClauseId
    paragraph: Text
    from_: End = Field(alias="from")
    to: End
    documents: tuple[DocumentName, ...] = Field(min_length=1)
    purposes: tuple[PurposeName, ...] = Field(min_length=1)
    bases: tuple[BasisName, ...] = ()
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
    state: AgreementState
    owner: Identifier
    parties: tuple[Party, ...] = Field(min_length=2)
    suspended: tuple[Identifier, ...] = ()
    purposes: tuple[PurposeName, ...] = Field(min_length=1)
    lawful_bases: tuple[LegalGround, ...] = Field(min_length=1)
    policy_documents: tuple[PolicyDocument, ...] = ()
    quality: Text
    marking_ceiling: MarkingName
    security: Security
    retention: Retention
    onward_sharing: Text
    requests: Requests
    breach_contact: BreachContact
    starts: Day
    review: Day
    expiry: Day
    signatures: tuple[Signature, ...] = ()
    clauses: tuple[Clause, ...]

    @model_validator(mode="after")
    def _check_whole(self) -> Self:
        if not self.starts < self.review <= self.expiry:
            raise ValueError("the dates must run starts < review <= expiry")
        stray = sorted(set(self._named()) - {party.organisation for party in self.parties})
        if stray:
            raise ValueError(f"{', '.join(stray)} is no party: add it under `parties` or take it out")
        if len({clause.id for clause in self.clauses}) != len(self.clauses):
            raise ValueError("two clauses have the same id: give each its own")
        return self

    def _named(self) -> Iterator[str]:
        yield from (self.owner, self.breach_contact.organisation, *self.suspended)
        yield from (each.organisation for each in self.policy_documents)
        yield from (each.organisation for each in self.signatures)
        for clause in self.clauses:
            yield from (*clause.from_.organisations, *clause.to.organisations)

    def binds(self, *organisations: str) -> bool:
        """Whether all these organisations are parties."""
        return {party.organisation for party in self.parties}.issuperset(organisations)

    def rests_on(self, basis: str, regime: str) -> bool:
        """Whether a lawful basis is among those agreed for a regime."""
        return any(basis in each.bases for each in self.lawful_bases if each.regime == regime)

    def state_on(self, day: date) -> AgreementState:
        """The state on a day; the day of expiry is the last in force."""
        ended = self.state is AgreementState.IN_FORCE and day > self.expiry
        return AgreementState.EXPIRED if ended else self.state

    def state_towards(self, organisation: str) -> PartyState:
        """The state of one organisation in it."""
        if not self.binds(organisation):
            return PartyState.OUTSIDE
        return PartyState.SUSPENDED if organisation in self.suspended else PartyState.TAKING_PART

    def has_expired(self, day: date) -> bool:
        """Whether it has ended by that day, with no later version in its place."""
        return self.state_on(day) is AgreementState.EXPIRED

    def is_in_force(self, day: date) -> bool:
        """Whether anything may rest on it that day."""
        return self.state_on(day) is AgreementState.IN_FORCE and self.starts <= day


def digest_of(agreement: Agreement) -> str:
    """SHA-256 over the canonical JSON (RFC 8785) of all that an agreement says, in hexadecimal."""
    return sha256(canonical(agreement.model_dump(mode="json", by_alias=True))).hexdigest()


def terms_digest_of(agreement: Agreement) -> str:
    """The digest of what the parties sign: all that it says, apart from what becomes of it later."""
    later: dict[str, object] = {"state": AgreementState.DRAFT, "suspended": (), "signatures": ()}
    return digest_of(agreement.model_copy(update=later))


Check = Callable[[Source, Agreement], None]
"""A further check of each agreement; raises AgreementError."""


def load_agreements(texts: Mapping[str, str], check: Check | None = None) -> tuple[Agreement, ...]:
    """Builds agreements from the texts of their files, by file name; one agreement a file.

    Args:
        texts: by file name.
        check: what else each must pass, such as `agreement_checks.check_terms`.

    Raises:
        AgreementError: names file, line and clause, and what to write instead.
    """
    loaded = [_read(name, texts[name]) for name in sorted(texts)]
    if check is not None:
        for source, agreement in loaded:
            check(source, agreement)
    _check_versions(loaded)
    return tuple(sorted((each for _, each in loaded), key=lambda one: (one.id, one.version)))


def _read(name: str, text: str) -> tuple[Source, Agreement]:
    source = parse_yaml(name, text, AgreementError)
    return source, read_model(source, Agreement, AgreementError)


def _check_versions(loaded: list[tuple[Source, Agreement]]) -> None:
    """No version stands twice, and no two are in force on one day: nobody could say which of them counts."""
    for index, (source, each) in enumerate(loaded):
        for other_source, other in loaded[:index]:
            if each.id == other.id and each.version == other.version:
                advice = f"this version stands in {other_source.file} too: give it a version of its own"
                raise AgreementError(source.file, source.line_of(("version",)), each.id, advice)
            if each.id == other.id and _overlap(each, other):
                advice = f"in force at the same time as {other_source.file}: write SUPERSEDED for the older"
                raise AgreementError(source.file, source.line_of(("state",)), each.id, advice)


def _overlap(one: Agreement, other: Agreement) -> bool:
    both = one.state is other.state is AgreementState.IN_FORCE
    return both and one.starts <= other.expiry and other.starts <= one.expiry
