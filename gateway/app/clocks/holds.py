"""The clocks of holds: a reminder, the next step, and on record that nobody answered."""

from collections.abc import Sequence

from gateway.app.clocks.moving import end_clock
from gateway.app.clocks.rows import ClockRow
from gateway.app.clocks.telling import UNIT
from gateway.app.rows import ExchangeRow, HoldRow, HoldState
from gateway.app.tools import Work
from gateway.core.deadlines.starting import ClockState
from gateway.core.deadlines.steps import hold_steps
from gateway.core.model import Tell

_ANSWERED = {HoldState.GRANTED, HoldState.DECLINED}


async def settle_holds(work: Work, registered: ExchangeRow, known: Sequence[ClockRow]) -> None:
    """Begins a clock for each hold of an exchange that has none yet, and ends those of holds that are closed.

    Args:
        work: the unit of work.
        registered: the exchange.
        known: its clocks.
    """
    holds = await work.unit.holds.of_exchange(registered.exchange_id)
    by_hold = {row.hold_id: row for row in known if row.hold_id is not None}
    open_ones = [hold for hold in holds if hold.state is HoldState.OPEN and hold.hold_id not in by_hold]
    await work.unit.clocks.add([_row(work, registered, hold) for hold in open_ones])
    for hold in holds:
        row = by_hold.get(hold.hold_id)
        if row is not None and hold.state is not HoldState.OPEN:
            await end_clock(work, row, met=hold.state in _ANSWERED)


async def is_closed(work: Work, row: ClockRow) -> bool:
    """Whether a clock is that of a hold that was closed meanwhile; it is ended then."""
    if row.hold_id is None:
        return False
    hold = await work.unit.holds.find(row.hold_id)
    if hold is not None and hold.state is HoldState.OPEN:
        return False
    await work.unit.clocks.end(row.clock_id, _state(hold, row), work.at)
    return True


def _state(hold: HoldRow | None, row: ClockRow) -> ClockState:
    if hold is None or hold.state not in _ANSWERED or row.due_at is None:
        return ClockState.ENDED
    return ClockState.MET if (hold.closed_at or row.due_at) <= row.due_at else ClockState.LATE


def _row(work: Work, registered: ExchangeRow, hold: HoldRow) -> ClockRow:
    told = hold.tell_sender != Tell.NOTHING.value
    known = work.tools.deadlines.waits_for.get(hold.prerequisite)
    role = "" if known is None else known.role
    to = (hold.escalates_to, hold.escalates_to_role) if hold.escalates_to else (UNIT, "MAPPA_COORDINATOR")
    steps = hold_steps(hold.opened_at, hold.escalates_at, role, [to])
    return ClockRow(
        clock_id=work.tools.new_id(),
        limit_id=hold.prerequisite,
        matter=registered.exchange_id,
        document_type=registered.document_type,
        sender=registered.sender,
        organisation=hold.organisation,
        role=role,
        recipient_organisation=hold.recipient_organisation,
        recipient_desk=hold.recipient_desk,
        hold_id=hold.hold_id,
        subject_id=registered.subject_id,
        state=ClockState.RUNNING,
        is_known=bool(hold.organisation),
        is_told=told,
        opened_at=work.at,
        started_at=hold.opened_at,
        due_at=hold.escalates_at,
        steps=steps,
        next_at=steps[0].at,
    )
