"""Clocks of which the gateway told, and whether immediate exchanges arrived."""

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kit.store.tables import clock, confirmation
from services.kit.store.vault import Place, Vault


@dataclass(frozen=True, slots=True)
class StoredClock:
    """A clock as the gateway told of it last.

    Attributes:
        state: number of an `exchange.v1.ClockState`.
        told: number of the `exchange.v1.OutcomeKind` by which it was told last.
        notice: the bytes of an `exchange.v1.ClockNotice`.
        position: in the order of the first telling; 0 before it is stored.
    """

    clock_id: str
    exchange_id: str
    document_type: str
    sender: str
    state: int
    told: int
    told_at: datetime
    notice: bytes
    position: int = 0


@dataclass(frozen=True, slots=True)
class StoredConfirmation:
    """One desk's part of an immediate exchange.

    Attributes:
        state: number of an `exchange.v1.ConfirmationState`.
        confirm_by: when its sender is to telephone, if nothing came back.
        position: in the order of sending; 0 before it is stored.
    """

    exchange_id: str
    organisation: str
    desk: str
    document_type: str
    accepted_at: datetime
    confirm_by: datetime
    state: int
    position: int = 0


class KnownClocks:
    """The table of clocks."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def put(self, connection: AsyncConnection, told: StoredClock) -> None:
        """Keeps what was told of a clock in the place of what was told before."""
        body = self._vault.encrypt(told.notice, _place(told.clock_id))
        values = {
            "exchange_id": told.exchange_id,
            "document_type": told.document_type,
            "sender": told.sender,
            "state": told.state,
            "told": told.told,
            "told_at": told.told_at,
            "body": body,
        }
        if await self.find(connection, told.clock_id) is None:
            await connection.execute(insert(clock).values(clock_id=told.clock_id, **values))
        else:
            await connection.execute(update(clock).where(clock.c.clock_id == told.clock_id).values(values))

    async def find(self, connection: AsyncConnection, clock_id: str) -> StoredClock | None:
        """The clock of this id."""
        row = (await connection.execute(select(clock).where(clock.c.clock_id == clock_id))).first()
        return None if row is None else self._read(row)

    async def page(
        self, connection: AsyncConnection, states: Collection[int], after: int, limit: int
    ) -> list[StoredClock]:
        """Clocks in any of these states after a position, oldest first."""
        query = select(clock).where(clock.c.position > after, clock.c.state.in_(list(states)))
        rows = await connection.execute(query.order_by(clock.c.position).limit(limit))
        return [self._read(row) for row in rows]

    def _read(self, row: Row[Any]) -> StoredClock:
        notice = self._vault.decrypt(row.body, _place(row.clock_id))
        kept = {name: value for name, value in row._mapping.items() if name != "body"}  # noqa: SLF001  # public
        return StoredClock(**kept, notice=notice)


class Confirmations:
    """The table of confirmations: ids, codes and times, nothing about people."""

    async def add(self, connection: AsyncConnection, rows: Collection[StoredConfirmation]) -> None:
        """Begins to wait."""
        if rows:
            await connection.execute(insert(confirmation), [_columns(row) for row in rows])

    async def of(self, connection: AsyncConnection, exchange_id: str) -> list[StoredConfirmation]:
        """Those of one exchange, oldest first."""
        query = select(confirmation).where(confirmation.c.exchange_id == exchange_id)
        return [
            _confirmation(row) for row in await connection.execute(query.order_by(confirmation.c.position))
        ]

    async def due(self, connection: AsyncConnection, state: int, now: datetime) -> list[StoredConfirmation]:
        """Those in a state whose minutes are over, oldest first."""
        query = select(confirmation).where(confirmation.c.state == state, confirmation.c.confirm_by <= now)
        return [
            _confirmation(row) for row in await connection.execute(query.order_by(confirmation.c.position))
        ]

    async def page(
        self, connection: AsyncConnection, states: Collection[int], after: int, limit: int
    ) -> list[StoredConfirmation]:
        """Those in any of these states after a position, oldest first."""
        query = select(confirmation).where(
            confirmation.c.position > after, confirmation.c.state.in_(list(states))
        )
        rows = await connection.execute(query.order_by(confirmation.c.position).limit(limit))
        return [_confirmation(row) for row in rows]

    async def advance(
        self,
        connection: AsyncConnection,
        row: StoredConfirmation,
        state: int,
        *,
        only_from: Collection[int],
    ) -> bool:
        """Sets the state of one that is in one of the given states; whether it was."""
        where = _is(row) & confirmation.c.state.in_(list(only_from))
        done = await connection.execute(update(confirmation).where(where).values(state=state))
        return done.rowcount > 0

    async def hasten(self, connection: AsyncConnection, row: StoredConfirmation, now: datetime) -> None:
        """Lets the minutes of one be over: nothing will come back."""
        await connection.execute(
            update(confirmation).where(_is(row), confirmation.c.confirm_by > now).values(confirm_by=now)
        )


def _is(row: StoredConfirmation) -> Any:
    return (
        (confirmation.c.exchange_id == row.exchange_id)
        & (confirmation.c.organisation == row.organisation)
        & (confirmation.c.desk == row.desk)
    )


def _columns(row: StoredConfirmation) -> dict[str, Any]:
    return {each.name: getattr(row, each.name) for each in fields(row) if each.name != "position"}


def _confirmation(row: Row[Any]) -> StoredConfirmation:
    return StoredConfirmation(**row._mapping)  # noqa: SLF001  # SQLAlchemy's public accessor


def _place(clock_id: str) -> Place:
    return Place("clock", "body", clock_id)
