"""The log's tree in the database: tiles, head, and the queue of records that wait for an index."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.adapters.database.log_tables import LOG_HEAD, LOG_RECORD, LOG_TILE
from gateway.adapters.database.rows import fetch, fetch_one, insert_into
from gateway.app.log_rows import CheckpointRow, QueuedRow
from gateway.core.log.tiles import TileId

_ONLY: Final = 1
_HEAD = select(LOG_HEAD.c.size, LOG_HEAD.c.root, LOG_HEAD.c.note, LOG_HEAD.c.at)
_MOVE = (
    update(LOG_HEAD)
    .where(LOG_HEAD.c.only == _ONLY)
    .values(size=bindparam("new_size"), root=bindparam("new_root"), note=bindparam("new_note"))
    .values(at=bindparam("new_at"))
)
# Level by level: SQLite looks for pairs of level and number through the whole table.
_TILES = select(LOG_TILE).where(
    LOG_TILE.c.level == bindparam("level"), LOG_TILE.c.tile.in_(bindparam("numbers", expanding=True))
)
_PUT: Final = text(
    "INSERT INTO log_tile (level, tile, hashes) VALUES (:level, :tile, :hashes) "
    "ON CONFLICT (level, tile) DO UPDATE SET hashes = excluded.hashes"
)
_WAITING = LOG_RECORD.c.leaf_index.is_(None)
_QUEUED = (
    select(LOG_RECORD.c.position, LOG_RECORD.c.record_hash)
    .where(_WAITING)
    .order_by(LOG_RECORD.c.position)
    .limit(bindparam("most"))
)
_OLDEST = select(LOG_RECORD.c.at).where(_WAITING).order_by(LOG_RECORD.c.position).limit(1)
_SEQUENCE = (
    update(LOG_RECORD)
    .where(LOG_RECORD.c.position == bindparam("place"))
    .values(leaf_index=bindparam("number"))
)
_LAST = select(func.max(LOG_RECORD.c.leaf_index))


@dataclass(frozen=True, slots=True)
class TreeTable:
    """See gateway.app.log_ports.Tree."""

    connection: AsyncConnection

    async def head(self) -> CheckpointRow | None:
        """As the port."""
        row = await fetch_one(self.connection, _HEAD)
        return None if row is None else CheckpointRow(row["size"], bytes(row["root"]), row["note"], row["at"])

    async def move_head(self, row: CheckpointRow) -> None:
        """As the port."""
        new = {"new_size": row.size, "new_root": row.root, "new_note": row.note, "new_at": row.at}
        moved = await self.connection.execute(_MOVE, new)
        if not moved.rowcount:
            first = {"only": _ONLY, "size": row.size, "root": row.root, "note": row.note, "at": row.at}
            await self.connection.execute(insert_into(LOG_HEAD), [first])

    async def tiles(self, ids: Collection[TileId]) -> dict[TileId, bytes]:
        """As the port."""
        found: dict[TileId, bytes] = {}
        for level in sorted({each.level for each in ids}):
            numbers = [each.number for each in ids if each.level == level]
            rows = await fetch(self.connection, _TILES, {"level": level, "numbers": numbers})
            found |= {TileId(level, row["tile"]): bytes(row["hashes"]) for row in rows}
        return found

    async def put_tiles(self, tiles: Mapping[TileId, bytes]) -> None:
        """As the port."""
        rows = [{"level": tile.level, "tile": tile.number, "hashes": tiles[tile]} for tile in tiles]
        if rows:
            await self.connection.execute(_PUT, rows)

    async def queued(self, limit: int) -> list[QueuedRow]:
        """As the port."""
        rows = await fetch(self.connection, _QUEUED, {"most": limit})
        return [QueuedRow(row["position"], row["record_hash"]) for row in rows]

    async def sequence(self, first: int, positions: Sequence[int]) -> None:
        """As the port."""
        rows = [{"place": position, "number": first + at} for at, position in enumerate(positions)]
        if rows:
            await self.connection.execute(_SEQUENCE, rows)

    async def next_index(self) -> int:
        """As the port."""
        last = (await self.connection.execute(_LAST)).scalar_one()
        return 0 if last is None else int(last) + 1

    async def oldest_queued(self) -> datetime | None:
        """As the port."""
        found: datetime | None = (await self.connection.execute(_OLDEST)).scalar_one_or_none()
        return found
