"""What becomes of one clock: it starts to run, takes its steps, ends; each in the caller's transaction."""

from dataclasses import replace
from datetime import datetime

from gateway.app.clocks.rows import ClockRow
from gateway.app.clocks.telling import take_step, tell_ended
from gateway.app.figures.noting import note_steps
from gateway.app.tools import Work
from gateway.core.deadlines.form import TimeLimit
from gateway.core.deadlines.starting import ClockState, reckon
from gateway.core.deadlines.steps import StepKind, due_steps, plan_steps


async def start_running(work: Work, row: ClockRow, limit: TimeLimit, at: datetime) -> ClockRow:
    """Starts a clock that waited for what it runs from.

    Args:
        work: the unit of work.
        row: waiting.
        limit: its time limit.
        at: from when it runs.
    """
    calendar = work.tools.deadlines.calendar
    due = reckon(limit.limit, at, row.agreed, calendar)
    steps = plan_steps(limit, calendar, at, due)
    running = replace(
        row,
        state=ClockState.RUNNING,
        started_at=at,
        due_at=due,
        steps=steps,
        next_at=steps[0].at if steps else None,
    )
    await work.unit.clocks.start(running)
    return running


async def fire(work: Work, row: ClockRow) -> ClockRow:
    """Takes the steps that are due; each is taken once, whoever else looks at the clock at the same time.

    Returns:
        The clock as it stands then; as it was, if nothing was due or somebody else took it.
    """
    steps, position = due_steps(row.steps, row.step, work.at)
    if position == row.step:
        return row
    taken = replace(
        row,
        step=position,
        next_at=row.steps[position].at if position < len(row.steps) else None,
        state=_passed(row, work.at),
        escalated=row.escalated or any(step.kind is StepKind.ESCALATION for step in steps),
    )
    if taken.state is ClockState.ENDED:
        taken = replace(taken, ended_at=work.at)
    if not await work.unit.clocks.advance(row, taken):
        return row
    note_steps(work, row, row.steps[row.step : position])
    for step in steps:
        await take_step(work, taken, step)
    return taken


async def end_clock(work: Work, row: ClockRow, *, met: bool) -> None:
    """Ends a clock: what it waits for has come, or is needed no more. What was due before is told first."""
    if not row.is_live:
        return
    row = await fire(work, row)
    if not row.is_live:
        return
    late = row.due_at is not None and work.at > row.due_at
    came = ClockState.LATE if late else ClockState.MET
    ended = replace(row, state=came if met else ClockState.ENDED, ended_at=work.at, next_at=None)
    await work.unit.clocks.end(row.clock_id, ended.state, work.at)
    await tell_ended(work, ended)


def _passed(row: ClockRow, at: datetime) -> ClockState:
    """The state once a limit has passed: overdue, or ended where not keeping it is no breach."""
    if row.state is not ClockState.RUNNING or row.due_at is None or at < row.due_at:
        return row.state
    if any(step.kind is StepKind.OVERDUE for step in row.steps):
        return ClockState.OVERDUE if at > row.due_at else row.state
    return ClockState.ENDED if all(step.at <= at for step in row.steps) else row.state
