"""Legal holds, and what is due to go, in the database. Each class answers its port in gateway.app."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BindParameter, Select, bindparam, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.adapters.database.agreement_tables import ABSTRACT, ABSTRACT_PARTY
from gateway.adapters.database.exchanges import concerns
from gateway.adapters.database.log_tables import LOG_LISTING, LOG_RECORD
from gateway.adapters.database.register_tables import TELEPHONE
from gateway.adapters.database.retention_tables import DOOMED_SCOPE, LEGAL_HOLD
from gateway.adapters.database.rows import fetch, fetch_one, insert_absent, insert_rows, named
from gateway.adapters.database.subject_tables import SUBJECT_MENTION
from gateway.adapters.database.tables import DECISION, DELIVERY, FACT, HOLD, OUTCOME, PACKET, SUBMISSION, TEXT
from gateway.app.retention_rows import DueRow, LegalHoldRow
from gateway.app.rows import RecordRow

_KEYS: Final[BindParameter[Any]] = bindparam("keys", expanding=True)
_RECORD: Final = LOG_RECORD.c
_KEPT = _RECORD.entry.is_not(None)
_OUTCOMES = select(OUTCOME.c.packet_id).where(OUTCOME.c.exchange_id.in_(_KEYS))
_DELIVERIES = select(DELIVERY.c.packet_id).where(DELIVERY.c.exchange_id.in_(_KEYS))
_OPEN_DELIVERIES = _DELIVERIES.where(DELIVERY.c.receipted_at.is_(None))
_UNDELIVERED = select(PACKET.c.packet_id).where(
    PACKET.c.ciphertext.is_not(None),
    or_(
        PACKET.c.packet_id.in_(_OPEN_DELIVERIES),
        PACKET.c.packet_id.in_(_OUTCOMES) & PACKET.c.published_at.is_(None),
    ),
)
_LIFT = (
    update(LEGAL_HOLD)
    .where(LEGAL_HOLD.c.legal_hold_id == bindparam("key"), LEGAL_HOLD.c.lifted_at.is_(None))
    .values(lifted_at=bindparam("at"), lifted_in=bindparam("scope"))
)


@dataclass(frozen=True, slots=True)
class LegalHoldTable:
    """See gateway.app.retention_ports.LegalHolds."""

    connection: AsyncConnection

    async def add(self, row: LegalHoldRow) -> None:
        """As the port."""
        await insert_rows(self.connection, LEGAL_HOLD, [row], "position")

    async def find(self, legal_hold_id: str) -> LegalHoldRow | None:
        """As the port."""
        query = select(LEGAL_HOLD).where(LEGAL_HOLD.c.legal_hold_id == legal_hold_id)
        row = await fetch_one(self.connection, query)
        return None if row is None else LegalHoldRow(**named(row))

    async def in_force(self) -> list[LegalHoldRow]:
        """As the port."""
        query = select(LEGAL_HOLD).where(LEGAL_HOLD.c.lifted_at.is_(None)).order_by(LEGAL_HOLD.c.position)
        return [LegalHoldRow(**named(row)) for row in await fetch(self.connection, query)]

    async def lift(self, legal_hold_id: str, at: datetime, lifted_in: str) -> None:
        """As the port."""
        await self.connection.execute(_LIFT, {"key": legal_hold_id, "at": at, "scope": lifted_in})


@dataclass(frozen=True, slots=True)
class ExpiryTable:
    """See gateway.app.retention_ports.Expiry."""

    connection: AsyncConnection

    async def exchanges(  # as the port
        self,
        retention_class: str,
        before: datetime,
        after_exchange: str,
        limit: int,
        *,
        concerning: Collection[str] | None = None,
    ) -> list[DueRow]:
        """As the port."""
        due = _RECORD.retention_class == retention_class, _KEPT, _RECORD.at < before
        # Found by its time: usually nothing of a class is due, and then no more of it is read.
        if await fetch_one(self.connection, select(_RECORD.position).where(*due).limit(1)) is None:
            return []
        newer = LOG_RECORD.alias()
        of_same = newer.c.exchange_id == _RECORD.exchange_id
        of_class = newer.c.retention_class == _RECORD.retention_class
        query = (
            _counted(_RECORD.exchange_id)
            .where(*due)
            .where(_RECORD.exchange_id > after_exchange)
            .where(~exists().where(of_same, of_class, newer.c.at >= before))
            .group_by(_RECORD.exchange_id, _RECORD.retention_class)
            .order_by(_RECORD.exchange_id, _RECORD.retention_class)
            .limit(limit)
        )
        if concerning is not None:
            query = query.where(concerns(_RECORD.exchange_id, concerning))
        return [DueRow(**named(row)) for row in await fetch(self.connection, query)]

    async def oldest(self, retention_class: str, before: datetime) -> DueRow | None:
        """As the port."""
        query = _counted().where(_RECORD.retention_class == retention_class, _KEPT, _RECORD.at < before)
        row = await fetch_one(self.connection, query.group_by(_RECORD.retention_class))
        return None if row is None else DueRow(**named(row), exchange_id=None)

    async def records(
        self, retention_class: str, before: datetime, after_position: int, limit: int
    ) -> list[RecordRow]:
        """As the port."""
        query = select(LOG_RECORD).where(
            _RECORD.retention_class == retention_class,
            _KEPT,
            _RECORD.at < before,
            _RECORD.position > after_position,
            _RECORD.leaf_index.is_not(None),
        )
        return await self._records(query.order_by(_RECORD.position).limit(limit))

    async def listed(self, listed_under: Collection[bytes]) -> set[int]:
        """As the port."""
        query = select(LOG_LISTING.c.position).where(LOG_LISTING.c.listed_under.in_(list(listed_under)))
        return {row["position"] for row in await fetch(self.connection, query)}

    async def prune(self, positions: Sequence[int]) -> None:
        """As the port."""
        pruned = update(LOG_RECORD).where(_RECORD.position.in_(_KEYS)).values(entry=None)
        await self.connection.execute(pruned, {"keys": list(positions)})

    async def of_exchanges(self, retention_class: str, exchange_ids: Collection[str]) -> list[RecordRow]:
        """As the port."""
        query = select(LOG_RECORD).where(
            _RECORD.retention_class == retention_class, _KEPT, _RECORD.exchange_id.in_(list(exchange_ids))
        )
        return await self._records(query.order_by(_RECORD.leaf_index))

    async def named(self, subject_ids: Collection[str]) -> list[str]:
        """As the port."""
        query = select(SUBJECT_MENTION.c.exchange_id).where(SUBJECT_MENTION.c.subject_id.in_(_KEYS))
        values = {"keys": list(subject_ids)}
        found = await fetch(self.connection, query.distinct().order_by(SUBJECT_MENTION.c.exchange_id), values)
        return [row["exchange_id"] for row in found]

    async def undelivered(self, exchange_id: str) -> list[str]:
        """As the port."""
        rows = await fetch(self.connection, _UNDELIVERED, {"keys": [exchange_id]})
        return [row["packet_id"] for row in rows]

    async def drop_exchanges(self, exchange_ids: Collection[str]) -> None:
        """As the port."""
        values = {"keys": list(exchange_ids)}
        for table in (TEXT, DECISION, HOLD, FACT, SUBJECT_MENTION, ABSTRACT_PARTY, ABSTRACT, TELEPHONE):
            await self.connection.execute(delete(table).where(table.c.exchange_id.in_(_KEYS)), values)
        seals = update(SUBMISSION).where(SUBMISSION.c.exchange_id.in_(_KEYS))
        # The digest of the leaves was there to know the same request again, and is not needed any more.
        await self.connection.execute(seals.values(ciphertext=None, leaf_digest=None), values)
        for packets in (_OUTCOMES, _DELIVERIES):
            emptied = update(PACKET).where(PACKET.c.packet_id.in_(packets)).values(ciphertext=None)
            await self.connection.execute(emptied, values)

    async def drop_texts(self, scopes: Collection[str]) -> set[str]:
        """As the port."""
        values = {"keys": list(scopes)}
        of_scopes = TEXT.c.scope.in_(_KEYS)
        rows = await fetch(self.connection, select(TEXT.c.key_scope).where(of_scopes).distinct(), values)
        await self.connection.execute(delete(TEXT).where(of_scopes), values)
        return {row["key_scope"] for row in rows}

    async def doom(self, key_scopes: Collection[str]) -> None:
        """As the port."""
        await insert_absent(self.connection, DOOMED_SCOPE, [_Scope(each) for each in sorted(set(key_scopes))])

    async def doomed(self) -> list[str]:
        """As the port."""
        rows = await fetch(self.connection, select(DOOMED_SCOPE).order_by(DOOMED_SCOPE.c.key_scope))
        return [row["key_scope"] for row in rows]

    async def destroyed(self, key_scopes: Collection[str]) -> None:
        """As the port."""
        gone = delete(DOOMED_SCOPE).where(DOOMED_SCOPE.c.key_scope.in_(_KEYS))
        await self.connection.execute(gone, {"keys": list(key_scopes)})

    async def _records(self, query: Select[Any]) -> list[RecordRow]:
        return [RecordRow(**named(row)) for row in await fetch(self.connection, query)]


@dataclass(frozen=True, slots=True)
class _Scope:
    key_scope: str


def _counted(*columns: Any) -> Select[Any]:
    return select(
        *columns,
        _RECORD.retention_class,
        func.count().label("records"),
        func.min(_RECORD.at).label("oldest"),
        func.max(_RECORD.at).label("newest"),
    )
