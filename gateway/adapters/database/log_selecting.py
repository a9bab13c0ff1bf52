"""Statements that select records of the log: each walks one index, in the order of the page."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Select, exists, func, or_, select

from gateway.adapters.database.log_tables import LOG_LISTING, LOG_RECORD
from gateway.app.log_rows import LogFilter
from gateway.app.rows import RecordRow

_RECORD: Final = LOG_RECORD.c
_LISTED: Final = LOG_LISTING.c


@dataclass(frozen=True, slots=True)
class Bounds:
    """Between which positions records of a period can stand: from the first on, before the second."""

    first: int = 0
    end: int | None = None


def statements(
    wanted: LogFilter, start: RecordRow | None, bounds: Bounds, limit: int
) -> Iterator[Select[Any]]:
    """What selects a page, one statement for each type where types alone narrow it: merge what they find.

    Args:
        wanted: the records.
        start: the one next to which the page begins; None if nobody knows it, or at the log's end.
        bounds: of its period, where it is walked by position.
        limit: at most.
    """
    parts = [replace(wanted, types=(each,)) for each in wanted.types] if wanted.by_type else [wanted]
    for part in parts:
        query = _begin(_narrow(_listed(part), part), part, start)
        yield _order(_bound(query, part, bounds), part).limit(limit)


def merge(pages: list[list[RecordRow]], wanted: LogFilter, limit: int) -> list[RecordRow]:
    """One page of what several statements found."""
    if len(pages) == 1:
        return pages[0]
    rows = (row for page in pages for row in page)
    return sorted(rows, key=lambda row: row.position, reverse=wanted.newest)[:limit]


def _order(query: Select[Any], wanted: LogFilter) -> Select[Any]:
    columns: tuple[Any, ...] = (_position(wanted),)
    if wanted.by_index:
        columns = (_RECORD.leaf_index,)
    elif wanted.by_time:
        columns = (_RECORD.at, _RECORD.position)
    return query.order_by(*(each.desc() if wanted.newest else each for each in columns))


def _begin(query: Select[Any], wanted: LogFilter, start: RecordRow | None) -> Select[Any]:
    """What follows the record next to which the page begins, in its order."""
    index = wanted.before_index if wanted.newest else wanted.after_index
    if index is None:
        return query
    if start is None or wanted.by_index:
        beyond = _RECORD.leaf_index < index if wanted.newest else _RECORD.leaf_index > index
        return query.where(beyond)
    if wanted.by_time and wanted.newest:
        earlier = or_(_RECORD.at < start.at, _RECORD.position < start.position)
        return query.where(_RECORD.at <= start.at, earlier)
    if wanted.by_time:
        later = or_(_RECORD.at > start.at, _RECORD.position > start.position)
        return query.where(_RECORD.at >= start.at, later)
    position = _position(wanted)
    return query.where(position < start.position if wanted.newest else position > start.position)


def _bound(query: Select[Any], wanted: LogFilter, bounds: Bounds) -> Select[Any]:
    if bounds.first:
        query = query.where(_position(wanted) >= bounds.first)
    return query if bounds.end is None else query.where(_position(wanted) < bounds.end)


def _position(wanted: LogFilter) -> Any:
    return _LISTED.position if wanted.by_listing else _RECORD.position


def _listed(wanted: LogFilter) -> Select[Any]:
    """The records that are listed under what is wanted, in the order of the listing where it is one thing."""
    query = select(LOG_RECORD).where(_RECORD.leaf_index.is_not(None))
    if wanted.by_listing:
        joined = query.join(LOG_LISTING, _LISTED.position == _RECORD.position)
        query = joined.where(_LISTED.listed_under == wanted.listed[0][0])
    for keys in wanted.listed[1:] if wanted.by_listing else wanted.listed:
        query = query.where(_is_listed(keys))
    return query


def _is_listed(keys: tuple[bytes, ...]) -> Any:
    other = LOG_LISTING.alias()
    if len(keys) > 1:
        return _RECORD.position.in_(select(other.c.position).where(other.c.listed_under.in_(keys)))
    return exists().where(other.c.listed_under == keys[0], other.c.position == _RECORD.position)


def _narrow(query: Select[Any], wanted: LogFilter) -> Select[Any]:
    if wanted.after_position:
        query = query.where(_RECORD.position > wanted.after_position)
    if wanted.exchange_id is not None:
        query = query.where(_RECORD.exchange_id == wanted.exchange_id)
    # Of types, no index of times is to be walked: their own begins and ends where the period does.
    at = func.coalesce(_RECORD.at, _RECORD.at) if wanted.by_type else _RECORD.at
    if wanted.since is not None:
        query = query.where(at >= wanted.since)
    if wanted.until is not None:
        query = query.where(at < wanted.until)
    if wanted.types:
        query = query.where(_RECORD.type.in_(wanted.types))
    return query.where(_RECORD.leaf_index < wanted.below) if wanted.below is not None else query
