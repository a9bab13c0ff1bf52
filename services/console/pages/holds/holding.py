"""A hold as its page shows it, whether the gateway told of it or the own organisation's service."""

from dataclasses import dataclass
from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp
from publicprotection.common.v1.organisation_pb2 import DeskReference
from publicprotection.exchange.v1 import answering_pb2
from publicprotection.exchange.v1.hold_service_pb2 import Hold, HoldState
from publicprotection.oversight.v1.hold_queue_service_pb2 import HeldExchange

from services.console.pages.holds import words as hold_words
from services.console.words import code
from services.kit.access.actor import Person
from services.kit.evidence.answering import AnswerFault, Answering, Turned, find_fault

_OPEN: Final = HoldState.HOLD_STATE_OPEN


@dataclass(frozen=True, slots=True)
class KeyView:
    """One answer that is needed.

    Attributes:
        who: may give it.
        given_by: the job of whoever gave it; empty while nobody has.
        at: when that was.
    """

    who: str
    given_by: str = ""
    at: Timestamp | None = None


@dataclass(frozen=True, slots=True)
class HoldView:
    """A hold. Names are as in oversight.v1.HeldExchange; times that there are not are None."""

    hold_id: str
    exchange_id: str
    document_type: str
    sender: str
    recipient: DeskReference
    owner: str
    role: str
    title: str
    paragraph: str
    categories: tuple[str, ...]
    whole_exchange: bool
    opened_at: Timestamp
    escalates_at: Timestamp | None
    escalates_to: str
    escalates_to_role: str
    expires_at: Timestamp | None
    closed_at: Timestamp | None
    escalated: bool
    requirement: answering_pb2.AnswerRequirement
    turned: tuple[answering_pb2.TurnedKey, ...]
    state: "HoldState.ValueType"

    @property
    def is_open(self) -> bool:
        """Whether an answer is waited for."""
        return self.state == _OPEN

    @property
    def state_words(self) -> str:
        """Where it stands."""
        return hold_words.STATES.get(self.state, "Not stated")

    @property
    def keys(self) -> list[KeyView]:
        """The answers that are needed, and those given."""
        given = {each.key: each for each in self.turned}
        return [_key(key, given.get(place)) for place, key in enumerate(self.requirement.keys)]

    @property
    def missing(self) -> list[str]:
        """Who is still to answer."""
        return [key.who for key in self.keys if not key.given_by]

    @property
    def evidence(self) -> list[hold_words.EvidenceWords]:
        """What a grant must state."""
        return hold_words.evidence_words(self.requirement)

    @property
    def apart_from(self) -> list[str]:
        """What somebody in another organisation must have answered besides."""
        return [code(each) for each in self.requirement.apart_from]

    def fault_of(self, person: Person) -> str:
        """Why somebody may not answer, as far as it is known here; empty where they may."""
        if person.organisation != self.owner:
            return hold_words.FAULTS[AnswerFault.PERSON_UNKNOWN]
        if person.roles.isdisjoint(hold_words.ANSWERING):
            return hold_words.ONLY_READS
        turned = [Turned(each.key, self.owner) for each in self.turned]
        answering = Answering(_answerer(person), self.owner, None, turned)
        fault = find_fault(self.requirement, answering, None)
        return hold_words.FAULTS[fault] if isinstance(fault, AnswerFault) else ""


def view_queued(held: HeldExchange) -> HoldView:
    """A hold as the gateway tells a co-ordinator of it."""
    return HoldView(
        hold_id=held.hold_id,
        exchange_id=held.exchange_id,
        document_type=held.document_type,
        sender=held.sender,
        recipient=held.recipient,
        owner=held.owner,
        role=held.role,
        title=held.title or code(held.prerequisite),
        paragraph=held.paragraph,
        categories=tuple(held.categories),
        whole_exchange=held.whole_exchange,
        opened_at=held.opened_at,
        escalates_at=held.escalates_at if held.HasField("escalates_at") else None,
        escalates_to=held.escalates_to,
        escalates_to_role=held.escalates_to_role,
        expires_at=held.expires_at if held.HasField("expires_at") else None,
        closed_at=held.closed_at if held.HasField("closed_at") else None,
        escalated=held.escalated,
        requirement=held.requirement,
        turned=tuple(held.turned),
        state=held.state or _OPEN,
    )


def view_asked(hold: Hold, *, now: int) -> HoldView:
    """A hold as the own organisation was asked; `now` in seconds since 1970."""
    held = hold.held
    escalates = held.escalates_at if held.HasField("escalates_at") else None
    return HoldView(
        hold_id=held.hold_id,
        exchange_id=hold.exchange_id,
        document_type=hold.document_type,
        sender=hold.sender,
        recipient=held.recipient,
        owner=held.organisation,
        role=held.role,
        title=code(held.prerequisite),
        paragraph=held.rule.paragraph,
        categories=tuple(held.categories),
        whole_exchange=held.whole_exchange,
        opened_at=hold.asked_at,
        escalates_at=escalates,
        escalates_to=held.escalates_to,
        escalates_to_role=held.escalates_to_role,
        expires_at=held.expires_at if held.HasField("expires_at") else None,
        closed_at=None,
        escalated=hold.state == _OPEN and escalates is not None and escalates.seconds <= now,
        requirement=held.requirement,
        turned=tuple(held.turned),
        state=hold.state,
    )


def _key(key: answering_pb2.HoldKey, given: answering_pb2.TurnedKey | None) -> KeyView:
    who = hold_words.key_words(key)
    return KeyView(who) if given is None else KeyView(who, given.job, given.at)


def _answerer(person: Person) -> answering_pb2.Answerer:
    return answering_pb2.Answerer(
        subject=person.subject,
        name=person.name,
        job=person.job,
        roles=sorted(person.roles),
        organisation=person.organisation,
        desk=person.desk,
    )
