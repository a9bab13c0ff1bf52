"""Who read what here."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kit.store.paging import Beside, page_of
from services.kit.store.statements import insert_into
from services.kit.store.tables import reading
from services.kit.store.vault import Place, Vault


@dataclass(frozen=True, slots=True)
class StoredReading:
    """One reading.

    Attributes:
        reading_id: made up.
        kind: number of an `exchange.v1.ReadingKind`.
        exchange_id: concerned.
        delivery_id: read; empty for outcomes.
        system: that called: its id at the identity provider.
        person: who read; encrypted at rest, as the role and the reason are.
        reason: why, in the person's words, where what is read is given for a reason alone.
        position: increasing; 0 before it is stored.
    """

    reading_id: str
    kind: int
    at: datetime
    exchange_id: str
    delivery_id: str
    system: str
    person: str
    role: str
    reason: str = ""
    position: int = 0


@dataclass(frozen=True, slots=True)
class ReadingFilter:
    """Which readings to list: beside a position; of an exchange or a delivery, if given."""

    beside: Beside
    exchange_id: str = ""
    delivery_id: str = ""


class Readings:
    """The table of readings."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def add(self, connection: AsyncConnection, added: Iterable[StoredReading]) -> None:
        """Notes readings."""
        rows = [self._write(each) for each in added]
        if rows:
            await connection.execute(insert_into(reading), rows)

    async def page(
        self, connection: AsyncConnection, which: ReadingFilter, limit: int
    ) -> list[StoredReading]:
        """Readings by position, or against it."""
        query = page_of(reading, which.beside, limit)
        if which.exchange_id:
            query = query.where(reading.c.exchange_id == which.exchange_id)
        if which.delivery_id:
            query = query.where(reading.c.delivery_id == which.delivery_id)
        rows = await connection.execute(query)
        return [self._read(row) for row in rows]

    def _write(self, added: StoredReading) -> dict[str, Any]:
        who = {"system": added.system, "person": added.person, "role": added.role, "reason": added.reason}
        return {
            "reading_id": added.reading_id,
            "kind": added.kind,
            "at": added.at,
            "exchange_id": added.exchange_id,
            "delivery_id": added.delivery_id,
            "body": self._vault.encrypt_json(who, Place("reading", "body", added.reading_id)),
        }

    def _read(self, row: Row[Any]) -> StoredReading:
        who = self._vault.decrypt_json(row.body, Place("reading", "body", row.reading_id))
        return StoredReading(
            row.reading_id, row.kind, row.at, row.exchange_id, row.delivery_id, **who, position=row.position
        )
