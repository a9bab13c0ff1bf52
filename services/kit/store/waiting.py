"""Messages that wait for a key, encrypted at rest, until a directory knows the key that they name."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kit.store.tables import waiting_message
from services.kit.store.vault import Place, Vault


@dataclass(frozen=True, slots=True)
class WaitingMessage:
    """One message.

    Attributes:
        message_hash: SHA-256 of its bytes as they came, 64 hex digits.
        message_id: the broker's.
        received_at: when it came first, aware.
        code: why it waits, in capitals.
        content: the packet's bytes if it could be opened, otherwise the message's, to a key not known here.
        opened: which of the two: a key of ours may be destroyed without any of the first.
        overdue: whether it has waited longer than is allowed: it was set aside with an alarm, and is kept.
    """

    message_hash: str
    message_id: str
    received_at: datetime
    code: str
    content: bytes = field(repr=False)
    opened: bool
    overdue: bool = False


class WaitingMessages:
    """The table of messages that wait."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def add(self, connection: AsyncConnection, added: WaitingMessage) -> bool:
        """Keeps a message; False if it was kept before."""
        known = select(waiting_message.c.position).where(_is(added.message_hash))
        if (await connection.execute(known)).first() is not None:
            return False
        await connection.execute(
            insert(waiting_message).values(
                message_hash=added.message_hash,
                message_id=added.message_id,
                received_at=added.received_at,
                code=added.code,
                overdue=added.overdue,
                opened=added.opened,
                body=self._vault.encrypt(added.content, _place(added.message_hash)),
            )
        )
        return True

    async def list(self, connection: AsyncConnection) -> list[WaitingMessage]:
        """All of them, oldest first."""
        rows = await connection.execute(select(waiting_message).order_by(waiting_message.c.position))
        return [self._read(row) for row in rows]

    async def drop(self, connection: AsyncConnection, message_hash: str) -> None:
        """Lets go of one that was dealt with."""
        await connection.execute(delete(waiting_message).where(_is(message_hash)))

    async def mark_overdue(self, connection: AsyncConnection, message_hash: str) -> None:
        """Notes that one was given up, and kept."""
        await connection.execute(update(waiting_message).where(_is(message_hash)).values(overdue=True))

    def _read(self, row: Row[Any]) -> WaitingMessage:
        return WaitingMessage(
            message_hash=row.message_hash,
            message_id=row.message_id,
            received_at=row.received_at,
            code=row.code,
            content=self._vault.decrypt(row.body, _place(row.message_hash)),
            opened=row.opened,
            overdue=row.overdue,
        )


def _is(message_hash: str) -> ColumnElement[bool]:
    return waiting_message.c.message_hash == message_hash


def _place(message_hash: str) -> Place:
    return Place("waiting_message", "body", message_hash)
