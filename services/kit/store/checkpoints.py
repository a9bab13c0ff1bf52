"""What a witness was shown of the gateway's log: checkpoints, and who cosigned them. Nothing about people."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Row, Select, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kit.store.tables import checkpoint, cosignature


class Source(StrEnum):
    """How a checkpoint came here."""

    HEARTBEAT = "HEARTBEAT"  # shown to every witness: what is cosigned
    DELIVERY = "DELIVERY"  # beside a delivery or an outcome
    WITNESS = "WITNESS"  # with another witness's cosignature


class CheckpointState(StrEnum):
    """What was made of a checkpoint."""

    WAITING = "WAITING"  # signed by the gateway, and not judged yet
    COSIGNED = "COSIGNED"  # continues all that was cosigned before
    WITNESSED = "WITNESSED"  # cosigned, here and by enough others
    CONSISTENT = "CONSISTENT"  # of the same history, and a larger one vouches for it
    ALARMED = "ALARMED"  # evidence: kept
    SETTLED = "SETTLED"  # evidence still, of an alarm that somebody has dealt with


_COSIGNED: Final = (CheckpointState.COSIGNED, CheckpointState.WITNESSED)


@dataclass(frozen=True, slots=True)
class SeenCheckpoint:
    """A checkpoint whose signature by the gateway verified when it came.

    Attributes:
        size: records in the log.
        root: 64 hex digits.
        note: as it came, with the gateway's signature lines.
        signed_at: when the gateway says it signed.
        source: how it came.
        state: what was made of it.
        proof: consistency path that came with it, as `exchange.sightings` writes it; empty if none did.
        seen_at: when it came.
        position: in the order of coming; 0 before it is stored.
    """

    size: int
    root: str
    note: str
    signed_at: datetime
    source: Source
    state: CheckpointState
    proof: str
    seen_at: datetime
    position: int = 0


@dataclass(frozen=True, slots=True)
class SeenCosignature:
    """A witness's signature line, verified, on a checkpoint."""

    size: int
    root: str
    organisation: str
    line: str


