"""Packets that wait to be published, in order."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kit.store.tables import packet


@dataclass(frozen=True, slots=True)
class OutgoingPacket:
    """One packet.

    Attributes:
        packet_id: made up; the broker's message id.
        kind: what it holds, as a code.
        created_at: aware.
        jwe: ciphertext to the gateway, compact.
        exchange_id: the exchange that it carries, if it carries one.
        delivery_id: the delivery that it is about, if it is about one.
    """

    packet_id: str
    kind: str
    created_at: datetime
    jwe: str = field(repr=False)
    exchange_id: str | None = None
    delivery_id: str | None = None


class Waiting(NamedTuple):
    """A packet that is not published yet: position, size, and the exchange that it carries."""

    position: int
    octets: int
    packet_id: str
    exchange_id: str | None


async def add_packet(connection: AsyncConnection, added: OutgoingPacket) -> None:
    """Queues a packet."""
    await connection.execute(
        insert(packet).values(
            packet_id=added.packet_id,
            kind=added.kind,
            exchange_id=added.exchange_id,
            delivery_id=added.delivery_id,
            created_at=added.created_at,
            octets=len(added.jwe),
            jwe=added.jwe,
        )
    )


async def list_waiting(connection: AsyncConnection, after: int, limit: int) -> list[Waiting]:
    """Packets to be published after a position, in order."""
    query = (
        select(packet.c.position, packet.c.octets, packet.c.packet_id, packet.c.exchange_id)
        .where(packet.c.published_at.is_(None), packet.c.position > after)
        .order_by(packet.c.position)
        .limit(limit)
    )
    return [Waiting(*row) for row in await connection.execute(query)]


async def read_packets(connection: AsyncConnection, positions: Collection[int]) -> dict[int, str]:
    """The ciphertexts at these positions."""
    query = select(packet.c.position, packet.c.jwe).where(
        packet.c.position.in_(positions), packet.c.jwe.is_not(None)
    )
    return {row.position: row.jwe for row in await connection.execute(query)}


async def mark_published(connection: AsyncConnection, positions: Collection[int], at: datetime) -> None:
    """Notes that the broker has them, and drops the ciphertexts: they are not needed here any more."""
    query = update(packet).where(packet.c.position.in_(positions))
    await connection.execute(query.values(published_at=at, jwe=None))
