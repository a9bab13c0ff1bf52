"""The words of a decision: what goes into it and what comes out (design section 5).

Everything here is a value. A `Case` is one opened exchange, a `Ruling` what one recipient gets of it and why.
Paths are leaf paths of the seal (`type`, `header.purpose`, `document.victims[<label>].risk`); categories are
`<ABOUT>_<KIND>` of the contract's privacy options.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from google.protobuf.message import Message
from publicprotection.exchange.v1 import header_pb2

from gateway.core.freetext.model import PartyNames
from services.kit.evidence.leaves import JsonValue

TYPE_PATH: Final = "type"
"""The leaf that names the document's type; every recipient of a release gets it."""


class Outcome(StrEnum):
    """What becomes of the exchange for one recipient."""

    RELEASED = "RELEASED"
    HELD = "HELD"
    REFUSED = "REFUSED"


class Answer(StrEnum):
    """What is known of a fact. Absent is UNKNOWN."""

    YES = "YES"
    NO = "NO"
    UNKNOWN = "UNKNOWN"


class Tell(StrEnum):
    """How much of a reason a side may learn."""

    NOTHING = "NOTHING"
    CATEGORY = "CATEGORY"
    REASON = "REASON"


class Effect(StrEnum):
    """What a rule or clause did."""

    RELEASE = "RELEASE"
    GENERALISE = "GENERALISE"
    MASK = "MASK"
    WITHHOLD = "WITHHOLD"
    HOLD = "HOLD"
    REFUSE = "REFUSE"
    LIMIT = "LIMIT"
    """Takes nothing away: a condition on what the recipient does with it."""
    FLAG = "FLAG"
    """Takes nothing away: what goes is reviewed afterwards."""


class Flag(StrEnum):
    """Remarkable circumstances; the names of exchange.v1.DecisionFlag without its prefix."""

    NO_AGREEMENT = "NO_AGREEMENT"
    AGREEMENT_EXPIRED = "AGREEMENT_EXPIRED"
    PROTECTIVE_HELD = "PROTECTIVE_HELD"
    FACT_IGNORED = "FACT_IGNORED"
    URGENT = "URGENT"


@dataclass(frozen=True, slots=True, order=True)
class Desk:
    """A functional mailbox of an organisation, by ids."""

    organisation: str
    desk: str

    def __str__(self) -> str:
        return f"{self.organisation}/{self.desk}"


@dataclass(frozen=True, slots=True)
class KnownFact:
    """One fact on record: what, about whom, said by which organisation, holding from and until when.

    Attributes:
        name: a field of exchange.v1.Facts, such as `mappa_managed`.
        party: whom it is about, where a fact has parties: a path prefix of the document, with labels, or an
            organisation's id.
        answer: what is known.
        organisation: who says so; who may is said by the field's `assertable_by` options.
        from_: holds from then; None: always.
        until: holds until then, exclusive; None: for good.
        recipient: only for this recipient organisation, where it answers a hold of its release.
    """

    name: str
    party: str | None
    answer: Answer
    organisation: str
    from_: datetime | None = None
    until: datetime | None = None
    recipient: str | None = None


