"""A request in the contract's form."""

from datetime import date, datetime

from google.protobuf.json_format import ParseDict
from publicprotection.common.v1.person_pb2 import PersonIdentity
from publicprotection.documents.v1.minutes_request_pb2 import (
    MinutesAnswer,
    MinutesExemption,
    MinutesWanted,
    RequestChannel,
)
from publicprotection.exchange.v1 import minutes_case_pb2 as case_pb2

from services.kit.calendar import local_day
from services.kit.exchange.participant import stamp
from services.kit.minutes.cases import Case, LeftOut, State
from services.kit.minutes.drafting import Drafting
from services.kit.minutes.obstacles import needs_approval, to_answer, to_approval
from services.kit.minutes.rules import Kind, Rules
from services.kit.subject_access.model import Who
from services.kit.subject_access.wire import write_day


def summarise(case: Case, now: datetime) -> case_pb2.MinutesCaseSummary:
    """A request without its content; its time is compared with now."""
    due, answered = case.due_at, case.answered_at
    return case_pb2.MinutesCaseSummary(
        case_id=case.case_id,
        state=case_pb2.MinutesCaseState.Value(f"MINUTES_CASE_STATE_{case.state}"),
        kind=case.opened["kind"],
        route=case.route,
        received_on=write_day(date.fromisoformat(case.opened["received_on"])),
        due_at=stamp(due),
        due_paragraph=case.settled["paragraph"],
        remind_at=stamp(datetime.fromisoformat(case.settled["remind_at"])),
        overdue=answered is None and now > due,
        late=answered is not None and answered > due,
        wanted=MinutesWanted.Value(f"MINUTES_WANTED_{case.settled['wanted'] or 'UNSPECIFIED'}"),
    )


def show_case(  # noqa: PLR0913, PLR0917  # what a request is shown by
    case: Case, drafting: Drafting, rules: Rules, now: datetime, exchange_ids: list[str], reader: Who
) -> case_pb2.MinutesCase:
    """A request with its draft, its claims and its history, as far as it goes for whoever reads it."""
    today = local_day(now)
    unweighed = {each.claim_id for each in case.unweighed()}
    shown = case_pb2.MinutesCase(
        summary=summarise(case, now),
        requester_name=case.opened["requester_name"],
        words=case.opened["words"],
        subject=ParseDict(case.opened["subject"], PersonIdentity()),
        exemptions=[_item(each) for each in case.left_out],
        claims=[
            case_pb2.ContributorClaim(
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
            case_pb2.MinutesEvent(
                event=each.kind,
                at=stamp(each.at),
                person="" if each.who is None else each.who.name,
                role="" if each.who is None else each.who.role,
            )
            for each in case.events
        ],
    )
    _show_work(shown, case, rules, reader)
    if case.draft is not None:
        shown.draft.CopyFrom(drafting.write(case))
    if case.prepared is not None:
        shown.answer = MinutesAnswer.Value(f"MINUTES_ANSWER_{case.prepared['answer']}")
    return shown


def _show_work(shown: case_pb2.MinutesCase, case: Case, rules: Rules, reader: Who) -> None:
    """What is to be done, and what was done so far."""
    route, prepared = rules.route(case.route), case.prepared or {}
    shown.answers_open.extend(MinutesAnswer.Value(f"MINUTES_ANSWER_{each}") for each in route.gives)
    shown.advice, shown.paragraph = route.advice, route.paragraph.partition(";")[0]
    shown.needs_approval = needs_approval(case, rules)
    if case.state is State.PREPARED and shown.needs_approval:
        shown.approval_obstacle = to_approval(case, reader, rules) or ""
    if case.opened["requester"] is not None:
        ParseDict(case.opened["requester"], shown.requester)
    shown.reply_to.extend(case.opened["reply_to"])
    shown.channel = RequestChannel.Value(f"REQUEST_CHANNEL_{case.opened['channel']}")
    for name, noted in case.grounds.items():
        ground = case_pb2.MinutesGround.Value(f"MINUTES_GROUND_{name}")
        shown.grounds.add(ground=ground, reference=noted["reference"], terms=noted["terms"])
    for organisation, heard in sorted(case.contributors.items()):
        shown.contributors.add(organisation=organisation, heard=heard)
    if case.comments_by is not None:
        shown.comments_by.CopyFrom(write_day(case.comments_by))
    shown.reasons, shown.safety_concerns = prepared.get("reasons", ""), prepared.get("safety_concerns", "")
    shown.has_letter = bool(case.letter)


def show_kind(kind: Kind, rules: Rules) -> case_pb2.RequesterKind:
    """Who may ask, and what is done then."""
    route = rules.route(kind.route)
    return case_pb2.RequesterKind(
        kind=kind.id, title=kind.title, route=route.id, advice=route.advice, paragraph=kind.paragraph
    )


def _points(case: Case, rules: Rules, today: date) -> list[str]:
    """What stands in the way of the first answer that may be given."""
    gives = rules.route(case.route).gives
    return list(to_answer(case, gives[0], "-", rules, today)) if gives else ["WANTED_UNCLEAR"]


def _item(item: LeftOut) -> case_pb2.SummaryExemption:
    return case_pb2.SummaryExemption(
        field=item.field,
        passage=item.passage,
        exemption=MinutesExemption.Value(f"MINUTES_EXEMPTION_{item.exemption}"),
        reason=item.reason,
        may_very_well_prejudice=item.threshold,
    )
