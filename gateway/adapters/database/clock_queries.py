"""Queries over the clocks: those in which something is waited for are found however many have ended."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, case, func, or_, select

from gateway.adapters.database.clock_tables import CLOCK
from gateway.app.clocks.rows import LIVE, ClockCounting, ClockFilter, ClockOrder, ClockSight
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


def tally_query(counting: ClockCounting) -> Select[Any]:
    """How many run or are overdue, by who owes it and limit."""
    numbers = _sums(
        running=_RUNS,
        due_soon=_RUNS & (CLOCK.c.due_at < counting.due_before),
        overdue=_is_in(ClockState.OVERDUE),
        escalated=CLOCK.c.escalated.is_(True),
    )
    started = CLOCK.c.state.in_([ClockState.RUNNING.value, ClockState.OVERDUE.value])
    return _count(counting, numbers, _NOT_ENDED, started)


def ended_query(counting: ClockCounting, since: datetime) -> Select[Any]:
    """How many have ended since, in time or late, by who owed it and limit."""
    numbers = _sums(met=_is_in(ClockState.MET), late=_is_in(ClockState.LATE))
    return _count(counting, numbers, CLOCK.c.ended_at >= since)


def _count(
    counting: ClockCounting, numbers: list[ColumnElement[int]], *conditions: ColumnElement[bool]
) -> Select[Any]:
    whose = (CLOCK.c.organisation, CLOCK.c.limit_id)
    query = select(*whose, *numbers).where(*conditions, *_sees(counting.sight))
    if counting.limit_ids:
        query = query.where(CLOCK.c.limit_id.in_(sorted(counting.limit_ids)))
    return query.group_by(*whose)


def _sums(**counted: ColumnElement[bool]) -> list[ColumnElement[int]]:
    return [func.sum(case((each, 1), else_=0)).label(name) for name, each in counted.items()]


def _is_in(state: ClockState) -> ColumnElement[bool]:
    return CLOCK.c.state == state.value


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
