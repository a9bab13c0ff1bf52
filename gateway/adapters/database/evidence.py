"""Texts and refusals in the database. Each class answers its port in gateway.app."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.adapters.database.rows import fetch, fetch_one, insert_rows, named
from gateway.adapters.database.tables import REFUSED_MESSAGE, TEXT
from gateway.app.rows import RefusalRow, TextRow

_BY_NAME = select(TEXT).where(TEXT.c.scope == bindparam("scope"), TEXT.c.name == bindparam("name"))
_REFUSED = select(REFUSED_MESSAGE.c.reason).where(REFUSED_MESSAGE.c.message_hash == bindparam("key"))


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

    async def find(self, scope: str, name: str) -> TextRow | None:
        """As the port."""
        row = await fetch_one(self.connection, _BY_NAME, {"scope": scope, "name": name})
        return None if row is None else TextRow(**named(row))


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
