"""The log, texts, subjects and refusals in the database. Each class answers its port in gateway.app.ports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.adapters.database.rows import fetch, fetch_one, insert_into, insert_rows, named
from gateway.adapters.database.tables import LOG_RECORD, REFUSED_MESSAGE, SUBJECT, SUBJECT_IDENTIFIER, TEXT
from gateway.app.rows import RecordRow, RefusalRow, TextRow

_KNOWN = select(SUBJECT_IDENTIFIER.c.blind_index, SUBJECT_IDENTIFIER.c.subject_id).where(
    SUBJECT_IDENTIFIER.c.blind_index.in_(bindparam("keys", expanding=True))
)
_REFUSED = select(REFUSED_MESSAGE.c.reason).where(REFUSED_MESSAGE.c.message_hash == bindparam("key"))


@dataclass(frozen=True, slots=True)
class LogTable:
    """See gateway.app.ports.Log."""

    connection: AsyncConnection

    async def append(self, row: RecordRow) -> None:
        """As the port."""
        await insert_rows(self.connection, LOG_RECORD, [row], "position")

    async def page(self, after: int, limit: int, exchange_id: str | None) -> list[RecordRow]:
        """As the port."""
        query = select(LOG_RECORD).where(LOG_RECORD.c.position > after)
        if exchange_id is not None:
            query = query.where(LOG_RECORD.c.exchange_id == exchange_id)
        rows = await fetch(self.connection, query.order_by(LOG_RECORD.c.position).limit(limit))
        return [RecordRow(**named(row)) for row in rows]


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
class SubjectTable:
    """See gateway.app.ports.Subjects."""

    connection: AsyncConnection

    async def known(self, indexes: Sequence[bytes]) -> dict[bytes, str]:
        """As the port."""
        rows = await fetch(self.connection, _KNOWN, {"keys": indexes})
        return {bytes(row["blind_index"]): row["subject_id"] for row in rows}

    async def add(self, subject_id: str, at: datetime) -> None:
        """As the port."""
        row = {"subject_id": subject_id, "created_at": at}
        await self.connection.execute(insert_into(SUBJECT), [row])

    async def identify(self, subject_id: str, systems: Mapping[bytes, int], at: datetime) -> None:
        """As the port."""
        rows = [
            {"blind_index": index, "subject_id": subject_id, "system": system, "created_at": at}
            for index, system in systems.items()
        ]
        if rows:
            await self.connection.execute(insert_into(SUBJECT_IDENTIFIER), rows)


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
