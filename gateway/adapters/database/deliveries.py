"""Deliveries, outcomes and packets in the database. Each class answers its port in gateway.app.ports."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.adapters.database.rows import columns_of, fetch, fetch_one, insert_rows, named
from gateway.adapters.database.tables import DELIVERY, OUTCOME, PACKET
from gateway.app.rows import DeliveryRow, OutcomeRow, PacketRow

_WITH_PACKET = select(DELIVERY, PACKET.c.published_at).join(
    PACKET, PACKET.c.packet_id == DELIVERY.c.packet_id
)


@dataclass(frozen=True, slots=True)
class DeliveryTable:
    """See gateway.app.ports.Deliveries."""

    connection: AsyncConnection

    async def add(self, row: DeliveryRow) -> None:
        """As the port."""
        await insert_rows(self.connection, DELIVERY, [row], "published_at")

    async def find(self, delivery_id: str) -> DeliveryRow | None:
        """As the port."""
        row = await fetch_one(self.connection, _WITH_PACKET.where(DELIVERY.c.delivery_id == delivery_id))
        return None if row is None else DeliveryRow(**named(row, "position"))

    async def of_exchanges(self, exchange_ids: Iterable[str]) -> list[DeliveryRow]:
        """As the port."""
        query = _WITH_PACKET.where(DELIVERY.c.exchange_id.in_(list(exchange_ids))).order_by(
            DELIVERY.c.position
        )
        return [DeliveryRow(**named(row, "position")) for row in await fetch(self.connection, query)]

    async def settle(self, delivery_id: str, at: datetime, refused: str | None) -> None:
        """As the port."""
        await self.connection.execute(
            update(DELIVERY)
            .where(DELIVERY.c.delivery_id == delivery_id)
            .values(receipted_at=at, refused=refused)
        )

    async def acknowledge(self, delivery_id: str, at: datetime, kind: int) -> None:
        """As the port."""
        await self.connection.execute(
            update(DELIVERY)
            .where(DELIVERY.c.delivery_id == delivery_id)
            .values(acknowledged_at=at, acknowledged=kind)
        )


@dataclass(frozen=True, slots=True)
class PacketTable:
    """See gateway.app.ports.Outgoing."""

    connection: AsyncConnection

    async def add(self, row: PacketRow) -> None:
        """As the port."""
        values = columns_of(row, "position") | {"due_at": row.created_at}
        await self.connection.execute(insert(PACKET).values(**values))

    async def add_outcome(self, row: OutcomeRow) -> None:
        """As the port."""
        await insert_rows(self.connection, OUTCOME, [row])

    async def waiting(self, limit: int, now: datetime) -> list[PacketRow]:
        """As the port."""
        waiting = (
            PACKET.c.published_at.is_(None) & PACKET.c.ciphertext.is_not(None) & (PACKET.c.due_at <= now)
        )
        query = select(PACKET).where(waiting).order_by(PACKET.c.position).limit(limit)
        rows = await fetch(self.connection, query)
        return [PacketRow(**named(row, "published_at", "due_at")) for row in rows]

    async def mark_published(self, packet_ids: Sequence[str], at: datetime) -> None:
        """As the port."""
        mine = PACKET.c.packet_id.in_(packet_ids)
        await self.connection.execute(update(PACKET).where(mine).values(published_at=at))
        outcomes = PACKET.c.packet_id.in_(
            select(OUTCOME.c.packet_id).where(OUTCOME.c.packet_id.in_(packet_ids))
        )
        await self.connection.execute(update(PACKET).where(outcomes).values(ciphertext=None))

    async def postpone(self, packet_ids: Sequence[str], until: datetime) -> None:
        """As the port."""
        await self.connection.execute(
            update(PACKET)
            .where(PACKET.c.packet_id.in_(packet_ids))
            .values(due_at=until, attempts=PACKET.c.attempts + 1)
        )

    async def drop_ciphertext(self, packet_id: str) -> None:
        """As the port."""
        await self.connection.execute(
            update(PACKET).where(PACKET.c.packet_id == packet_id).values(ciphertext=None)
        )
