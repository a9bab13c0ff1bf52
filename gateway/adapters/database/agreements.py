"""Agreements, and past decisions without their content, in the database; each answers its port."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, bindparam, case, delete, func, literal, select, text, union, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.adapters.database.agreement_tables import ABSTRACT, ABSTRACT_PARTY, AGREEMENT_EVENT
from gateway.adapters.database.rows import fetch, fetch_one, insert_plain, insert_rows, named
from gateway.adapters.database.tables import DECISION, DELIVERY, EXCHANGE, HOLD, PACKET
from gateway.app.agreement_rows import AbstractRow, AgreementRow, UncoveredRow
from gateway.app.ports import StoreUnavailableError
from gateway.app.rows import HoldState
from services.kit.database import share_lock, translate_faults

_HEAD: Final = select(AGREEMENT_EVENT.c.record_hash).order_by(AGREEMENT_EVENT.c.position.desc()).limit(1)
_ALL: Final = select(AGREEMENT_EVENT).order_by(AGREEMENT_EVENT.c.position)
_OPEN: Final = HOLD.c.state == HoldState.OPEN.value
_WENT: Final = select(
    DECISION.c.exchange_id, DECISION.c.organisation.label("recipient"), literal(0).label("waits")
).where(text("decision.uncovered"))  # as the index has it: SQLite takes "= 1" and "IS true" for others
_FORGET: Final = tuple(
    delete(table).where(table.c.exchange_id == bindparam("key")) for table in (ABSTRACT_PARTY, ABSTRACT)
)


@dataclass(frozen=True, slots=True)
class AgreementEventTable:
    """See gateway.app.agreement_ports.AgreementEvents."""

    connection: AsyncConnection

    async def head(self) -> str | None:
        """As the port."""
        row = await fetch_one(self.connection, _HEAD)
        return None if row is None else str(row["record_hash"])

    async def keep_still(self, lock: str) -> None:
        """As the port."""
        async with translate_faults(StoreUnavailableError):
            await share_lock(self.connection, lock)

    async def all(self) -> list[AgreementRow]:
        """As the port."""
        return [AgreementRow(**named(row)) for row in await fetch(self.connection, _ALL)]

    async def add(self, row: AgreementRow) -> None:
        """As the port."""
        await insert_rows(self.connection, AGREEMENT_EVENT, [row], "position")


@dataclass(frozen=True, slots=True)
class AbstractTable:
    """See gateway.app.agreement_ports.Abstracts."""

    connection: AsyncConnection

    async def replace(self, row: AbstractRow) -> None:
        """As the port."""
        for forget in _FORGET:
            await self.connection.execute(forget, {"key": row.exchange_id})
        await self.add(row)

    async def add(self, row: AbstractRow) -> None:
        """As the port."""
        await insert_rows(self.connection, ABSTRACT, [row], "organisations")
        common = {"exchange_id": row.exchange_id, "decided_at": row.decided_at}
        parties = [{**common, "organisation": each} for each in sorted(set(row.organisations))]
        await insert_plain(self.connection, ABSTRACT_PARTY, parties)

    async def newest(self, organisations: Collection[str], limit: int) -> list[AbstractRow]:
        """As the port."""
        party = ABSTRACT_PARTY.c
        chosen = (
            select(party.exchange_id)
            .where(party.organisation.in_(list(organisations)))
            .group_by(party.exchange_id, party.decided_at)
            .order_by(party.decided_at.desc(), party.exchange_id)
            .limit(limit)
            .subquery()
        )
        query = select(ABSTRACT).join(chosen, chosen.c.exchange_id == ABSTRACT.c.exchange_id)
        rows = await fetch(self.connection, query.order_by(ABSTRACT.c.decided_at.desc()))
        return [AbstractRow(**named(row), organisations=()) for row in rows]


@dataclass(frozen=True, slots=True)
class FlowTable:
    """See gateway.app.agreement_ports.Flows."""

    connection: AsyncConnection

    async def under_way(self, organisations: Collection[str]) -> list[str]:
        """As the port."""
        among = list(organisations)
        held = (
            select(EXCHANGE.c.exchange_id)
            .join(HOLD, HOLD.c.exchange_id == EXCHANGE.c.exchange_id)
            .where(_OPEN, HOLD.c.recipient_organisation.in_(among), EXCHANGE.c.sender.in_(among))
        )
        unpublished = (
            select(EXCHANGE.c.exchange_id)
            .join(DELIVERY, DELIVERY.c.exchange_id == EXCHANGE.c.exchange_id)
            .join(PACKET, PACKET.c.packet_id == DELIVERY.c.packet_id)
            .where(PACKET.c.published_at.is_(None), PACKET.c.ciphertext.is_not(None))
            .where(DELIVERY.c.organisation.in_(among), EXCHANGE.c.sender.in_(among))
        )
        rows = (await self.connection.execute(union(held, unpublished))).all()
        return sorted(row[0] for row in rows)

    async def uncovered(self, prerequisite: str) -> list[UncoveredRow]:
        """As the port."""
        rows = await fetch(self.connection, _uncovered(prerequisite))
        return [UncoveredRow(**named(row, "waiting"), waiting=int(row["waiting"])) for row in rows]


def _uncovered(prerequisite: str) -> Select[Any]:
    """Each exchange counts once for each organisation that it was for."""
    tried = union_all(_held_for(prerequisite), _WENT).subquery()
    once = (
        select(tried.c.exchange_id, tried.c.recipient, func.max(tried.c.waits).label("waits"))
        .group_by(tried.c.exchange_id, tried.c.recipient)
        .subquery()
    )
    flow = EXCHANGE.c.document_type, EXCHANGE.c.sender, once.c.recipient
    counted = func.count().label("exchanges"), func.sum(once.c.waits).label("waiting")
    query = select(*flow, *counted, func.max(EXCHANGE.c.decided_at).label("newest"))
    return query.join(once, once.c.exchange_id == EXCHANGE.c.exchange_id).group_by(*flow).order_by(*flow)


def _held_for(prerequisite: str) -> Select[Any]:
    waits = case((_OPEN, 1), else_=0).label("waits")
    held = select(HOLD.c.exchange_id, HOLD.c.recipient_organisation.label("recipient"), waits)
    return held.where(HOLD.c.prerequisite == prerequisite)
