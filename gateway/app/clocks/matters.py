"""Clocks of other areas: an agreement's review, a request, a breach. What starts and ends them is a use case.

The limit is an entry of clocks.yaml with `event: CALLED`; the matter is an id that the use case knows.
"""

from dataclasses import dataclass
from datetime import date, datetime

from gateway.app.clocks.moving import end_clock
from gateway.app.clocks.rows import ClockRow
from gateway.app.tools import Work
from gateway.core.deadlines.form import Event, TimeLimit
from gateway.core.deadlines.starting import ClockState, reckon
from gateway.core.deadlines.steps import plan_steps


class UnknownLimitError(Exception):
    """The rulebook in force has no such limit that a use case may start: a fault of program or data."""


@dataclass(frozen=True, slots=True)
class NewClock:
    """A clock to start.

    Attributes:
        limit_id: an entry of clocks.yaml with `event: CALLED`.
        matter: an id by which it is ended: of an exchange, a request, an agreement, a case.
        sender: whose matter it is; sees it, and is `SENDER` for its steps.
        organisation: who owes what is waited for.
        start: the moment, or the day, from which it runs.
        recipient_organisation: `RECIPIENT` for its steps.
        document_type: of the exchange, if the matter is one.
        agreed: the moment that was agreed in place of the limit.
    """

    limit_id: str
    matter: str
    sender: str
    organisation: str
    start: datetime | date
    recipient_organisation: str | None = None
    document_type: str = ""
    agreed: datetime | None = None


async def start_clock(work: Work, new: NewClock) -> str:
    """Starts a clock in the caller's transaction.

    Returns:
        Its id.

    Raises:
        UnknownLimitError: the rulebook has no such limit for a use case.
    """
    row = _row(work, new, _limit(work, new.limit_id))
    await work.unit.clocks.add([row])
    return row.clock_id


async def stop_clocks(work: Work, matter: str, limit_id: str = "", *, met: bool = True) -> None:
    """Ends the clocks about a matter, or those of one limit: it has come, or is not needed."""
    for row in await work.unit.clocks.of_matters([matter]):
        if not limit_id or row.limit_id == limit_id:
            await end_clock(work, row, met=met)


def _limit(work: Work, limit_id: str) -> TimeLimit:
    found = work.tools.deadlines.limits.find(limit_id)
    if found is None or found.limit.starts.event is not Event.CALLED:
        raise UnknownLimitError(limit_id)
    return found.limit


def _row(work: Work, new: NewClock, limit: TimeLimit) -> ClockRow:
    calendar = work.tools.deadlines.calendar
    due = reckon(limit.limit, new.start, new.agreed, calendar)
    started = new.start if isinstance(new.start, datetime) else work.at
    steps = plan_steps(limit, calendar, started, due)
    return ClockRow(
        clock_id=work.tools.new_id(),
        limit_id=limit.id,
        matter=new.matter,
        document_type=new.document_type,
        sender=new.sender,
        organisation=new.organisation,
        role=limit.role,
        recipient_organisation=new.recipient_organisation,
        recipient_desk=None,
        hold_id=None,
        subject_id=None,
        state=ClockState.RUNNING,
        is_known=True,
        is_told=True,
        opened_at=work.at,
        started_at=started,
        due_at=due,
        agreed=new.agreed,
        steps=steps,
        next_at=steps[0].at if steps else None,
    )
