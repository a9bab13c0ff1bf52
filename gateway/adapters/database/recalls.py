"""Recalls in the database. Answers the port in gateway.app.recalls."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.adapters.database.recall_tables import RECALL, RECALL_TOLD
from gateway.adapters.database.rows import fetch, fetch_one, insert_rows, named
from gateway.app.recalls.rows import RecallRow, RecallToldRow


@dataclass(frozen=True, slots=True)
class RecallTable:
    """See gateway.app.recalls.ports.Recalls."""

    connection: AsyncConnection

    async def add(self, row: RecallRow, told: Sequence[RecallToldRow]) -> None:
        """As the port."""
        await insert_rows(self.connection, RECALL, [row])
        await insert_rows(self.connection, RECALL_TOLD, told)

    async def find(self, recall_id: str) -> RecallRow | None:
        """As the port."""
        row = await fetch_one(self.connection, select(RECALL).where(RECALL.c.recall_id == recall_id))
        return None if row is None else RecallRow(**named(row))

    async def of_exchange(self, exchange_id: str) -> RecallRow | None:
        """As the port."""
        row = await fetch_one(self.connection, select(RECALL).where(RECALL.c.exchange_id == exchange_id))
        return None if row is None else RecallRow(**named(row))

    async def of_exchanges(self, exchange_ids: Collection[str]) -> list[RecallRow]:
        """As the port."""
        query = select(RECALL).where(RECALL.c.exchange_id.in_(list(exchange_ids)))
        return [RecallRow(**named(row)) for row in await fetch(self.connection, query)]

    async def all_told(self, recall_id: str) -> list[RecallToldRow]:
        """As the port."""
        query = select(RECALL_TOLD).where(RECALL_TOLD.c.recall_id == recall_id)
        rows = await fetch(self.connection, query.order_by(RECALL_TOLD.c.organisation))
        return [RecallToldRow(**named(row)) for row in rows]

    async def told(self, recall_id: str, organisation: str) -> RecallToldRow | None:
        """As the port."""
        table = RECALL_TOLD.c
        query = select(RECALL_TOLD).where(table.recall_id == recall_id, table.organisation == organisation)
        row = await fetch_one(self.connection, query)
        return None if row is None else RecallToldRow(**named(row))

    async def confirm(self, recall_id: str, organisation: str, at: datetime) -> None:
        """As the port."""
        table = RECALL_TOLD.c
        which = update(RECALL_TOLD).where(table.recall_id == recall_id, table.organisation == organisation)
        await self.connection.execute(which.values(confirmed_at=at))
