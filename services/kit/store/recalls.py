"""Recalls of what was received here."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, exists, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kit.store.tables import delivery, recall
from services.kit.store.vault import Place, Vault


@dataclass(frozen=True, slots=True)
class StoredRecall:
    """A recall that the gateway told of.

    Attributes:
        exchange_id: what was recalled.
        notice: the bytes of an `exchange.v1.RecallNotice`.
        confirmed_at: when it was confirmed from here; None: it is still to be.
        position: in the order of arrival; 0 before it is stored.
    """

    recall_id: str
    exchange_id: str
    sender: str
    document_type: str
    told_at: datetime
    notice: bytes
    confirmed_at: datetime | None = None
    position: int = 0


class Recalls:
    """The table of recalls."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def add(self, connection: AsyncConnection, told: StoredRecall) -> bool:
        """Keeps a recall; False if it was told before."""
        if await self.find(connection, told.recall_id) is not None:
            return False
        body = self._vault.encrypt(told.notice, _place(told.recall_id))
        values = {
            "recall_id": told.recall_id,
            "exchange_id": told.exchange_id,
            "sender": told.sender,
            "document_type": told.document_type,
            "told_at": told.told_at,
            "body": body,
        }
        await connection.execute(insert(recall).values(values))
        return True

    async def find(
        self, connection: AsyncConnection, recall_id: str, hidden: Collection[str] = ()
    ) -> StoredRecall | None:
        """The recall of this id; not of what came to a hidden desk."""
        query = select(recall).where(recall.c.recall_id == recall_id, _is_seen(hidden))
        row = (await connection.execute(query)).first()
        return None if row is None else self._read(row)

    async def of_exchange(self, connection: AsyncConnection, exchange_id: str) -> StoredRecall | None:
        """The recall of an exchange; the first, if there are several."""
        query = select(recall).where(recall.c.exchange_id == exchange_id).order_by(recall.c.position).limit(1)
        row = (await connection.execute(query)).first()
        return None if row is None else self._read(row)

    async def page(
        self,
        connection: AsyncConnection,
        after: int,
        limit: int,
        *,
        confirmed: bool,
        hidden: Collection[str] = (),
    ) -> list[StoredRecall]:
        """Recalls after a position, oldest first; confirmed ones too, if wanted; not of hidden desks."""
        query = select(recall).where(recall.c.position > after, _is_seen(hidden))
        if not confirmed:
            query = query.where(recall.c.confirmed_at.is_(None))
        rows = await connection.execute(query.order_by(recall.c.position).limit(limit))
        return [self._read(row) for row in rows]

    async def confirm(self, connection: AsyncConnection, recall_id: str, at: datetime) -> None:
        """Notes when the gateway took its confirmation; the first counts."""
        open_one = (recall.c.recall_id == recall_id) & recall.c.confirmed_at.is_(None)
        await connection.execute(update(recall).where(open_one).values(confirmed_at=at))

    def _read(self, row: Row[Any]) -> StoredRecall:
        notice = self._vault.decrypt(row.body, _place(row.recall_id))
        kept = {name: value for name, value in row._mapping.items() if name != "body"}  # noqa: SLF001  # public
        return StoredRecall(**kept, notice=notice)


def _is_seen(hidden: Collection[str]) -> ColumnElement[bool]:
    """That what was recalled came to another desk, or has not come: then it says nothing of any."""
    here = delivery.c.exchange_id == recall.c.exchange_id
    return or_(~exists().where(here), exists().where(here & delivery.c.desk.not_in(hidden)))


def _place(recall_id: str) -> Place:
    return Place("recall", "body", recall_id)
