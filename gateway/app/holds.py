"""Opening holds: whoever can answer is asked, and is told where one has become needless."""

from datetime import datetime

import structlog
from google.protobuf.json_format import MessageToJson
from publicprotection.exchange.v1 import decision_pb2, outcome_pb2

from gateway.app.envelopes import report
from gateway.app.figures.noting import note_opened
from gateway.app.hold_ending import end_hold
from gateway.app.hold_plans import HoldPlan, key_of
from gateway.app.rows import HoldRow, HoldState
from gateway.app.tools import Work
from gateway.app.views import asked_view
from gateway.app.working_days import escalation_time
from gateway.core.model import HeldItem
from gateway.core.prerequisites import requirement_of

_log = structlog.get_logger(__name__)


async def open_holds(work: Work, plan: HoldPlan, leaf: str) -> None:
    """Opens the new holds, asks whoever can answer them, and closes those that are needless now.

    Args:
        work: the unit of work.
        plan: from `plan_holds`.
        leaf: hash of the record that covers them.
    """
    for hold in plan.lifted:
        await end_hold(work, hold, HoldState.LIFTED)
    fresh = sorted(plan.fresh)
    rows = [_row(work, plan, hold_id) for hold_id in fresh]
    await work.unit.holds.add(rows)
    note_opened(work, plan.exchange, rows)
    for hold_id in fresh:
        await _ask(work, plan, hold_id, leaf)


async def _ask(work: Work, plan: HoldPlan, hold_id: str, leaf: str) -> None:
    (item, _), exchange = plan.waiting[hold_id], plan.exchange
    if not item.organisation:
        _log.error("hold_without_grantor", hold_id=hold_id, exchange_id=exchange.exchange_id)
        return
    asked = outcome_pb2.Outcome(
        exchange_id=exchange.exchange_id,
        kind=outcome_pb2.OUTCOME_KIND_HOLD_REQUESTED,
        decisions=[_asked(work, plan, hold_id)],
        record_hash=leaf,
        document_type=exchange.document_type,
        sender=exchange.sender,
    )
    await report(work, item.organisation, asked)


def _row(work: Work, plan: HoldPlan, hold_id: str) -> HoldRow:
    item, escalates_at = plan.waiting[hold_id]
    held = _asked(work, plan, hold_id).held[0]
    held.paths.extend(sorted(item.paths))
    return HoldRow(
        hold_id=hold_id,
        exchange_id=plan.exchange.exchange_id,
        recipient_organisation=plan.ruling.recipient.organisation,
        recipient_desk=plan.ruling.recipient.desk,
        organisation=item.organisation,
        prerequisite=item.prerequisite,
        body=MessageToJson(held, preserving_proto_field_name=True, indent=None),
        key=key_of(item),
        state=HoldState.OPEN,
        opened_at=work.at,
        escalates_at=escalates_at,
        asked_as=item.asked_as,
        tell_sender=item.tell_sender.value,
        escalates_to=item.escalates_to,
        escalates_to_role=item.escalates_to_role,
        expires_at=_expiry(work, item),
        sender=plan.exchange.sender,
        document_type=plan.exchange.document_type,
    )


def _asked(work: Work, plan: HoldPlan, hold_id: str) -> decision_pb2.Decision:
    """The hold as whoever is asked sees it: with what an answer must be, and how long it waits."""
    item, escalates_at = plan.waiting[hold_id]
    decision = asked_view(hold_id, item, escalates_at, plan.ruling)
    [held] = decision.held
    held.escalates_to, held.escalates_to_role = item.escalates_to, item.escalates_to_role
    if (expires_at := _expiry(work, item)) is not None:
        held.expires_at.FromDatetime(expires_at)
    requirement = requirement_of(work.tools.prerequisites[item.prerequisite], item.asked_as)
    if requirement is not None:
        held.requirement.CopyFrom(requirement)
    return decision


def _expiry(work: Work, item: HeldItem) -> datetime | None:
    days = item.expires_after_working_days
    return None if days is None else escalation_time(work.at, days)
