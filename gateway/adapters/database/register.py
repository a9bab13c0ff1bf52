"""The register's listings in the database; answers its ports (gateway.app.register.ports).

A page is a stretch of the key (term, position) of each listing that is asked for. With one condition that is
all there is to read. With several, the condition that thins out quickest leads, and the others are looked up
for each exchange that it gives: so that no filter reads without end, a page looks at no more than `_REACH`
entries, and says how far that was.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Select, Subquery, column, delete, exists, select, values
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.adapters.database.register_tables import REGISTER_LISTING, SAVED_FILTER, TELEPHONE
from gateway.adapters.database.rows import (
    fetch,
    insert_absent_plain,
    insert_plain,
    insert_rows,
    named,
)
from gateway.adapters.database.subject_tables import SUBJECT_MENTION
from gateway.adapters.database.tables import EXCHANGE
from gateway.app.register.rows import Cursor, Found, SavedFilterRow, TelephoneRow, Wanted
from gateway.app.rows import ExchangeRow

_LISTED: Final = REGISTER_LISTING.c
_REACH: Final = 5_000  # entries that are looked at in all
_LEAST_REACH: Final = 50  # in one listing, however many there are
# Processes that write beside each other, and clocks that are put right, may be so far apart.
_SLACK: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class _Bounds:
    """Between which positions is looked, both included."""

    low: int
    high: int

    def hold(self, position: ColumnElement[int]) -> ColumnElement[bool]:
        """The condition on a position."""
        return position.between(self.low, self.high)


@dataclass(frozen=True, slots=True)
class _Listings:
    """A condition that is met by standing in one of several listings."""

    terms: tuple[int, ...]
    checks: tuple[int, ...]

    def lead(self, bounds: _Bounds) -> Select[Any]:
        """The positions of all of them."""
        found = select(_LISTED.position).where(_LISTED.term.in_(self.terms))
        return found.where(bounds.hold(_LISTED.position)).distinct()

    def meets(self) -> ColumnElement[bool]:
        """Whether an exchange stands in one."""
        own = select(_LISTED.term).where(_LISTED.term.in_(self.checks))
        own = own.where(_LISTED.position == EXCHANGE.c.position).limit(1)
        # Asked for each exchange. As EXISTS, PostgreSQL may read whole listings to join them.
        return own.correlate(EXCHANGE).scalar_subquery().is_not(None)


@dataclass(frozen=True, slots=True)
class _Subjects:
    """A condition that is met by naming one of several entries of the subject register."""

    subjects: tuple[str, ...]

    def lead(self, bounds: _Bounds) -> Select[Any]:
        """As `_Listings.lead`: all that was exchanged about one person."""
        same = EXCHANGE.c.exchange_id == SUBJECT_MENTION.c.exchange_id
        found = select(EXCHANGE.c.position).join_from(SUBJECT_MENTION, EXCHANGE, same).distinct()
        return found.where(SUBJECT_MENTION.c.subject_id.in_(self.subjects), bounds.hold(EXCHANGE.c.position))

    def meets(self) -> ColumnElement[bool]:
        """As `_Listings.meets`."""
        mention = SUBJECT_MENTION.c
        return exists().where(
            mention.subject_id.in_(self.subjects), mention.exchange_id == EXCHANGE.c.exchange_id
        )


@dataclass(frozen=True, slots=True)
class _Thread:
    """A condition that is met by belonging to a thread."""

    thread_id: str

    def lead(self, bounds: _Bounds) -> Select[Any]:
        """As `_Listings.lead`."""
        return select(EXCHANGE.c.position).where(self.meets(), bounds.hold(EXCHANGE.c.position))

    def meets(self) -> ColumnElement[bool]:
        """As `_Listings.meets`."""
        return EXCHANGE.c.thread_id == self.thread_id


_Condition = _Listings | _Subjects | _Thread


@dataclass(frozen=True, slots=True)
class ListingTable:
    """See gateway.app.register.ports.Listings."""

    connection: AsyncConnection

    async def add(self, position: int, terms: Collection[int]) -> None:
        """As the port."""
        await insert_plain(self.connection, REGISTER_LISTING, _entries(position, terms))

    async def change(self, position: int, terms: Collection[int], gone: Collection[int]) -> None:
        """As the port."""
        if terms:
            await insert_absent_plain(self.connection, REGISTER_LISTING, _entries(position, terms))
        if gone:
            left = delete(REGISTER_LISTING).where(_LISTED.position == position)
            await self.connection.execute(left.where(_LISTED.term.in_(list(gone))))

    async def rows(self, positions: Collection[int]) -> list[ExchangeRow]:
        """As the port."""
        query = select(EXCHANGE).where(EXCHANGE.c.position.in_(list(positions))).order_by(EXCHANGE.c.position)
        return [ExchangeRow(**named(row)) for row in await fetch(self.connection, query)]

    async def find(self, wanted: Wanted, cursor: Cursor, limit: int) -> Found:
        """As the port."""
        bounds = await self._bounds(wanted, cursor)
        conditions = _conditions(wanted)
        timed = wanted.since is not None or wanted.until is not None
        reach = limit if len(conditions) == 1 and not timed else _reach(conditions)
        lead, end = await self._choose(conditions, cursor, bounds, reach)
        stretch = bounds if end is None else _up_to(bounds, end, older=cursor.older)
        others = [each for each in conditions if each is not lead]
        if not isinstance(lead, _Listings) and wanted.conditions:
            others.append(_Listings(wanted.scope.terms, wanted.scope.checks))
        query = _page(lead.lead(stretch).subquery("led"), others, wanted, older=cursor.older)
        rows = await fetch(self.connection, query.limit(limit))
        found = tuple(row["position"] for row in rows)
        return Found(found, found[-1] if len(found) == limit else end)

    async def _choose(
        self, conditions: Sequence[_Condition], cursor: Cursor, bounds: _Bounds, reach: int
    ) -> tuple[_Condition, int | None]:
        """The condition that reaches furthest with so many entries, and how far; None: to the end."""
        best: tuple[_Condition, int | None] | None = None
        for each in conditions:
            end = await self._end(each, cursor, bounds, reach)
            if end is None:
                return each, None
            if best is None or best[1] is None or (end < best[1]) is cursor.older:
                best = each, end
        if best is None:
            raise AssertionError("a filter without a condition")
        return best

    async def _end(self, condition: _Condition, cursor: Cursor, bounds: _Bounds, reach: int) -> int | None:
        """Where a condition's entries have to end, so that it is no more than so many of each listing."""
        if isinstance(condition, _Listings):
            query = _ends(condition.terms, bounds, reach, older=cursor.older)
        else:
            entries = condition.lead(bounds).subquery()
            order = entries.c.position.desc() if cursor.older else entries.c.position.asc()
            query = select(entries.c.position).order_by(order).limit(1).offset(_REACH - 1)
        ends: list[int] = [
            row["position"] for row in await fetch(self.connection, query) if row["position"] is not None
        ]
        if not ends:
            return None
        return max(ends) if cursor.older else min(ends)

    async def _bounds(self, wanted: Wanted, cursor: Cursor) -> _Bounds:
        low, high = (0, cursor.position - 1) if cursor.older else (cursor.position + 1, (1 << 63) - 1)
        if wanted.since is not None:
            low = max(low, await self._first(wanted.since - _SLACK))
        if wanted.until is not None:
            high = min(high, await self._first(wanted.until + _SLACK))
        return _Bounds(low, high)

    async def _first(self, moment: datetime) -> int:
        """The position of the first decided at a moment or later; if there is none, one that nobody has."""
        query = select(EXCHANGE.c.position).where(EXCHANGE.c.decided_at >= moment)
        query = query.order_by(EXCHANGE.c.decided_at, EXCHANGE.c.position).limit(1)
        rows = await fetch(self.connection, query)
        return rows[0]["position"] if rows else (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class SavedFilterTable:
    """See gateway.app.register.ports.SavedFilters."""

    connection: AsyncConnection

    async def add(self, row: SavedFilterRow) -> None:
        """As the port."""
        await insert_rows(self.connection, SAVED_FILTER, [row])

    async def of_person(self, organisation: str, person: bytes) -> list[SavedFilterRow]:
        """As the port."""
        query = select(SAVED_FILTER).where(_is_own(organisation, person))
        order = SAVED_FILTER.c.saved_at, SAVED_FILTER.c.filter_id
        return [SavedFilterRow(**named(row)) for row in await fetch(self.connection, query.order_by(*order))]

    async def remove(self, organisation: str, person: bytes, filter_id: str) -> bool:
        """As the port."""
        which = delete(SAVED_FILTER).where(_is_own(organisation, person))
        done = await self.connection.execute(which.where(SAVED_FILTER.c.filter_id == filter_id))
        return done.rowcount > 0


@dataclass(frozen=True, slots=True)
class TelephoneTable:
    """See gateway.app.register.ports.Telephoned."""

    connection: AsyncConnection

    async def add(self, row: TelephoneRow) -> None:
        """As the port."""
        await insert_rows(self.connection, TELEPHONE, [row])

    async def of_exchange(self, exchange_id: str) -> list[TelephoneRow]:
        """As the port."""
        query = select(TELEPHONE).where(TELEPHONE.c.exchange_id == exchange_id)
        rows = await fetch(self.connection, query.order_by(TELEPHONE.c.position))
        return [TelephoneRow(**named(row, "position")) for row in rows]


def _is_own(organisation: str, person: bytes) -> ColumnElement[bool]:
    return (SAVED_FILTER.c.organisation == organisation) & (SAVED_FILTER.c.person == person)


def _entries(position: int, terms: Iterable[int]) -> list[dict[str, Any]]:
    return [{"term": each, "position": position} for each in sorted(terms)]


def _conditions(wanted: Wanted) -> list[_Condition]:
    """What is most likely to lead comes first: a thread, or a person, is never long."""
    found: list[_Condition] = []
    if wanted.thread is not None:
        found.append(_Thread(wanted.thread))
    if wanted.subjects is not None:
        found.append(_Subjects(wanted.subjects))
    listings = wanted.conditions or (wanted.scope,)
    return [*found, *(_Listings(each.terms, each.checks) for each in listings)]


def _reach(conditions: Iterable[_Condition]) -> int:
    most = max((len(each.terms) for each in conditions if isinstance(each, _Listings)), default=1)
    return max(_LEAST_REACH, _REACH // most)


def _up_to(bounds: _Bounds, end: int, *, older: bool) -> _Bounds:
    return _Bounds(end, bounds.high) if older else _Bounds(bounds.low, end)


def _ends(terms: Sequence[int], bounds: _Bounds, reach: int, *, older: bool) -> Select[Any]:
    """For each listing, the position at which it has so many entries; null if it has fewer."""
    asked = values(column("term", BigInteger), name="asked").data([(each,) for each in terms]).cte("asked")
    entries = select(_LISTED.position).where(_LISTED.term == asked.c.term, bounds.hold(_LISTED.position))
    order = _LISTED.position.desc() if older else _LISTED.position.asc()
    end = entries.order_by(order).limit(1).offset(reach - 1).correlate(asked).scalar_subquery()
    return select(end.label("position")).select_from(asked)


def _page(led: Subquery, others: Sequence[_Condition], wanted: Wanted, *, older: bool) -> Select[Any]:
    """Of what one condition gives, what meets the others too."""
    query = select(led.c.position).order_by(led.c.position.desc() if older else led.c.position.asc())
    if not others and wanted.since is None and wanted.until is None:
        return query
    query = query.join_from(led, EXCHANGE, EXCHANGE.c.position == led.c.position)
    query = query.where(*(each.meets() for each in others))
    if wanted.since is not None:
        query = query.where(EXCHANGE.c.decided_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(EXCHANGE.c.decided_at < wanted.until)
    return query
