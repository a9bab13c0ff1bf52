"""Breach cases in the database. Answers the port in gateway.app.breaches."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.adapters.database.breach_tables import BREACH, BREACH_AFFECTED, BREACH_STEP
from gateway.adapters.database.rows import fetch, fetch_one, insert_absent, insert_rows, named
from gateway.app.breaches.rows import AffectedRow, BreachRow, BreachStepRow


@dataclass(frozen=True, slots=True)
class BreachTable:
    """See gateway.app.breaches.ports.Breaches."""

    connection: AsyncConnection

    async def add(self, row: BreachRow) -> None:
        """As the port."""
        await insert_rows(self.connection, BREACH, [row])

    async def find(self, breach_id: str) -> BreachRow | None:
        """As the port."""
        row = await fetch_one(self.connection, select(BREACH).where(BREACH.c.breach_id == breach_id))
        return None if row is None else BreachRow(**named(row))

    async def of_organisation(self, organisation: str) -> list[BreachRow]:
        """As the port."""
        query = select(BREACH).where(BREACH.c.organisation == organisation)
        newest = query.order_by(BREACH.c.opened_at.desc(), BREACH.c.breach_id)
        return [BreachRow(**named(row)) for row in await fetch(self.connection, newest)]

    async def close(self, breach_id: str, at: datetime) -> None:
        """As the port."""
        closed = update(BREACH).where(BREACH.c.breach_id == breach_id, BREACH.c.closed_at.is_(None))
        await self.connection.execute(closed.values(closed_at=at))

    async def add_step(self, row: BreachStepRow) -> None:
        """As the port."""
        await insert_rows(self.connection, BREACH_STEP, [row])

    async def steps(self, breach_id: str) -> list[BreachStepRow]:
        """As the port."""
        query = select(BREACH_STEP).where(BREACH_STEP.c.breach_id == breach_id)
        rows = await fetch(self.connection, query.order_by(BREACH_STEP.c.position))
        return [BreachStepRow(**named(row, "position")) for row in rows]

    async def add_affected(self, rows: Sequence[AffectedRow]) -> None:
        """As the port."""
        await insert_absent(self.connection, BREACH_AFFECTED, rows)

    async def affected(self, breach_id: str) -> list[str]:
        """As the port."""
        query = select(BREACH_AFFECTED.c.exchange_id).where(BREACH_AFFECTED.c.breach_id == breach_id)
        rows = await fetch(self.connection, query.order_by(BREACH_AFFECTED.c.exchange_id))
        return [row["exchange_id"] for row in rows]
