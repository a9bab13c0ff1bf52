"""Packets that wait to be published, in order."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kit.store.statements import insert_into
from services.kit.store.tables import packet

_AT = packet.c.position.in_(bindparam("positions", expanding=True))
_WAITING = (
    select(packet.c.position, packet.c.octets, packet.c.packet_id, packet.c.exchange_id)
    .where(packet.c.published_at.is_(None), packet.c.position > bindparam("after"))
    .order_by(packet.c.position)
    .limit(bindparam("most"))
)
_BEYOND = (
    select(packet.c.position)
    .where(packet.c.published_at.is_(None))
    .order_by(packet.c.position)
    .offset(bindparam("most"))
    .limit(1)
)
_BODIES = select(packet.c.position, packet.c.body).where(_AT, packet.c.body.is_not(None))
_PUBLISHED = update(packet).where(_AT).values(published_at=bindparam("at"), body=None)


@dataclass(frozen=True, slots=True)
class OutgoingPacket:
    """One packet.

    Attributes:
        packet_id: made up; the broker's message id.
        kind: what it holds, as a code.
        created_at: aware.
        body: what it holds, encrypted at rest.
        exchange_id: the exchange that it carries, if it carries one.
        delivery_id: the delivery that it is about, if it is about one.
    """

    packet_id: str
    kind: str
    created_at: datetime
    body: bytes = field(repr=False)
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
    row = {
        "packet_id": added.packet_id,
        "kind": added.kind,
        "exchange_id": added.exchange_id,
        "delivery_id": added.delivery_id,
        "created_at": added.created_at,
        "octets": len(added.body),
        "body": added.body,
    }
    await connection.execute(insert_into(packet), [row])


async def list_waiting(connection: AsyncConnection, after: int, limit: int) -> list[Waiting]:
    """Packets to be published after a position, in order."""
    values = {"after": after, "most": limit}
    return [Waiting(*row) for row in await connection.execute(_WAITING, values)]


async def is_waiting_beyond(connection: AsyncConnection, most: int) -> bool:
    """Whether more packets wait to be published than so many."""
    return (await connection.execute(_BEYOND, {"most": most})).first() is not None


async def read_packets(connection: AsyncConnection, positions: Collection[int]) -> dict[int, bytes]:
    """What waits at these positions, encrypted at rest."""
    rows = await connection.execute(_BODIES, {"positions": list(positions)})
    return {row.position: bytes(row.body) for row in rows}


async def mark_published(connection: AsyncConnection, positions: Collection[int], at: datetime) -> None:
    """Notes that the broker has them, and drops the ciphertexts: they are not needed here any more."""
    await connection.execute(_PUBLISHED, {"positions": list(positions), "at": at})
