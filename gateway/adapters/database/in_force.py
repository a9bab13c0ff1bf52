"""What was last recorded as in force; answers its port in gateway.app.ports."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.adapters.database.rows import fetch_one, insert_into
from gateway.adapters.database.tables import IN_FORCE

_ONLY: Final = 1


@dataclass(frozen=True, slots=True)
class InForceTable:
    """See gateway.app.ports.InForceTable."""

    connection: AsyncConnection

    async def last(self) -> str | None:
        """As the port."""
        row = await fetch_one(self.connection, select(IN_FORCE.c.written))
        return None if row is None else str(row["written"])

    async def remember(self, written: str, at: datetime) -> None:
        """As the port."""
        await self.connection.execute(delete(IN_FORCE))
        await self.connection.execute(insert_into(IN_FORCE), [{"only": _ONLY, "written": written, "at": at}])
