"""Calls that were not let in here."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kit.store.paging import Beside, page_of
from services.kit.store.statements import insert_into
from services.kit.store.tables import refusal
from services.kit.store.vault import Place, Vault


@dataclass(frozen=True, slots=True)
class StoredRefusal:
    """Refusals of one kind, counted.

    Attributes:
        refusal_id: made up.
        since: when the first was.
        until: when the last was.
        count: how many.
        organisation: as the caller's certificate names it.
        method: that was called.
        reason: why not, in capitals.
        client: the calling system's id, or empty; encrypted at rest, as the person and the job are.
        person: for whom it called, or empty.
        job: of the person.
        position: increasing; 0 before it is stored.
    """

    refusal_id: str
    since: datetime
    until: datetime
    count: int
    organisation: str
    method: str
    reason: str
    client: str
    person: str
    job: str
    position: int = 0


class Refusals:
    """The table of refusals."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def add(self, connection: AsyncConnection, added: Iterable[StoredRefusal]) -> None:
        """Notes refusals."""
        rows = [self._write(each) for each in added]
        if rows:
            await connection.execute(insert_into(refusal), rows)

    async def page(self, connection: AsyncConnection, beside: Beside, limit: int) -> list[StoredRefusal]:
        """Refusals by position, or against it."""
        return [self._read(row) for row in await connection.execute(page_of(refusal, beside, limit))]

    def _write(self, added: StoredRefusal) -> dict[str, Any]:
        who = {"client": added.client, "person": added.person, "job": added.job}
        return {
            "refusal_id": added.refusal_id,
            "since": added.since,
            "until": added.until,
            "count": added.count,
            "organisation": added.organisation,
            "method": added.method,
            "reason": added.reason,
            "body": self._vault.encrypt_json(who, Place("refusal", "body", added.refusal_id)),
        }

    def _read(self, row: Row[Any]) -> StoredRefusal:
        who = self._vault.decrypt_json(row.body, Place("refusal", "body", row.refusal_id))
        return StoredRefusal(
            refusal_id=row.refusal_id,
            since=row.since,
            until=row.until,
            count=row._mapping["count"],  # noqa: SLF001 - a row's own method has that name
            organisation=row.organisation,
            method=row.method,
            reason=row.reason,
            **who,
            position=row.position,
        )
