"""A request in the contract's form."""

from datetime import date, datetime

from google.protobuf.json_format import ParseDict
from publicprotection.common.v1.person_pb2 import PersonIdentity
from publicprotection.documents.v1.minutes_request_pb2 import MinutesAnswer, MinutesExemption
from publicprotection.exchange.v1 import minutes_request_service_pb2 as pb2

from services.kit.calendar import local_day
from services.kit.exchange.participant import stamp
from services.kit.minutes.cases import Case, LeftOut
from services.kit.minutes.drafting import Drafting
from services.kit.minutes.obstacles import to_answer
from services.kit.minutes.rules import Kind, Rules
from services.kit.subject_access.wire import write_day


def summarise(case: Case, now: datetime) -> pb2.MinutesCaseSummary:
    """A request without its content; its time is compared with now."""
    due, answered = case.due_at, case.answered_at
    return pb2.MinutesCaseSummary(
        case_id=case.case_id,
        state=pb2.MinutesCaseState.Value(f"MINUTES_CASE_STATE_{case.state}"),
        kind=case.opened["kind"],
        route=case.route,
        received_on=write_day(date.fromisoformat(case.opened["received_on"])),
        due_at=stamp(due),
        due_paragraph=case.settled["paragraph"],
        remind_at=stamp(datetime.fromisoformat(case.settled["remind_at"])),
        overdue=answered is None and now > due,
        late=answered is not None and answered > due,
    )


def show_case(
    case: Case, drafting: Drafting, rules: Rules, now: datetime, exchange_ids: list[str]
) -> pb2.MinutesCase:
    """A request with its draft, its claims and its history."""
    today = local_day(now)
    unweighed = {each.claim_id for each in case.unweighed()}
    shown = pb2.MinutesCase(
        summary=summarise(case, now),
        requester_name=case.opened["requester_name"],
        words=case.opened["words"],
        subject=ParseDict(case.opened["subject"], PersonIdentity()),
        exemptions=[_item(each) for each in case.left_out],
        claims=[
            pb2.ContributorClaim(
                claim_id=each.claim_id,
                organisation=each.organisation,
                exemption=_item(each.item),
                weighed=each.claim_id not in unweighed,
            )
            for each in case.claims.values()
        ],
        unheard=case.unheard(today),
        open_points=_points(case, rules, today),
        bear_in_mind=[*rules.bear_in_mind, rules.threshold],
        exchange_ids=exchange_ids,
        history=[
            pb2.MinutesEvent(
                event=each.kind,
                at=stamp(each.at),
                person="" if each.who is None else each.who.name,
                role="" if each.who is None else each.who.role,
            )
            for each in case.events
        ],
    )
    if case.draft is not None:
        shown.draft.CopyFrom(drafting.write(case))
    if case.prepared is not None:
        shown.answer = MinutesAnswer.Value(f"MINUTES_ANSWER_{case.prepared['answer']}")
    return shown


def show_kind(kind: Kind, rules: Rules) -> pb2.RequesterKind:
    """Who may ask, and what is done then."""
    route = rules.route(kind.route)
    return pb2.RequesterKind(
        kind=kind.id, title=kind.title, route=route.id, advice=route.advice, paragraph=kind.paragraph
    )


def _points(case: Case, rules: Rules, today: date) -> list[str]:
    """What stands in the way of the first answer that may be given."""
    gives = rules.route(case.route).gives
    return list(to_answer(case, gives[0], "-", rules, today)) if gives else ["WANTED_UNCLEAR"]


def _item(item: LeftOut) -> pb2.SummaryExemption:
    return pb2.SummaryExemption(
        field=item.field,
        passage=item.passage,
        exemption=MinutesExemption.Value(f"MINUTES_EXEMPTION_{item.exemption}"),
        reason=item.reason,
        may_very_well_prejudice=item.threshold,
    )
