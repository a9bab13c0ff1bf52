"""The records of the log in the database: appended, listed, found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, bindparam, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.adapters.database.deferring import DeferringConnection
from gateway.adapters.database.log_selecting import Bounds, merge, statements
from gateway.adapters.database.log_tables import LOG_LISTING, LOG_RECORD
from gateway.adapters.database.rows import columns_of, fetch, fetch_one, insert_into, named
from gateway.app.log_rows import LogFilter, LogSpan
from gateway.app.rows import RecordRow
from services.kit.evidence.quorum import WITNESSED_WITHIN

_RECORD: Final = LOG_RECORD.c
_LISTED: Final = LOG_LISTING.c
_BY_HASH = select(LOG_RECORD).where(_RECORD.record_hash == bindparam("key"))
_BY_INDEX = select(LOG_RECORD).where(_RECORD.leaf_index == bindparam("key"))
_RANGE = (
    select(LOG_RECORD)
    .where(_RECORD.leaf_index >= bindparam("first"), _RECORD.leaf_index < bindparam("end"))
    .order_by(_RECORD.leaf_index)
)
_SPAN = select(func.min(_RECORD.leaf_index), func.max(_RECORD.leaf_index)).where(
    _RECORD.at >= bindparam("since"), _RECORD.at < bindparam("until"), _RECORD.leaf_index.is_not(None)
)
_EARLIEST = (
    select(_RECORD.position, _RECORD.at)
    .where(_RECORD.at >= bindparam("since"))
    .order_by(_RECORD.at, _RECORD.position)
    .limit(1)
)
_NEAREST_BEFORE = (
    select(_RECORD.leaf_index)
    .where(_RECORD.leaf_index < bindparam("index"), _RECORD.at < bindparam("moment"))
    .order_by(_RECORD.leaf_index.desc())
    .limit(1)
)
_NEAREST_AFTER = (
    select(_RECORD.leaf_index)
    .where(_RECORD.leaf_index > bindparam("index"), _RECORD.at >= bindparam("moment"))
    .order_by(_RECORD.leaf_index)
    .limit(1)
)
_UNLIST = delete(LOG_LISTING).where(_LISTED.listed_under == bindparam("key"))


@dataclass(slots=True)
class LogTable:
    """See gateway.app.log_ports.Log.

    Attributes:
        queued: whether anything was appended.
    """

    connection: AsyncConnection
    queued: bool = False

    async def append(self, row: RecordRow, listed_under: Sequence[bytes] = ()) -> None:
        """As the port."""
        self.queued = True
        if isinstance(self.connection, DeferringConnection) and self.connection.puts_off(LOG_RECORD):
            self.connection.put_off_record(columns_of(row, "position"), listed_under)
            return
        added = await self.connection.execute(insert_into(LOG_RECORD), columns_of(row, "position"))
        if listed_under:
            (position,) = added.inserted_primary_key or (0,)
            rows = [{"listed_under": each, "position": position} for each in listed_under]
            await self.connection.execute(insert_into(LOG_LISTING), rows)

    async def page(self, after: int, limit: int, exchange_id: str | None) -> list[RecordRow]:
        """As the port."""
        query = select(LOG_RECORD).where(_RECORD.position > after)
        if exchange_id is not None:
            query = query.where(_RECORD.exchange_id == exchange_id)
        return await self._rows(query.order_by(_RECORD.position).limit(limit))

    async def select(self, wanted: LogFilter, limit: int) -> list[RecordRow]:
        """As the port."""
        start = await self._start(wanted)
        bounds = await self._bounds(wanted)
        pages = [await self._rows(each) for each in statements(wanted, start, bounds, limit)]
        return merge(pages, wanted, limit)

    async def span(self, since: datetime, until: datetime) -> LogSpan | None:
        """As the port."""
        values = {"since": since, "until": until}
        first, last = (await self.connection.execute(_SPAN, values)).one()
        return None if first is None else LogSpan(first, last)

    async def first_at(self, since: datetime) -> int | None:
        """As the port."""
        query = select(_RECORD.leaf_index).where(_RECORD.at >= since, _RECORD.leaf_index.is_not(None))
        found = await self.connection.execute(query.order_by(_RECORD.at, _RECORD.position).limit(1))
        index: int | None = found.scalar()
        return index

    async def nearest_before(self, index: int, moment: datetime) -> int | None:
        """As the port."""
        return await self._index(_NEAREST_BEFORE, index, moment)

    async def nearest_after(self, index: int, moment: datetime) -> int | None:
        """As the port."""
        return await self._index(_NEAREST_AFTER, index, moment)

    async def range(self, first: int, end: int) -> list[RecordRow]:
        """As the port."""
        return await self._rows(_RANGE, {"first": first, "end": end})

    async def find(self, record_hash: str) -> RecordRow | None:
        """As the port."""
        return await self._one(_BY_HASH, record_hash)

    async def find_index(self, index: int) -> RecordRow | None:
        """As the port."""
        return await self._one(_BY_INDEX, index)

    async def unlist(self, listed_under: bytes) -> None:
        """As the port."""
        await self.connection.execute(_UNLIST, {"key": listed_under})

    async def _start(self, wanted: LogFilter) -> RecordRow | None:
        """The record next to which a page begins."""
        index = wanted.before_index if wanted.newest else wanted.after_index
        return None if index is None or wanted.by_index else await self.find_index(index)

    async def _bounds(self, wanted: LogFilter) -> Bounds:
        """Between which positions the records of a period stand, where it is walked by position.

        Times may step back along the log, by a day at most: whoever verifies an export refuses more. So what
        is older by one to two days stands before all that is from then or later, and what follows a record
        that is younger by two is from later.
        """
        if not (wanted.by_listing or wanted.by_type):
            return Bounds()
        first = await self._earliest(wanted.since) if wanted.since is not None else 0
        if wanted.until is None:
            return Bounds(first)
        values = {"since": wanted.until + 2 * WITNESSED_WITHIN}
        found = await fetch_one(self.connection, _EARLIEST, values)
        return Bounds(first, None if found is None else found["position"])

    async def _earliest(self, since: datetime) -> int:
        """A position before which no record is from then or later; 0 if none can be told."""
        found = await fetch_one(self.connection, _EARLIEST, {"since": since - 2 * WITNESSED_WITHIN})
        if found is None or found["at"] >= since - WITNESSED_WITHIN:
            return 0
        position: int = found["position"]
        return position

    async def _index(self, query: Select[Any], index: int, moment: datetime) -> int | None:
        found = await fetch_one(self.connection, query, {"index": index, "moment": moment})
        return None if found is None else int(found["leaf_index"])

    async def _one(self, query: Select[Any], key: object) -> RecordRow | None:
        row = await fetch_one(self.connection, query, {"key": key})
        return None if row is None else RecordRow(**named(row))

    async def _rows(self, query: Select[Any], values: Mapping[str, Any] | None = None) -> list[RecordRow]:
        return [RecordRow(**named(row)) for row in await fetch(self.connection, query, values)]
