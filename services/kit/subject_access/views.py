"""Cases and enquiries as the contract shows them."""

import json
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, Final

from google.protobuf.json_format import ParseDict
from publicprotection.exchange.v1 import subject_access_result_pb2 as result_pb2
from publicprotection.exchange.v1 import subject_access_service_pb2 as pb2
from publicprotection.exchange.v1 import subject_access_terms_pb2 as terms_pb2

from services.kit.exchange.participant import stamp
from services.kit.store.access import StoredEnquiry
from services.kit.subject_access.cases import Case, Kind
from services.kit.subject_access.clock import read_clock
from services.kit.subject_access.model import By, Decision, Event, Item, ItemState, Settled
from services.kit.subject_access.owning import answer_by
from services.kit.subject_access.rules import Rules
from services.kit.subject_access.wire import read_subject, write_clock, write_day, write_decision

# What holds the values of items, or the whole pack, is told as how much it is.
_COUNTED: Final = {
    Kind.COLLECTED: "items",
    Kind.MASKED: "texts",
    Kind.ANSWERED: "pack",
    Kind.LOCATED: "located",
}
_HIDDEN: Final = frozenset({"item", "words", "subject", "reply_to", "representative"})


def summarise(case: Case, rules: Rules, today: date) -> pb2.AccessCaseSummary:
    """A case without its items."""
    clock = read_clock(case.days, rules.time)
    return pb2.AccessCaseSummary(
        case_id=case.case_id,
        state=pb2.AccessCaseState.Value(f"ACCESS_CASE_STATE_{case.state}"),
        received_on=write_day(case.days.received),
        clock=write_clock(clock, today, extended=case.days.extended, answered=case.pack is not None),
    )


def show_case(
    case: Case, settled: Iterable[Settled], rules: Rules, today: date, open_points: Iterable[str]
) -> pb2.AccessCase:
    """A case with its items; what the rules withhold because it is about others shows no value."""
    candidates = (case.located or {}).get("candidates", ())
    return pb2.AccessCase(
        summary=summarise(case, rules, today),
        requester=terms_pb2.AccessRequester.Value(f"ACCESS_REQUESTER_{case.opened['requester']}"),
        called=terms_pb2.AccessCalled.Value(f"ACCESS_CALLED_{case.opened['called']}"),
        subject=read_subject(case.opened),
        items=[_show_settled(each, case.masked.get(each.item.item_id, "")) for each in settled],
        candidates=[ParseDict(each, result_pb2.LocatedCandidate()) for each in candidates],
        open_points=list(open_points),
        history=[_show_event(each) for each in case.events],
    )


def summarise_enquiry(enquiry: StoredEnquiry, today: date) -> pb2.AccessEnquirySummary:
    """An enquiry without its items."""
    last, answered = answer_by(enquiry), enquiry.answered_at is not None
    return pb2.AccessEnquirySummary(
        enquiry_id=enquiry.enquiry_id,
        asker=enquiry.asker,
        exchange_id=enquiry.exchange_id,
        answer_by=write_day(last),
        answered=answered,
        overdue=today > last and not answered,
    )


def show_proposed(item: Item, decision: Decision | None) -> pb2.AccessItem:
    """An item that an owner is asked about, with what is proposed."""
    shown = _show_item(item, item.shown)
    if decision is None:
        shown.state = pb2.ACCESS_ITEM_STATE_UNDECIDED
        return shown
    shown.state = pb2.ACCESS_ITEM_STATE_OWNER_ASKED
    shown.decision.CopyFrom(write_decision(item.path, decision))
    shown.decided_by = By.RULE.value
    return shown


def _show_settled(settled: Settled, masked: str) -> pb2.AccessItem:
    hidden = settled.state is ItemState.WITHHELD and settled.by is By.RULE and not settled.item.is_disclosure
    shown = _show_item(settled.item, "" if hidden else settled.item.shown)
    shown.state = pb2.AccessItemState.Value(f"ACCESS_ITEM_STATE_{settled.state}")
    shown.decided_by = settled.by.value if settled.by is not None else ""
    shown.masked = masked
    if settled.decision is not None:
        shown.decision.CopyFrom(write_decision(settled.item.path, settled.decision))
    return shown


def _show_item(item: Item, value: str) -> pb2.AccessItem:
    return pb2.AccessItem(
        item_id=item.item_id,
        exchange_id=item.exchange_id,
        document_type=item.document_type,
        path=item.path,
        category=item.category,
        label=item.label,
        value=json.dumps(value, ensure_ascii=False),
        owner=item.owner,
        regime=item.regime.value,
    )


def _show_event(event: Event) -> pb2.AccessEvent:
    detail = json.dumps(dict(_details(event)), ensure_ascii=False, sort_keys=True)
    return pb2.AccessEvent(
        event=event.kind,
        at=stamp(event.at),
        person=event.who.name if event.who is not None else "",
        detail=detail,
    )


def _details(event: Event) -> Iterator[tuple[str, Any]]:
    counted = _COUNTED.get(Kind(event.kind), "")
    for name, value in event.detail.items():
        if name == counted:
            yield name, len(value)
        elif name not in _HIDDEN:
            yield name, value
