"""The form of prerequisites.yaml: what a hold waits for, who may answer it, and how long it waits."""

from typing import Annotated, Final, Literal, Self

from publicprotection.exchange.v1 import answering_pb2
from pydantic import Field, StringConstraints, model_validator

from gateway.core.rulebook_model import Entry, PrerequisiteId, Text
from gateway.core.vocabulary import FactName, Listed, short_names

Side = Literal[
    "OWNER",
    "SENDER",
    "RECIPIENT",
    "MAPPA_COORDINATION_UNIT",
    "POLICE",
    "PROBATION",
    "PRISON",
    "CHILDRENS_SERVICES",
    "ADULT_SERVICES",
    "YOUTH_OFFENDING_TEAM",
]
"""Who is asked: a side of the exchange, or the organisation of a kind in the sender's area."""

Code = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{1,63}$")]
RoleName = Literal[
    "PRACTITIONER", "SUPERVISOR", "MAPPA_COORDINATOR", "MEETING_CHAIR", "DATA_PROTECTION_OFFICER"
]
"""A role of services.kit.access in which a person decides about a case."""

EvidenceName = Annotated[
    str, Listed("evidence", lambda: short_names(answering_pb2.EvidenceKind, EVIDENCE_PREFIX))
]
EVIDENCE_PREFIX: Final = "EVIDENCE_KIND_"
AUTHOR_PREFIX: Final = "AUTHOR_RELATION_"


class Key(Entry):
    """Who may turn one key: somebody with one of the jobs or one of the roles; with neither list, anybody.

    `author` says how the person stands to the author of the exchange.
    """

    jobs: tuple[Code, ...] = ()
    roles: tuple[RoleName, ...] = ()
    author: Literal["ANYBODY", "SAME", "OTHER"] = "ANYBODY"


class Grantor(Entry):
    """One organisation that may be asked: each of its keys is turned by another person, on this evidence."""

    organisation: Side
    keys: tuple[Key, ...] = Field(default=(Key(),), min_length=1, max_length=2)
    evidence: tuple[EvidenceName, ...] = ()


class Escalation(Entry):
    """To whom a hold goes that nobody answers: an organisation, and who there."""

    organisation: Side
    role: Code


class Prerequisite(Entry):
    """What a hold waits for: the fact that lifts it, who can put it on record, and the time limits.

    Of `granted_by` the first that exists and may assert the fact is asked. `apart_from` names prerequisites
    of the same exchange that another person in another organisation must have granted: the other key.
    Unanswered, a hold is escalated, and ends as if declined after `expires_after_working_days`; null: it
    waits until it is answered.
    """

    id: PrerequisiteId
    title: Text
    fact: FactName
    granted_by: tuple[Grantor, ...] = Field(min_length=1)
    role: Code
    apart_from: tuple[PrerequisiteId, ...] = ()
    escalates_after_working_days: int = Field(ge=0, le=30)
    escalates_to: Escalation
    expires_after_working_days: Annotated[int, Field(ge=1, le=60)] | None
    when_no: Literal["HOLD", "WITHHOLD", "REFUSE"]
    paragraph: Text

    @model_validator(mode="after")
    def _check(self) -> Self:
        expiry = self.expires_after_working_days
        if expiry is not None and expiry <= self.escalates_after_working_days:
            raise ValueError("expires_after_working_days: a hold is escalated before it ends unanswered")
        sides = [each.organisation for each in self.granted_by]
        if len(set(sides)) < len(sides):
            raise ValueError("granted_by: list each organisation once")
        return self

    @property
    def needs_two(self) -> bool:
        """Whether two people are needed, at one organisation or in two."""
        return bool(self.apart_from) or any(len(each.keys) > 1 for each in self.granted_by)

    def grantor(self, side: str) -> Grantor | None:
        """What is asked of one side; None if it is not asked."""
        return next((each for each in self.granted_by if each.organisation == side), None)