class Checkpoints:
    """The tables of checkpoints and cosignatures."""

    async def find(self, connection: AsyncConnection, size: int, root: str) -> SeenCheckpoint | None:
        """The checkpoint of this size and root."""
        at = (checkpoint.c.size == size) & (checkpoint.c.root == root)
        return await _first(connection, select(checkpoint).where(at))

    async def add(self, connection: AsyncConnection, added: SeenCheckpoint) -> None:
        """Stores one that is not there yet."""
        columns = ("size", "root", "note", "signed_at", "source", "state", "proof", "seen_at")
        row = {column: getattr(added, column) for column in columns}
        await connection.execute(insert(checkpoint).values(row))

    async def renew(self, connection: AsyncConnection, position: int, note: str, signed_at: datetime) -> None:
        """Notes that the gateway signed the same checkpoint again, later."""
        found = update(checkpoint).where(checkpoint.c.position == position)
        await connection.execute(found.values(note=note, signed_at=signed_at))

    async def wait(self, connection: AsyncConnection, position: int, source: Source, proof: str) -> None:
        """Has a checkpoint judged, as one that came from another source."""
        found = update(checkpoint).where(checkpoint.c.position == position)
        await connection.execute(found.values(source=source, proof=proof, state=CheckpointState.WAITING))

    async def settle(self, connection: AsyncConnection, position: int, state: CheckpointState) -> None:
        """Notes what was made of a checkpoint."""
        await connection.execute(
            update(checkpoint).where(checkpoint.c.position == position).values(state=state)
        )

    async def settle_alarmed(self, connection: AsyncConnection, size: int, root: str) -> None:
        """Notes that somebody has dealt with the alarm that a checkpoint raised, if it did."""
        alarmed = (checkpoint.c.size == size) & (checkpoint.c.root == root)
        alarmed &= checkpoint.c.state == CheckpointState.ALARMED
        await connection.execute(update(checkpoint).where(alarmed).values(state=CheckpointState.SETTLED))

    async def waiting(self, connection: AsyncConnection) -> list[SeenCheckpoint]:
        """Those not judged yet, in the order in which they came."""
        query = select(checkpoint).where(checkpoint.c.state == CheckpointState.WAITING)
        return [_read(row) for row in await connection.execute(query.order_by(checkpoint.c.position))]

    async def is_waiting_since(self, connection: AsyncConnection, before: datetime) -> bool:
        """Whether one that was seen before a moment is not judged yet."""
        waits = (checkpoint.c.state == CheckpointState.WAITING) & (checkpoint.c.seen_at < before)
        return await _first(connection, select(checkpoint).where(waits).limit(1)) is not None

    async def rival(self, connection: AsyncConnection, size: int, root: str) -> SeenCheckpoint | None:
        """One of the same size and another root, of the history seen here; None if none is kept."""
        seen = checkpoint.c.state.in_((*_COSIGNED, CheckpointState.CONSISTENT))
        other = (checkpoint.c.size == size) & (checkpoint.c.root != root)
        return await _first(connection, select(checkpoint).where(seen, other).limit(1))

    async def newest(self, connection: AsyncConnection) -> SeenCheckpoint | None:
        """The largest cosigned here; None before the first."""
        query = select(checkpoint).where(checkpoint.c.state.in_(_COSIGNED))
        return await _first(connection, query.order_by(checkpoint.c.size.desc()).limit(1))

    async def put_back(self, connection: AsyncConnection) -> SeenCheckpoint | None:
        """A checkpoint that is shorter than the newest and was signed anew after it; None if there is none.

        It is one of the history that was seen, so nothing else is wrong with it.
        """
        newest = await self.newest(connection)
        if newest is None:
            return None
        younger = (checkpoint.c.size < newest.size) & (checkpoint.c.signed_at > newest.signed_at)
        settled = checkpoint.c.state.in_((*_COSIGNED, CheckpointState.CONSISTENT))
        query = select(checkpoint).where(younger, settled).order_by(checkpoint.c.size.desc())
        return await _first(connection, query.limit(1))

    async def cosigned(self, connection: AsyncConnection) -> list[SeenCheckpoint]:
        """Those cosigned here that are kept: the newest with a majority, and all since; largest first."""
        query = select(checkpoint).where(checkpoint.c.state.in_(_COSIGNED))
        return [_read(row) for row in await connection.execute(query.order_by(checkpoint.c.size.desc()))]

    async def drop(self, connection: AsyncConnection, position: int) -> None:
        """Forgets a checkpoint that was judged to be of the same history."""
        await connection.execute(delete(checkpoint).where(checkpoint.c.position == position))

    async def discard(self, connection: AsyncConnection, seen: SeenCheckpoint) -> None:
        """Forgets a checkpoint, and who cosigned it: others of its kind are kept."""
        at = (cosignature.c.size == seen.size) & (cosignature.c.root == seen.root)
        await connection.execute(delete(cosignature).where(at))
        await self.drop(connection, seen.position)

    async def retire_below(self, connection: AsyncConnection, size: int) -> None:
        """Notes that a larger checkpoint, with a majority, vouches for all that were cosigned before it."""
        below = (checkpoint.c.size < size) & checkpoint.c.state.in_(_COSIGNED)
        await connection.execute(update(checkpoint).where(below).values(state=CheckpointState.CONSISTENT))

    async def forget(self, connection: AsyncConnection, before: datetime) -> None:
        """Forgets what was vouched for and seen before a moment; what raised an alarm stays."""
        old = (checkpoint.c.state == CheckpointState.CONSISTENT) & (checkpoint.c.seen_at < before)
        sizes = select(checkpoint.c.size).where(old)
        await connection.execute(delete(cosignature).where(cosignature.c.size.in_(sizes)))
        await connection.execute(delete(checkpoint).where(old))

    async def is_alarming(self, connection: AsyncConnection) -> bool:
        """Whether any checkpoint raised an alarm."""
        query = select(checkpoint.c.position).where(checkpoint.c.state == CheckpointState.ALARMED)
        return (await connection.execute(query.limit(1))).first() is not None

    async def add_cosignatures(self, connection: AsyncConnection, added: Iterable[SeenCosignature]) -> None:
        """Stores signature lines; of each witness on a checkpoint the first is kept."""
        for each in added:
            if each.organisation not in await self.lines(connection, each.size, each.root):
                row = {name: getattr(each, name) for name in ("size", "root", "organisation", "line")}
                await connection.execute(insert(cosignature).values(row))

    async def lines(self, connection: AsyncConnection, size: int, root: str) -> dict[str, str]:
        """Signature lines on a checkpoint, by organisation."""
        at = (cosignature.c.size == size) & (cosignature.c.root == root)
        return {row.organisation: row.line for row in await connection.execute(select(cosignature).where(at))}


async def _first(connection: AsyncConnection, query: Select[Any]) -> SeenCheckpoint | None:
    row = (await connection.execute(query)).first()
    return None if row is None else _read(row)


def _read(row: Row[Any]) -> SeenCheckpoint:
    return SeenCheckpoint(
        size=row.size,
        root=row.root,
        note=row.note,
        signed_at=row.signed_at,
        source=Source(row.source),
        state=CheckpointState(row.state),
        proof=row.proof,
        seen_at=row.seen_at,
        position=row.position,
    )
