"""Referrals to level 2 or 3 as pages show them: from the clock that each starts, and from its thread."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from publicprotection.exchange.v1.clock_pb2 import ClockState
from publicprotection.exchange.v1.inbox_service_pb2 import DeliverySummary
from publicprotection.exchange.v1.thread_service_pb2 import ThreadEntry, ThreadEntryKind
from publicprotection.oversight.v1.clock_service_pb2 import (
    CLOCK_ORDER_DUE,
    CLOCK_ORDER_NEWEST,
    Clock,
    ListClocksRequest,
)

from services.console.pages.clocks.asking import ALL_STATES, PAGE_SIZE
from services.console.words import document, organisation

LIMIT: Final = "MAPPA_REFERRAL_DECISION"
REFERRAL, DECISION = "LevelReferral", "LevelReferralDecision"
_WAITING: Final = (ClockState.CLOCK_STATE_RUNNING, ClockState.CLOCK_STATE_OVERDUE)
_DECIDED: Final = (ClockState.CLOCK_STATE_MET, ClockState.CLOCK_STATE_LATE, ClockState.CLOCK_STATE_ENDED)
_TITLES: Final = {
    ThreadEntryKind.THREAD_ENTRY_KIND_SENT: "sent",
    ThreadEntryKind.THREAD_ENTRY_KIND_RELEASED: "released to",
    ThreadEntryKind.THREAD_ENTRY_KIND_RECEIVED: "received",
    ThreadEntryKind.THREAD_ENTRY_KIND_ACKNOWLEDGED: "acknowledged by",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to a referral.

    Attributes:
        answer_id: of the decision that was sent, where it is one.
    """

    title: str
    by: str
    at: object
    answer_id: str = ""


def ask_for_referrals(unit: str, cursor: str, *, is_decided: bool) -> ListClocksRequest:
    """The referrals to a unit: those that wait, by when they are due; or the others, newest first."""
    return ListClocksRequest(
        limits=[LIMIT],
        responsible=unit,
        states=_DECIDED if is_decided else _WAITING,
        order=CLOCK_ORDER_NEWEST if is_decided else CLOCK_ORDER_DUE,
        cursor=cursor,
        page_size=PAGE_SIZE,
    )


def ask_for_one(exchange_id: str) -> ListClocksRequest:
    """The clock of one referral."""
    return ListClocksRequest(limits=[LIMIT], matter=exchange_id, states=ALL_STATES)


def ask_for_person(subject_id: str) -> ListClocksRequest:
    """All referrals about one person, newest first."""
    return ListClocksRequest(
        limits=[LIMIT], subject_id=subject_id, states=ALL_STATES, order=CLOCK_ORDER_NEWEST
    )


def list_others(clocks: Iterable[Clock], exchange_id: str) -> list[Clock]:
    """Other referrals about the same person."""
    return [clock for clock in clocks if clock.matter != exchange_id]


def find_delivery(deliveries: Iterable[DeliverySummary]) -> DeliverySummary | None:
    """The delivery that brought the referral: the first, which what follows supplements."""
    found = (each for each in deliveries if each.document_type == REFERRAL)
    return next(found, None)


def tell_steps(entries: Iterable[ThreadEntry]) -> list[Step]:
    """What happened, oldest first."""
    return [_tell(entry) for entry in entries]


def _tell(entry: ThreadEntry) -> Step:
    what, happened = document(entry.document_type), _TITLES.get(entry.kind, "")
    to = organisation(entry.recipient.organisation) if entry.recipient.organisation else ""
    is_outward = happened.endswith(("to", "by"))
    title = f"{what} {happened} {to}" if is_outward else f"{what} {happened}"
    by = organisation(entry.sender)
    is_answer = entry.kind == ThreadEntryKind.THREAD_ENTRY_KIND_SENT and entry.document_type == DECISION
    return Step(title, by, entry.at, entry.exchange_id if is_answer else "")
