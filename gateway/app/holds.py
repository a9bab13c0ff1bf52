"""Holds: which of a ruling's are new, which stand already, and who is asked to answer them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from google.protobuf.json_format import MessageToJson
from publicprotection.exchange.v1 import outcome_pb2

from gateway.app.arrivals import Exchange
from gateway.app.digests import digest_parts
from gateway.app.envelopes import report
from gateway.app.rows import HoldRow, HoldState
from gateway.app.tools import Work
from gateway.app.views import asked_view
from gateway.app.working_days import escalation_time
from gateway.core.model import HeldItem, Ruling, WithheldItem

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class HoldPlan:
    """A ruling's holds beside those on record.

    Attributes:
        exchange: as sealed.
        ruling: for one recipient.
        waiting: by hold id, with the time of escalation: new holds, and open ones that the ruling still has.
        fresh: ids of the new ones.
        lifted: ids of open holds that the ruling needs no more.
        declined: leaves whose hold was declined before: withheld now.
    """

    exchange: Exchange
    ruling: Ruling
    waiting: Mapping[str, tuple[HeldItem, datetime]]
    fresh: frozenset[str]
    lifted: tuple[str, ...]
    declined: tuple[WithheldItem, ...]


def plan_holds(work: Work, exchange: Exchange, ruling: Ruling, known: Sequence[HoldRow]) -> HoldPlan:
    """Compares the holds of a ruling with those on record for the same recipient.

    A hold is known again by what waits, for what, and for whom. A declined one stays declined.
    """
    by_key = {hold.key: hold for hold in known if hold.state in (HoldState.OPEN, HoldState.DECLINED)}
    waiting: dict[str, tuple[HeldItem, datetime]] = {}
    declined: list[WithheldItem] = []
    fresh: set[str] = set()
    for item in ruling.held:
        hold = by_key.get(_key(item))
        if hold is None:
            hold_id = work.tools.new_id()
            fresh.add(hold_id)
            waiting[hold_id] = (item, escalation_time(work.at, item.escalates_after_working_days))
        elif hold.state is HoldState.OPEN:
            waiting[hold.hold_id] = (item, hold.escalates_at)
        else:
            declined += _as_withheld(exchange, item)
    lifted = [hold.hold_id for hold in known if hold.state is HoldState.OPEN and hold.hold_id not in waiting]
    return HoldPlan(exchange, ruling, waiting, frozenset(fresh), tuple(lifted), tuple(declined))


async def open_holds(work: Work, plan: HoldPlan, leaf: str) -> None:
    """Opens the new holds, asks whoever can answer them, and closes those that are needless now.

    Args:
        work: the unit of work.
        plan: from `plan_holds`.
        leaf: hash of the record that covers them.
    """
    for hold_id in plan.lifted:
        await work.unit.holds.close(hold_id, HoldState.LIFTED, work.at)
    fresh = sorted(plan.fresh)
    await work.unit.holds.add([_row(work, plan, hold_id) for hold_id in fresh])
    for hold_id in fresh:
        await _ask(work, plan, hold_id, leaf)


async def _ask(work: Work, plan: HoldPlan, hold_id: str, leaf: str) -> None:
    (item, escalates_at), exchange = plan.waiting[hold_id], plan.exchange
    if not item.organisation:
        _log.error("hold_without_grantor", hold_id=hold_id, exchange_id=exchange.exchange_id)
        return
    asked = outcome_pb2.Outcome(
        exchange_id=exchange.exchange_id,
        kind=outcome_pb2.OUTCOME_KIND_HOLD_REQUESTED,
        decisions=[asked_view(hold_id, item, escalates_at, plan.ruling)],
        record_hash=leaf,
        document_type=exchange.document_type,
        sender=exchange.sender,
    )
    await report(work, item.organisation, asked)


def _row(work: Work, plan: HoldPlan, hold_id: str) -> HoldRow:
    item, escalates_at = plan.waiting[hold_id]
    held = asked_view(hold_id, item, escalates_at, plan.ruling).held[0]
    held.paths.extend(sorted(item.paths))
    return HoldRow(
        hold_id=hold_id,
        exchange_id=plan.exchange.exchange_id,
        recipient_organisation=plan.ruling.recipient.organisation,
        recipient_desk=plan.ruling.recipient.desk,
        organisation=item.organisation,
        prerequisite=item.prerequisite,
        body=MessageToJson(held, preserving_proto_field_name=True, indent=None),
        key=_key(item),
        state=HoldState.OPEN,
        opened_at=work.at,
        escalates_at=escalates_at,
    )


def _key(item: HeldItem) -> str:
    return digest_parts(item.prerequisite, item.organisation, item.role, *sorted(item.paths))


def _as_withheld(exchange: Exchange, item: HeldItem) -> list[WithheldItem]:
    return [
        WithheldItem(path, exchange.category(path), item.rule, item.tell_sender, item.tell_recipient)
        for path in item.paths
    ]
