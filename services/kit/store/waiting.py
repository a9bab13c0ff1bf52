"""Messages that wait for a key: kept as they came until a directory knows the key that they name."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kit.store.tables import waiting_message


@dataclass(frozen=True, slots=True)
class WaitingMessage:
    """One message.

    Attributes:
        message_hash: SHA-256 of its bytes, 64 hex digits.
        message_id: the broker's.
        received_at: when it came first, aware.
        code: why it waits, in capitals.
        jwe: as it came.
        overdue: whether it has waited longer than is allowed: it was set aside with an alarm, and is kept.
    """

    message_hash: str
    message_id: str
    received_at: datetime
    code: str
    jwe: bytes = field(repr=False)
    overdue: bool = False


async def keep_message(connection: AsyncConnection, message: WaitingMessage) -> bool:
    """Keeps a message; False if it was kept before."""
    known = select(waiting_message.c.position).where(_is(message.message_hash))
    if (await connection.execute(known)).first() is not None:
        return False
    values = {name: getattr(message, name) for name in WaitingMessage.__slots__}
    await connection.execute(insert(waiting_message).values(values))
    return True


async def list_messages(connection: AsyncConnection) -> list[WaitingMessage]:
    """All of them, oldest first."""
    rows = await connection.execute(select(waiting_message).order_by(waiting_message.c.position))
    return [
        WaitingMessage(
            row.message_hash, row.message_id, row.received_at, row.code, bytes(row.jwe), row.overdue
        )
        for row in rows
    ]


async def drop_message(connection: AsyncConnection, message_hash: str) -> None:
    """Lets go of one that was dealt with."""
    await connection.execute(delete(waiting_message).where(_is(message_hash)))


async def mark_overdue(connection: AsyncConnection, message_hash: str) -> None:
    """Notes that one was given up, and kept."""
    await connection.execute(update(waiting_message).where(_is(message_hash)).values(overdue=True))


def _is(message_hash: str) -> ColumnElement[bool]:
    return waiting_message.c.message_hash == message_hash