@dataclass(frozen=True, slots=True)
class KnownParty:
    """Somebody whom earlier exchanges about the same subject named.

    Attributes:
        about: whose data it is, as in categories: `SUBJECT`, `VICTIM`, `CHILD`, `ADULT_AT_RISK`, `STAFF`,
            `OTHER`. Of anything else no recipient may learn.
        names: how they may be recognised in a text: names, addresses, telephone numbers, identifiers.
        owner: the organisation whose information it is; empty where that is not known.
        told: desks that know already, having stated or received it, and what of it: `IDENTITY`, `LOCATION` or
            `CONTACT`. A text keeps nothing from them that they were given.
    """

    about: str
    names: PartyNames
    owner: str = ""
    told: frozenset[tuple[Desk, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Case:
    """One exchange as it was sealed, with what is on record and the time of the decision.

    Attributes:
        leaves: every leaf of the seal, `type` and header included.
        facts: those asserted outside the header, before or since; the header's own are added by the decision.
        at: timezone-aware.
        known_parties: whom earlier exchanges about the subject named. They only add to what texts go without.
    """

    exchange_id: str
    document_type: str
    header: header_pb2.Header
    document: Message
    leaves: Mapping[str, JsonValue]
    facts: tuple[KnownFact, ...]
    at: datetime
    known_parties: tuple[KnownParty, ...] = ()


@dataclass(frozen=True, slots=True)
class FiredRule:
    """A rule or clause that bore on the decision: id, paragraph, what it did, and why in plain English."""

    rule: str
    paragraph: str
    effect: Effect
    reason: str


@dataclass(frozen=True, slots=True)
class Derived:
    """A value that stands in for an original: a pure, versioned function of it."""

    path: str
    function: str
    value: JsonValue


@dataclass(frozen=True, slots=True)
class WithheldItem:
    """A leaf that this recipient does not get, and what each side may learn of the reason."""

    path: str
    category: str
    rule: FiredRule
    tell_sender: Tell = Tell.REASON
    tell_recipient: Tell = Tell.CATEGORY


@dataclass(frozen=True, slots=True)
class HeldItem:
    """Leaves that wait for one prerequisite, which one organisation can grant.

    Attributes:
        paths: the leaves that wait; where the whole exchange does, all that would otherwise go.
        organisation: who can grant or decline; empty where the directory lists nobody who could.
        role: the role there, such as MAPPA_COORDINATOR.
        whole_exchange: nothing at all goes until it is granted.
        escalates_after_working_days: of England and Wales, counted from the decision; 0 is the same day.
        asked_as: the side or kind of prerequisites.yaml as which the organisation is asked; empty with none.
        escalates_to: organisation to which it is escalated; empty where the directory lists none.
        escalates_to_role: the role there.
        expires_after_working_days: counted likewise; None: it waits until it is answered.
    """

    paths: tuple[str, ...]
    categories: tuple[str, ...]
    prerequisite: str
    rule: FiredRule
    organisation: str
    role: str
    whole_exchange: bool
    escalates_after_working_days: int
    tell_sender: Tell = Tell.REASON
    tell_recipient: Tell = Tell.CATEGORY
    asked_as: str = ""
    escalates_to: str = ""
    escalates_to_role: str = ""
    expires_after_working_days: int | None = None


@dataclass(frozen=True, slots=True)
class InsteadOf:
    """What to do instead of what was refused; either name may be empty."""

    document_type: str
    workflow: str
    explanation: str


@dataclass(frozen=True, slots=True)
class AgreementUsed:
    """The agreement and the clauses of it that a release rests on; of several, each in one order.

    `digest` is over all that the agreement says (agreements.digest_of); `until` is the last day of the first
    that ends.
    """

    agreement: str
    version: str
    clause: str
    digest: str
    until: date


@dataclass(frozen=True, slots=True)
class Ruling:
    """The decision for one recipient.

    Attributes:
        released: paths that this recipient gets, header and `type` included; those in `derived` in their
            derived form only. Empty unless the outcome is RELEASED.
        reason: the rule that refused or held the whole; None for a release.
        tell_recipient: how much the recipient may learn of a refusal.
        regimes: LAW_ENFORCEMENT, GENERAL: what both ends are under, sorted; empty where one is unknown.
    """

    recipient: Desk
    outcome: Outcome
    released: frozenset[str]
    derived: tuple[Derived, ...]
    withheld: tuple[WithheldItem, ...]
    held: tuple[HeldItem, ...]
    rules: tuple[FiredRule, ...]
    flags: tuple[Flag, ...]
    instead: InsteadOf | None
    agreement: AgreementUsed | None
    rulebook: str
    reason: FiredRule | None
    tell_recipient: Tell = Tell.NOTHING
    regimes: tuple[str, ...] = ()
