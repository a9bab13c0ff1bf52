"""Cases and enquiries as the contract shows them."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from google.protobuf.json_format import ParseDict
from publicprotection.exchange.v1 import subject_access_case_pb2 as case_pb2
from publicprotection.exchange.v1 import subject_access_result_pb2 as result_pb2
from publicprotection.exchange.v1 import subject_access_review_pb2 as review
from publicprotection.exchange.v1 import subject_access_service_pb2 as pb2
from publicprotection.exchange.v1 import subject_access_terms_pb2 as terms_pb2

from services.kit.exchange.participant import stamp
from services.kit.store.access import StoredEnquiry
from services.kit.subject_access.cases import Case, Kind
from services.kit.subject_access.item_views import count, show_asked, show_item, show_sources
from services.kit.subject_access.model import Event, Settled
from services.kit.subject_access.owning import answer_by, read_enquiry
from services.kit.subject_access.pack import Law
from services.kit.subject_access.wire import read_subject, write_clock, write_day

# What holds the values of items, or the whole pack, is told as how much it is.
_COUNTED: Final = {
    Kind.COLLECTED: "items",
    Kind.MASKED: "texts",
    Kind.ANSWERED: "pack",
    Kind.LOCATED: "located",
}
_HIDDEN: Final = frozenset({"item", "words", "subject", "reply_to", "representative", "spans"})


@dataclass(frozen=True, slots=True)
class Standing:
    """A case as it stands on a day: its items settled, and what is open."""

    case: Case
    settled: Sequence[Settled]
    open_points: Sequence[str]
    law: Law
    today: date


def summarise(standing: Standing) -> case_pb2.AccessCaseSummary:
    """A case without its items."""
    case, time = standing.case, standing.law.rules.time
    return case_pb2.AccessCaseSummary(
        case_id=case.case_id,
        state=case_pb2.AccessCaseState.Value(f"ACCESS_CASE_STATE_{case.state}"),
        received_on=write_day(case.days.received),
        clock=write_clock(case.days, time, standing.today, issued=case.issued_on is not None),
        requester=terms_pb2.AccessRequester.Value(f"ACCESS_REQUESTER_{case.opened['requester']}"),
        called=terms_pb2.AccessCalled.Value(f"ACCESS_CALLED_{case.opened['called']}"),
        open_points=standing.open_points,
        counts=count(case, standing.settled),
        located=case.located is not None,
        collected=case.collected,
    )


def show_case(standing: Standing, *, items: bool) -> case_pb2.AccessCase:
    """A case, with its items or without; what is about others shows no value."""
    case, summary = standing.case, summarise(standing)
    candidates = (case.located or {}).get("candidates", ())
    located = None if case.located is None else ParseDict(dict(case.located), result_pb2.SubjectLocated())
    shown = standing.settled if items else ()
    return case_pb2.AccessCase(
        summary=summary,
        requester=summary.requester,
        called=summary.called,
        subject=read_subject(case.opened),
        items=[show_item(case, each, standing.law, standing.today) for each in shown],
        candidates=[ParseDict(each, result_pb2.LocatedCandidate()) for each in candidates],
        open_points=standing.open_points,
        history=[_show_event(each) for each in case.events],
        letter=_show_letter(case),
        located=located,
        asked=[show_asked(each, standing.today) for each in case.asked.values()],
        sources=list(show_sources(case, standing.settled)),
    )


def summarise_enquiry(enquiry: StoredEnquiry, today: date) -> pb2.AccessEnquirySummary:
    """An enquiry without its items."""
    last, answered = answer_by(enquiry), enquiry.answered_at is not None
    asked = read_enquiry(enquiry)
    return pb2.AccessEnquirySummary(
        enquiry_id=enquiry.enquiry_id,
        asker=enquiry.asker,
        exchange_id=enquiry.exchange_id,
        answer_by=write_day(last),
        answered=answered,
        overdue=today > last and not answered,
        items=len(asked.items),
        days_left=(last - today).days,
        regime=asked.regime,
    )


def _show_letter(case: Case) -> review.AccessLetter:
    opened = case.opened
    evidence = (f"IDENTITY_EVIDENCE_{each}" for each in case.evidence)
    return review.AccessLetter(
        words=opened["words"],
        representative=opened.get("representative", ""),
        reply_to=opened["reply_to"],
        handling=opened.get("handling", ""),
        evidence=[terms_pb2.IdentityEvidence.Value(each) for each in evidence],
        prepared_by=case.prepared_by.name if case.prepared_by is not None else "",
        issued_on=None if case.issued_on is None else write_day(case.issued_on),
        means=review.AccessMeans.Value(f"ACCESS_MEANS_{case.means or 'UNSPECIFIED'}"),
    )


def _show_event(event: Event) -> case_pb2.AccessEvent:
    detail = json.dumps(dict(_details(event)), ensure_ascii=False, sort_keys=True)
    return case_pb2.AccessEvent(
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
