"""What an agency goes by in subject access: law as data, and what the person reads (both YAML)."""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

_FOLDER: Final = Path(__file__).resolve().parents[2] / "rulebook"
"""Beside the kit, which names no organisation and no guidance."""


class Regime(StrEnum):
    """Which law gives the right, and so which exemptions there are."""

    LAW_ENFORCEMENT = "LAW_ENFORCEMENT"
    """DPA 2018 Part 3, with the restrictions of section 45(4)."""

    GENERAL = "GENERAL"
    """UK GDPR, with the exemptions of DPA 2018 Schedules 2 to 4."""


class Tell(StrEnum):
    """How much the person is told of an item that is withheld."""

    REASON = "REASON"
    CATEGORY = "CATEGORY"
    NOTHING = "NOTHING"

    @property
    def rank(self) -> int:
        """The more is told, the higher."""
        return ("NOTHING", "CATEGORY", "REASON").index(self.value)


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TimeRules(_Form):
    """How long an answer may take, and when those who work on it are reminded."""

    months: int = Field(ge=1)
    paragraph: str
    extension_months: int = Field(ge=1)
    extension_paragraph: str
    stands_still: str
    reminders_after_days: tuple[int, ...]
    owner_answers_in_days: int = Field(ge=1)


class Test(StrEnum):
    """What must be weighed before somebody decides."""

    SERIOUS_HARM = "SERIOUS_HARM"
    """DPA 2018 Sch. 3 para. 2(2)."""

    THIRD_PARTY = "THIRD_PARTY"
    """DPA 2018 Sch. 2 para. 16(2), (3)."""


class Exemption(_Form):
    """A ground on which an item may be withheld.

    Attributes:
        tell: the most that the person may be told.
        test: what is weighed before it is claimed.
        opinion_months: how long an opinion counts without which nobody may claim it; 0: none is needed.
    """

    code: str
    regime: Regime
    paragraph: str
    tell: Tell
    says: str
    test: Test | None = None
    opinion_months: int = Field(default=0, ge=0)


class ThirdParties(_Form):
    """What is proposed for an item about somebody else: exemption by regime, reason by whom it is about."""

    exemption: Mapping[Regime, str]
    paragraph: str
    reasons: Mapping[str, str]


class OpinionToGive(_Form):
    """A kind of information that is given only with an opinion that it does no serious harm.

    Attributes:
        by: the exemption whose opinion it is, and how long that counts.
    """

    regime: Regime
    kind: str
    by: str
    paragraph: str


class Never(_Form):
    """About whom nothing is ever given."""

    about: str
    paragraph: str


class Summarised(_Form):
    """Documents that are answered by another."""

    documents: frozenset[str]
    by: str
    paragraph: str


class GivenAllTheSame(_Form):
    """Categories that are given in a document, though they are about somebody else."""

    document: str
    categories: frozenset[str]
    paragraph: str


class WithoutVeto(_Form):
    """A document whose owner may raise an exemption and cannot insist on it."""

    document: str
    paragraph: str


class Delayed(_Form):
    """Disclosures of which the person is told later, unless somebody decides otherwise."""

    purposes: frozenset[str]
    reason: str
    exemption: Mapping[Regime, str]
    tell: Tell
    paragraph: str


class Handling(_Form):
    """To whom agencies of some kinds hand a request at once."""

    kinds: frozenset[str]
    to: str
    paragraph: str


class Evidence(_Form):
    """What establishes that somebody may ask: any one of these."""

    requester: str
    any_of: frozenset[str]
    paragraph: str


class Rules(_Form):
    """All of it. A reference to an exemption that there is not refuses to load."""

    version: str
    time: TimeRules
    competent: frozenset[str]
    exemptions: tuple[Exemption, ...]
    third_parties: ThirdParties
    opinion_to_give: tuple[OpinionToGive, ...]
    never: tuple[Never, ...]
    judged: frozenset[str]
    judged_paragraph: str
    judged_texts: bool
    summarised: tuple[Summarised, ...]
    given_all_the_same: tuple[GivenAllTheSame, ...]
    without_veto: tuple[WithoutVeto, ...]
    delayed: tuple[Delayed, ...]
    handling: tuple[Handling, ...]
    evidence: tuple[Evidence, ...]

    def exemption(self, code: str) -> Exemption | None:
        """The exemption of a code."""
        return next((each for each in self.exemptions if each.code == code), None)

    def summary_of(self, document: str) -> str | None:
        """The document by which one is answered that is never given itself."""
        return next((each.by for each in self.summarised if document in each.documents), None)

    def has_veto(self, document: str) -> bool:
        """Whether what the owner withholds in a document stays withheld."""
        return all(each.document != document for each in self.without_veto)

    def regime(self, regimes: frozenset[str], kind: str) -> Regime:
        """What an organisation of a kind is under, for what both ends together are under.

        Args:
            regimes: of an exchange; one, or both where each end has its own, or none if nothing went.
            kind: of the organisation that is asked.
        """
        if len(regimes) == 1:
            return Regime(next(iter(regimes)))
        return Regime.LAW_ENFORCEMENT if kind in self.competent else Regime.GENERAL

    @model_validator(mode="after")
    def _refers_to_exemptions(self) -> Self:
        for table in (self.third_parties.exemption, *(each.exemption for each in self.delayed)):
            for regime, code in table.items():
                found = self.exemption(code)
                if found is None or found.regime is not regime:
                    raise ValueError(f"{code}: no exemption of {regime}")
        for row in self.opinion_to_give:
            if (found := self.exemption(row.by)) is None or found.regime is not row.regime:
                raise ValueError(f"{row.by}: no exemption of {row.regime}")
        if len({each.code for each in self.exemptions}) < len(self.exemptions):
            raise ValueError("exemptions: a code stands twice")
        return self


class DisclosureWords(_Form):
    """The table of disclosures."""

    heading: tuple[str, str, str, str, str]
    none: str
    note: str


class Sections(_Form):
    """Headings."""

    data: str
    disclosures: str
    rights: str
    about: str


class Wording(_Form):
    """What the person reads; `acronyms` are words as they are written."""

    acronyms: tuple[str, ...]
    title: str
    given: tuple[str, ...]
    nothing: tuple[str, ...]
    withheld_reason: str
    withheld_category: str
    sections: Sections
    disclosures: DisclosureWords
    rights: tuple[str, ...]
    about: tuple[str, ...]
    signature: str
    source: str
    own_source: str
    kinds: Mapping[str, str]
    purposes: Mapping[str, str]
    bases: Mapping[str, str]


@cache
def read_rules() -> Rules:
    """The rules; pydantic.ValidationError if the file is not in its form."""
    return Rules.model_validate(_read("subject_access.yaml"))


@cache
def read_wording() -> Wording:
    """The wording; errors as `read_rules`."""
    return Wording.model_validate(_read("subject_access_wording.yaml"))


def _read(name: str) -> Any:
    return yaml.safe_load((_FOLDER / name).read_text(encoding="utf-8"))
