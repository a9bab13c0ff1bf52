"""Submissions, register, holds and facts in the database; each class answers its port (gateway.app.ports)."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, bindparam, exists, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.adapters.database.hold_queue import IS_OPEN, queue_query, tally_query
from gateway.adapters.database.hold_tables import HOLD_KEY
from gateway.adapters.database.rows import columns_of, fetch, fetch_one, insert_rows, named
from gateway.adapters.database.tables import DECISION, EXCHANGE, FACT, HOLD, SUBMISSION
from gateway.app.hold_filter import HoldFilter, HoldTally
from gateway.app.rows import (
    DecisionRow,
    ExchangeRow,
    FactRow,
    HoldKeyRow,
    HoldRow,
    HoldState,
    SubmissionRow,
    SubmissionState,
)

_SUBMISSION = select(SUBMISSION).where(SUBMISSION.c.exchange_id == bindparam("key"))
_REQUEST = select(SUBMISSION).where(SUBMISSION.c.request_key == bindparam("key"))
_DROP = update(SUBMISSION).where(SUBMISSION.c.exchange_id == bindparam("key")).values(ciphertext=None)
_REGISTER = insert(EXCHANGE).returning(EXCHANGE.c.position)
_EXCHANGE = select(EXCHANGE).where(EXCHANGE.c.exchange_id == bindparam("key"))
_STANDING = select(*(column for column in DECISION.c if column.name != "body"))
_HOLDS = select(HOLD).where(HOLD.c.exchange_id == bindparam("key")).order_by(HOLD.c.position)
_FACTS = select(FACT).where(FACT.c.exchange_id == bindparam("key")).order_by(FACT.c.position)


def concerns(exchange_id: ColumnElement[Any], organisations: Collection[str]) -> ColumnElement[bool]:
    """Whether one of these organisations sent an exchange, or it was decided for one.

    Asked of each exchange that is found, by index: a list of all that concern them grows with the register.
    """
    own, sent, decided = list(organisations), EXCHANGE.alias(), DECISION.alias()
    return or_(
        exists().where(sent.c.exchange_id == exchange_id, sent.c.sender.in_(own)),
        exists().where(decided.c.exchange_id == exchange_id, decided.c.organisation.in_(own)),
    )


@dataclass(frozen=True, slots=True)
class SubmissionTable:
    """See gateway.app.ports.Submissions."""

    connection: AsyncConnection

    async def find(self, exchange_id: str) -> SubmissionRow | None:
        """As the port."""
        return _submission(await fetch_one(self.connection, _SUBMISSION, {"key": exchange_id}))

    async def find_request(self, request_key: bytes) -> SubmissionRow | None:
        """As the port."""
        return _submission(await fetch_one(self.connection, _REQUEST, {"key": request_key}))

    async def add(self, row: SubmissionRow) -> None:
        """As the port."""
        await insert_rows(self.connection, SUBMISSION, [row])

    async def drop_ciphertext(self, exchange_id: str) -> None:
        """As the port."""
        await self.connection.execute(_DROP, {"key": exchange_id})


@dataclass(frozen=True, slots=True)
class RegisterTable:
    """See gateway.app.ports.Register."""

    connection: AsyncConnection

    async def add(self, row: ExchangeRow) -> int:
        """As the port."""
        done = await self.connection.execute(_REGISTER, columns_of(row, "position"))
        position: int = done.scalar_one()
        return position

    async def add_decisions(self, rows: Sequence[DecisionRow]) -> None:
        """As the port."""
        await insert_rows(self.connection, DECISION, rows)

    async def find(self, exchange_id: str) -> ExchangeRow | None:
        """As the port."""
        row = await fetch_one(self.connection, _EXCHANGE, {"key": exchange_id})
        return None if row is None else ExchangeRow(**named(row))

    async def page(self, after: int, limit: int) -> list[ExchangeRow]:
        """As the port."""
        query = select(EXCHANGE).where(EXCHANGE.c.position > after)
        rows = await fetch(self.connection, query.order_by(EXCHANGE.c.position).limit(limit))
        return [ExchangeRow(**named(row)) for row in rows]

    async def concerning(self, exchange_ids: Collection[str], organisations: Collection[str]) -> set[str]:
        """As the port."""
        if not exchange_ids:
            return set()
        asked, own = list(exchange_ids), list(organisations)
        sent = select(EXCHANGE.c.exchange_id).where(
            EXCHANGE.c.exchange_id.in_(asked), EXCHANGE.c.sender.in_(own)
        )
        to = select(DECISION.c.exchange_id).where(
            DECISION.c.exchange_id.in_(asked), DECISION.c.organisation.in_(own)
        )
        found = [*await fetch(self.connection, sent), *await fetch(self.connection, to)]
        return {row["exchange_id"] for row in found}

    async def decisions(self, exchange_ids: Iterable[str]) -> list[DecisionRow]:
        """As the port."""
        query = select(DECISION).where(DECISION.c.exchange_id.in_(list(exchange_ids)))
        rows = await fetch(self.connection, query.order_by(DECISION.c.position))
        return [DecisionRow(**named(row, "position")) for row in rows]

    async def standing(self, exchange_ids: Iterable[str]) -> list[DecisionRow]:
        """As the port."""
        query = _STANDING.where(DECISION.c.exchange_id.in_(list(exchange_ids)))
        rows = await fetch(self.connection, query.order_by(DECISION.c.position))
        return [DecisionRow(**named(row, "position"), body="") for row in rows]


@dataclass(frozen=True, slots=True)
class HoldTable:
    """See gateway.app.ports.Holds."""

    connection: AsyncConnection

    async def add(self, rows: Sequence[HoldRow]) -> None:
        """As the port."""
        await insert_rows(self.connection, HOLD, rows, "position")

    async def find(self, hold_id: str) -> HoldRow | None:
        """As the port."""
        row = await fetch_one(self.connection, select(HOLD).where(HOLD.c.hold_id == hold_id))
        return None if row is None else _hold(row)

    async def of_exchange(self, exchange_id: str) -> list[HoldRow]:
        """As the port."""
        return [_hold(row) for row in await fetch(self.connection, _HOLDS, {"key": exchange_id})]

    async def close(self, hold_id: str, state: HoldState, at: datetime) -> None:
        """As the port."""
        still_open = (HOLD.c.hold_id == hold_id) & (HOLD.c.state == HoldState.OPEN.value)
        await self.connection.execute(update(HOLD).where(still_open).values(state=state.value, closed_at=at))

    async def expiring(self, now: datetime, limit: int) -> list[HoldRow]:
        """As the port."""
        query = select(HOLD).where(IS_OPEN, HOLD.c.expires_at <= now).order_by(HOLD.c.position).limit(limit)
        return [_hold(row) for row in await fetch(self.connection, query)]

    async def queue(self, wanted: HoldFilter, limit: int) -> list[HoldRow]:
        """As the port."""
        rows = await fetch(self.connection, queue_query(wanted).limit(limit))
        return [_hold(row) for row in rows]

    async def tally(self, concerned: Collection[str], now: datetime) -> list[HoldTally]:
        """As the port."""
        rows = await fetch(self.connection, tally_query(concerned, now))
        return [HoldTally(**named(row)) for row in rows]

    async def turn(self, row: HoldKeyRow) -> None:
        """As the port."""
        await insert_rows(self.connection, HOLD_KEY, [row])

    async def turned(self, exchange_ids: Iterable[str]) -> list[HoldKeyRow]:
        """As the port."""
        query = select(HOLD_KEY).where(HOLD_KEY.c.exchange_id.in_(list(exchange_ids)))
        rows = await fetch(self.connection, query.order_by(HOLD_KEY.c.position))
        return [HoldKeyRow(**named(row, "position")) for row in rows]


@dataclass(frozen=True, slots=True)
class FactTable:
    """See gateway.app.ports.Facts."""

    connection: AsyncConnection

    async def add(self, rows: Sequence[FactRow]) -> None:
        """As the port."""
        await insert_rows(self.connection, FACT, rows)

    async def of_exchange(self, exchange_id: str) -> list[FactRow]:
        """As the port."""
        rows = await fetch(self.connection, _FACTS, {"key": exchange_id})
        return [FactRow(**named(row, "position")) for row in rows]


def _submission(row: RowMapping | None) -> SubmissionRow | None:
    if row is None:
        return None
    return SubmissionRow(**named(row, "state"), state=SubmissionState(row["state"]))


def _hold(row: RowMapping) -> HoldRow:
    return HoldRow(**named(row, "state"), state=HoldState(row["state"]))
