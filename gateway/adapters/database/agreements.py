"""Agreements, and past decisions without their content, in the database; each answers its port."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import BigInteger, Select, bindparam, cast, delete, func, select, text, union
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.adapters.database.agreement_tables import ABSTRACT, ABSTRACT_PARTY, AGREEMENT_EVENT
from gateway.adapters.database.rows import fetch, fetch_one, insert_plain, insert_rows, named
from gateway.adapters.database.tables import DELIVERY, EXCHANGE, HOLD, PACKET
from gateway.adapters.database.tally_tables import TALLY
from gateway.app.agreement_rows import AbstractRow, AgreementRow, FlowCountRow
from gateway.app.ports import StoreUnavailableError
from gateway.app.rows import HoldState
from services.kit.calendar import local_day
from services.kit.database import share_lock, translate_faults

_HEAD: Final = select(AGREEMENT_EVENT.c.record_hash).order_by(AGREEMENT_EVENT.c.position.desc()).limit(1)
_ALL: Final = select(AGREEMENT_EVENT).order_by(AGREEMENT_EVENT.c.position)
_OPEN: Final = HOLD.c.state == HoldState.OPEN.value
# Written out as the partial indexes have them: SQLite uses those for nothing else.
_TRIED: Final = text("figure = 'UNCOVERED' AND grain = 'D'")
_WAITS: Final = text("state = 'OPEN'")
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
        if not organisations:
            return []
        found = union(*(_newest_of(each, limit) for each in organisations)).subquery()
        order = found.c.decided_at.desc(), found.c.exchange_id
        chosen = select(found.c.exchange_id).order_by(*order).limit(limit).subquery()
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

    async def tried(self) -> list[FlowCountRow]:
        """As the port."""
        flow = TALLY.c.sender, TALLY.c.recipient, TALLY.c.document_type
        counted = cast(func.sum(TALLY.c.count), BigInteger), func.max(TALLY.c.start)
        rows: Sequence[Any] = (
            await self.connection.execute(select(*flow, *counted).where(_TRIED).group_by(*flow))
        ).all()
        return [
            FlowCountRow(sender, to, kind, int(count), date.fromisoformat(day))
            for sender, to, kind, count, day in rows
        ]

    async def waiting(self, prerequisite: str) -> list[FlowCountRow]:
        """As the port."""
        flow = HOLD.c.sender, HOLD.c.recipient_organisation, HOLD.c.document_type
        counted = func.count(HOLD.c.exchange_id.distinct()), func.max(HOLD.c.opened_at)
        query = select(*flow, *counted).where(_WAITS, HOLD.c.prerequisite == prerequisite)
        rows: Sequence[Any] = (await self.connection.execute(query.group_by(*flow))).all()
        return [
            FlowCountRow(sender, to, kind, int(count), local_day(at)) for sender, to, kind, count, at in rows
        ]


def _newest_of(organisation: str, limit: int) -> Select[Any]:
    """As many for one organisation as are wanted in all: each is read from its end of the index."""
    party = ABSTRACT_PARTY.c
    own = select(party.exchange_id, party.decided_at).where(party.organisation == organisation)
    return select(own.order_by(party.decided_at.desc()).limit(limit).subquery())
