"""Deliveries, outcomes and packets in the database. Each class answers its port in gateway.app.ports."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.adapters.database.log_tables import LOG_RECORD
from gateway.adapters.database.rows import columns_of, fetch, fetch_one, insert_plain, insert_rows, named
from gateway.adapters.database.tables import DELIVERY, OUTCOME, PACKET
from gateway.app.rows import DeliveryRow, DuePacket, OutcomeRow, PacketRow

_WITH_PACKET = select(DELIVERY, PACKET.c.published_at).join(
    PACKET, PACKET.c.packet_id == DELIVERY.c.packet_id
)
_BY_ID = _WITH_PACKET.where(DELIVERY.c.delivery_id == bindparam("key"))
_OF_EXCHANGES = _WITH_PACKET.where(DELIVERY.c.exchange_id.in_(bindparam("keys", expanding=True))).order_by(
    DELIVERY.c.position
)
_CHANGE = update(DELIVERY).where(DELIVERY.c.delivery_id == bindparam("key"))
_SETTLE = _CHANGE.values(receipted_at=bindparam("at"), refused=bindparam("why"))
_ACKNOWLEDGE = _CHANGE.values(acknowledged_at=bindparam("at"), acknowledged=bindparam("what"))
_RESTATE = _CHANGE.values(statement_hash=bindparam("hash"))
_DROP = update(PACKET).where(PACKET.c.packet_id == bindparam("key")).values(ciphertext=None)
_MINE = PACKET.c.packet_id.in_(bindparam("keys", expanding=True))
_PUBLISHED = update(PACKET).where(_MINE).values(published_at=bindparam("at"))
_OUTCOMES = select(OUTCOME.c.packet_id).where(OUTCOME.c.packet_id.in_(bindparam("keys", expanding=True)))
_DROP_OUTCOMES = update(PACKET).where(PACKET.c.packet_id.in_(_OUTCOMES)).values(ciphertext=None)
_WAITING = (
    select(PACKET, LOG_RECORD.c.leaf_index)
    .join(LOG_RECORD, LOG_RECORD.c.record_hash == PACKET.c.record_hash)
    .where(
        PACKET.c.published_at.is_(None),
        PACKET.c.ciphertext.is_not(None),
        PACKET.c.due_at <= bindparam("now"),
        LOG_RECORD.c.leaf_index < bindparam("size"),  # not so where there is none yet
    )
    # Not by position alone: many old ones that cannot leave would come before all others again and again.
    .order_by(PACKET.c.due_at, PACKET.c.position)
    .limit(bindparam("most"))
)
_KEPT = select(PACKET).where(PACKET.c.packet_id == bindparam("key"), PACKET.c.ciphertext.is_not(None))


@dataclass(frozen=True, slots=True)
class DeliveryTable:
    """See gateway.app.ports.Deliveries."""

    connection: AsyncConnection

    async def add(self, row: DeliveryRow) -> None:
        """As the port."""
        await insert_rows(self.connection, DELIVERY, [row], "published_at")

    async def find(self, delivery_id: str) -> DeliveryRow | None:
        """As the port."""
        row = await fetch_one(self.connection, _BY_ID, {"key": delivery_id})
        return None if row is None else DeliveryRow(**named(row, "position"))

    async def of_exchanges(self, exchange_ids: Iterable[str]) -> list[DeliveryRow]:
        """As the port."""
        rows = await fetch(self.connection, _OF_EXCHANGES, {"keys": list(exchange_ids)})
        return [DeliveryRow(**named(row, "position")) for row in rows]

    async def settle(self, delivery_id: str, at: datetime, refused: str | None) -> None:
        """As the port."""
        await self.connection.execute(_SETTLE, {"key": delivery_id, "at": at, "why": refused})

    async def acknowledge(self, delivery_id: str, at: datetime, kind: int) -> None:
        """As the port."""
        await self.connection.execute(_ACKNOWLEDGE, {"key": delivery_id, "at": at, "what": kind})

    async def restate(self, delivery_id: str, statement_hash: str) -> None:
        """As the port."""
        await self.connection.execute(_RESTATE, {"key": delivery_id, "hash": statement_hash})


@dataclass(frozen=True, slots=True)
class PacketTable:
    """See gateway.app.ports.Outgoing."""

    connection: AsyncConnection

    async def add(self, row: PacketRow) -> None:
        """As the port."""
        values = columns_of(row, "position") | {"due_at": row.created_at}
        await insert_plain(self.connection, PACKET, [values])

    async def add_outcome(self, row: OutcomeRow) -> None:
        """As the port."""
        await insert_rows(self.connection, OUTCOME, [row])

    async def waiting(self, limit: int, now: datetime, size: int) -> list[DuePacket]:
        """As the port."""
        rows = await fetch(self.connection, _WAITING, {"now": now, "most": limit, "size": size})
        return [
            DuePacket(PacketRow(**named(row, "published_at", "due_at", "leaf_index")), row["leaf_index"])
            for row in rows
        ]

    async def mark_published(self, packet_ids: Sequence[str], at: datetime) -> None:
        """As the port."""
        await self.connection.execute(_PUBLISHED, {"keys": packet_ids, "at": at})
        await self.connection.execute(_DROP_OUTCOMES, {"keys": packet_ids})

    async def postpone(self, packet_ids: Sequence[str], until: datetime) -> None:
        """As the port."""
        await self.connection.execute(
            update(PACKET)
            .where(PACKET.c.packet_id.in_(packet_ids))
            .values(due_at=until, attempts=PACKET.c.attempts + 1)
        )

    async def drop_ciphertext(self, packet_id: str) -> None:
        """As the port."""
        await self.connection.execute(_DROP, {"key": packet_id})

    async def find(self, packet_id: str) -> PacketRow | None:
        """As the port."""
        row = await fetch_one(self.connection, _KEPT, {"key": packet_id})
        return None if row is None else PacketRow(**named(row, "published_at", "due_at"))

    async def send_again(self, packet_id: str, ciphertext: bytes, due_at: datetime) -> None:
        """As the port."""
        await self.connection.execute(
            update(PACKET)
            .where(PACKET.c.packet_id == packet_id)
            .values(ciphertext=ciphertext, due_at=due_at, published_at=None, attempts=PACKET.c.attempts + 1)
        )
