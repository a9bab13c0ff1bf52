"""Records, texts and refusals in the database. Each class answers its port in gateway.app."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.adapters.database.rows import fetch, fetch_one, insert_into, insert_rows, named
from gateway.adapters.database.tables import (
    LOG_RECORD,
    LOG_SUBJECT,
    REFUSED_MESSAGE,
    TEXT,
)
from gateway.app.rows import RecordRow, RefusalRow, TextRow

_BY_HASH = select(LOG_RECORD).where(LOG_RECORD.c.record_hash == bindparam("key"))
_ABOUT = (
    select(LOG_RECORD)
    .join(LOG_SUBJECT, LOG_SUBJECT.c.record_hash == LOG_RECORD.c.record_hash)
    .where(LOG_SUBJECT.c.blind_subject == bindparam("subject"), LOG_RECORD.c.position > bindparam("after"))
    .order_by(LOG_RECORD.c.position)
    .limit(bindparam("most"))
)
_REFUSED = select(REFUSED_MESSAGE.c.reason).where(REFUSED_MESSAGE.c.message_hash == bindparam("key"))


@dataclass(slots=True)
class LogTable:
    """See gateway.app.log_ports.Log.

    Attributes:
        queued: whether anything was appended.
    """

    connection: AsyncConnection
    queued: bool = False

    async def append(self, row: RecordRow, blind_subjects: Sequence[bytes] = ()) -> None:
        """As the port."""
        self.queued = True
        await insert_rows(self.connection, LOG_RECORD, [row], "position")
        named_in = [{"blind_subject": each, "record_hash": row.record_hash} for each in blind_subjects]
        if named_in:
            await self.connection.execute(insert_into(LOG_SUBJECT), named_in)

    async def page(self, after: int, limit: int, exchange_id: str | None) -> list[RecordRow]:
        """As the port."""
        query = select(LOG_RECORD).where(LOG_RECORD.c.position > after)
        if exchange_id is not None:
            query = query.where(LOG_RECORD.c.exchange_id == exchange_id)
        rows = await fetch(self.connection, query.order_by(LOG_RECORD.c.position).limit(limit))
        return [RecordRow(**named(row)) for row in rows]

    async def of_subject(self, blind_subject: bytes, after: int, limit: int) -> list[RecordRow]:
        """As the port."""
        values = {"subject": blind_subject, "after": after, "most": limit}
        return [RecordRow(**named(row)) for row in await fetch(self.connection, _ABOUT, values)]

    async def find(self, record_hash: str) -> RecordRow | None:
        """As the port."""
        row = await fetch_one(self.connection, _BY_HASH, {"key": record_hash})
        return None if row is None else RecordRow(**named(row))


@dataclass(frozen=True, slots=True)
class TextTable:
    """See gateway.app.ports.Texts."""

    connection: AsyncConnection

    async def add(self, rows: Sequence[TextRow]) -> None:
        """As the port."""
        await insert_rows(self.connection, TEXT, rows)

    async def of_exchange(self, exchange_id: str) -> list[TextRow]:
        """As the port."""
        query = select(TEXT).where(TEXT.c.exchange_id == exchange_id).order_by(TEXT.c.scope, TEXT.c.name)
        return [TextRow(**named(row)) for row in await fetch(self.connection, query)]


@dataclass(frozen=True, slots=True)
class RefusalTable:
    """See gateway.app.ports.Refusals."""

    connection: AsyncConnection

    async def known(self, message_hash: str) -> bool:
        """As the port."""
        return await fetch_one(self.connection, _REFUSED, {"key": message_hash}) is not None

    async def add(self, row: RefusalRow) -> None:
        """As the port."""
        await insert_rows(self.connection, REFUSED_MESSAGE, [row])
