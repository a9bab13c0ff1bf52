"""Checkpoints sent to the witnesses and their signatures, in the database."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.adapters.database.log_tables import LOG_CHECKPOINT, LOG_COSIGNATURE
from gateway.adapters.database.rows import fetch, fetch_one, insert_rows, named
from gateway.app.log_rows import CheckpointRow, CosignatureRow, Cosigned

_OF_SIZE = select(LOG_CHECKPOINT).where(LOG_CHECKPOINT.c.size == bindparam("key"))
_LAST = select(LOG_CHECKPOINT).order_by(LOG_CHECKPOINT.c.size.desc()).limit(1)
_KNOWN = select(LOG_COSIGNATURE.c.size).where(
    LOG_COSIGNATURE.c.size == bindparam("size"),
    LOG_COSIGNATURE.c.organisation == bindparam("organisation"),
)
# Looking further back for missing signatures would cost more each day; who was away signs the newest.
_WINDOW: Final = 256
_NEWEST = select(LOG_CHECKPOINT.c.size).order_by(LOG_CHECKPOINT.c.size.desc()).limit(_WINDOW)
_SHORT = (
    select(LOG_COSIGNATURE.c.size)
    .where(LOG_COSIGNATURE.c.size.in_(_NEWEST))
    .group_by(LOG_COSIGNATURE.c.size)
    .having(func.count() < bindparam("wanted"))
)
_FRESH = select(LOG_COSIGNATURE.c.size).where(LOG_COSIGNATURE.c.at >= bindparam("since"))
_TO_TELL = (
    select(LOG_CHECKPOINT)
    .where(or_(LOG_CHECKPOINT.c.size.in_(_FRESH), LOG_CHECKPOINT.c.size.in_(_SHORT)))
    .order_by(LOG_CHECKPOINT.c.size.desc())
    .limit(bindparam("most"))
)
_COSIGNED = (
    select(LOG_CHECKPOINT)
    .where(
        select(func.count()).where(LOG_COSIGNATURE.c.size == LOG_CHECKPOINT.c.size).scalar_subquery()
        >= bindparam("wanted")
    )
    .order_by(LOG_CHECKPOINT.c.size.desc())
    .limit(1)
)
_LINES = (
    select(LOG_COSIGNATURE)
    .where(LOG_COSIGNATURE.c.size.in_(bindparam("sizes", expanding=True)))
    .order_by(LOG_COSIGNATURE.c.organisation)
)
_FURTHEST = (
    select(LOG_COSIGNATURE.c.organisation, func.max(LOG_COSIGNATURE.c.size).label("size"))
    .where(LOG_COSIGNATURE.c.organisation.in_(bindparam("names", expanding=True)))
    .group_by(LOG_COSIGNATURE.c.organisation)
)
_FIRST_BEYOND = (
    select(LOG_CHECKPOINT.c.at)
    .where(LOG_CHECKPOINT.c.size > bindparam("size"))
    .order_by(LOG_CHECKPOINT.c.size)
    .limit(1)
)
_AT_ONCE: Final = 100
_OLDEST = select(LOG_CHECKPOINT.c.size).order_by(LOG_CHECKPOINT.c.size).limit(_AT_ONCE)
_OVER = select(LOG_CHECKPOINT.c.size).where(
    LOG_CHECKPOINT.c.size.in_(_OLDEST),
    LOG_CHECKPOINT.c.at < bindparam("before"),
    LOG_CHECKPOINT.c.size.not_in(bindparam("kept", expanding=True)),
)
_FORGET = tuple(
    delete(table).where(table.c.size.in_(bindparam("sizes", expanding=True)))
    for table in (LOG_COSIGNATURE, LOG_CHECKPOINT)
)


@dataclass(frozen=True, slots=True)
class WitnessTable:
    """See gateway.app.log_ports.Witnesses."""

    connection: AsyncConnection

    async def add_checkpoint(self, row: CheckpointRow) -> None:
        """As the port."""
        if await self.find_checkpoint(row.size) is None:
            await insert_rows(self.connection, LOG_CHECKPOINT, [row])

    async def find_checkpoint(self, size: int) -> CheckpointRow | None:
        """As the port."""
        row = await fetch_one(self.connection, _OF_SIZE, {"key": size})
        return None if row is None else CheckpointRow(**named(row))

    async def last_checkpoint(self) -> CheckpointRow | None:
        """As the port."""
        row = await fetch_one(self.connection, _LAST)
        return None if row is None else CheckpointRow(**named(row))

    async def add_cosignature(self, row: CosignatureRow) -> bool:
        """As the port."""
        key = {"size": row.size, "organisation": row.organisation}
        if await fetch_one(self.connection, _KNOWN, key) is not None:
            return False
        await insert_rows(self.connection, LOG_COSIGNATURE, [row])
        return True

    async def lines_of(self, size: int) -> dict[str, str]:
        """As the port."""
        rows = await fetch(self.connection, _LINES, {"sizes": [size]})
        return {row["organisation"]: row["line"] for row in rows}

    async def behind_since(self, organisations: Collection[str]) -> dict[str, datetime]:
        """As the port."""
        rows = await fetch(self.connection, _FURTHEST, {"names": list(organisations)})
        sizes = dict.fromkeys(organisations, -1) | {row["organisation"]: row["size"] for row in rows}
        since: dict[int, datetime | None] = {}
        for size in set(sizes.values()):
            found = await fetch_one(self.connection, _FIRST_BEYOND, {"size": size})
            since[size] = None if found is None else found["at"]
        return {name: at for name, size in sizes.items() if (at := since[size]) is not None}

    async def newest_cosigned(self, wanted: int) -> Cosigned | None:
        """As the port."""
        row = await fetch_one(self.connection, _COSIGNED, {"wanted": wanted})
        if row is None:
            return None
        return Cosigned(CheckpointRow(**named(row)), await self.lines_of(row["size"]))

    async def forget(self, before: datetime, kept: Collection[int]) -> int:
        """As the port."""
        rows = await fetch(self.connection, _OVER, {"before": before, "kept": list(kept)})
        for statement in _FORGET if rows else ():
            await self.connection.execute(statement, {"sizes": [row["size"] for row in rows]})
        return len(rows)

    async def to_tell(self, since: datetime, wanted: int, limit: int) -> list[Cosigned]:
        """As the port."""
        rows = await fetch(self.connection, _TO_TELL, {"since": since, "wanted": wanted, "most": limit})
        lines: dict[int, dict[str, str]] = {row["size"]: {} for row in rows}
        for row in await fetch(self.connection, _LINES, {"sizes": list(lines)}):
            lines[row["size"]][row["organisation"]] = row["line"]
        return [Cosigned(CheckpointRow(**named(row)), lines[row["size"]]) for row in reversed(rows)]
