"""Queries over the clocks: those in which something is waited for are found however many have ended."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, case, func, or_, select

from gateway.adapters.database.clock_tables import CLOCK
from gateway.app.clocks.rows import LIVE, ClockFilter, ClockOrder, ClockSight
from gateway.app.keyset import Place
from gateway.core.deadlines.starting import ClockState

# Written out, since only so SQLite knows that the partial indexes fit: of a parameter it proves nothing.
_NOT_ENDED: Final = CLOCK.c.ended_at.is_(None)
_RUNS: Final = CLOCK.c.state == ClockState.RUNNING.value
_ORDERS: Final = {
    ClockOrder.AGE: (CLOCK.c.position,),
    ClockOrder.DUE: (CLOCK.c.due_at, CLOCK.c.position),
    ClockOrder.NEWEST: (CLOCK.c.position.desc(),),
}


def page_query(wanted: ClockFilter) -> Select[Any]:
    """Clocks in the order asked for, from the place asked for on."""
    conditions = (*_sees(wanted.sight), *_conditions(wanted), *_from(wanted.order, wanted.after))
    return select(CLOCK).where(*conditions).order_by(*_ORDERS[wanted.order])


def tally_query(sight: ClockSight, due_before: datetime) -> Select[Any]:
    """How many run or are overdue, by who owes it and limit."""
    counts = {
        "running": _RUNS,
        "due_soon": _RUNS & (CLOCK.c.due_at < due_before),
        "overdue": CLOCK.c.state == ClockState.OVERDUE.value,
        "escalated": CLOCK.c.escalated.is_(True),
    }
    numbers = [func.sum(case((each, 1), else_=0)).label(name) for name, each in counts.items()]
    started = CLOCK.c.state.in_([ClockState.RUNNING.value, ClockState.OVERDUE.value])
    query = select(CLOCK.c.organisation, CLOCK.c.limit_id, *numbers).where(_NOT_ENDED, started, *_sees(sight))
    return query.group_by(CLOCK.c.organisation, CLOCK.c.limit_id)


def _sees(sight: ClockSight) -> Iterator[ColumnElement[bool]]:
    if sight.parties is not None:
        names = sorted(sight.parties)
        owes = CLOCK.c.organisation.in_(names) & CLOCK.c.is_known.is_(True)
        yield or_(owes, CLOCK.c.sender.in_(names) & CLOCK.c.is_told.is_(True))
    if sight.all_of is not None:
        names = sorted(sight.all_of)
        yield or_(CLOCK.c.organisation.in_(names), CLOCK.c.sender.in_(names))


def _conditions(wanted: ClockFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.organisation:
        yield or_(CLOCK.c.organisation == wanted.organisation, CLOCK.c.sender == wanted.organisation)
    if wanted.states:
        yield CLOCK.c.state.in_(sorted(state.value for state in wanted.states))
    if wanted.states and wanted.states <= set(LIVE):
        yield _NOT_ENDED
    if wanted.limit_ids:
        yield CLOCK.c.limit_id.in_(sorted(wanted.limit_ids))
    if wanted.escalated:
        yield CLOCK.c.escalated.is_(True)
    yield from _between(wanted.due_from, wanted.due_before)
    equal = {
        CLOCK.c.organisation: wanted.responsible,
        CLOCK.c.matter: wanted.matter,
        CLOCK.c.subject_id: wanted.subject_id,
        CLOCK.c.clock_id: wanted.clock_id,
    }
    yield from (column == value for column, value in equal.items() if value)


def _between(due_from: datetime | None, due_before: datetime | None) -> Iterator[ColumnElement[bool]]:
    if due_from is not None:
        yield CLOCK.c.due_at >= due_from
    if due_before is not None:
        yield CLOCK.c.due_at < due_before


def _from(order: ClockOrder, after: Place) -> Iterator[ColumnElement[bool]]:
    if order is ClockOrder.DUE:
        yield CLOCK.c.due_at.is_not(None)
    if order is ClockOrder.DUE and after.at is not None:
        # The first of the two is what the index is read from.
        yield CLOCK.c.due_at >= after.at
        yield or_(CLOCK.c.due_at > after.at, CLOCK.c.position > after.position)
    elif order is ClockOrder.AGE:
        yield CLOCK.c.position > after.position
    elif order is ClockOrder.NEWEST and after.position:
        yield CLOCK.c.position < after.position
