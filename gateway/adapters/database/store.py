"""The store: one writer's transactions with savepoints, and readers beside it."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Self

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from gateway.adapters.database.access import SubjectAccessTable
from gateway.adapters.database.agreements import AbstractTable, AgreementEventTable, FlowTable
from gateway.adapters.database.breaches import BreachTable
from gateway.adapters.database.clocks import ClockTable
from gateway.adapters.database.deferring import DeferringConnection
from gateway.adapters.database.deliveries import DeliveryTable, PacketTable
from gateway.adapters.database.evidence import RefusalTable, TextTable
from gateway.adapters.database.exchanges import FactTable, HoldTable, RegisterTable, SubmissionTable
from gateway.adapters.database.in_force import InForceTable
from gateway.adapters.database.log import LogTable
from gateway.adapters.database.recalls import RecallTable
from gateway.adapters.database.register import ListingTable, SavedFilterTable, TelephoneTable
from gateway.adapters.database.retention import ExpiryTable, LegalHoldTable
from gateway.adapters.database.schema import upgrade
from gateway.adapters.database.subjects import SubjectTable
from gateway.adapters.database.tallies import TallyTable
from gateway.adapters.database.tree import TreeTable
from gateway.adapters.database.witnesses import WitnessTable
from gateway.app.ports import StoreUnavailableError, Unit
from services.kit.database import (
    NO_ACCESS,
    DatabaseAccess,
    guard_file,
    make_reader,
    make_writer,
    require_fit,
    take_lock,
    translate_faults,
)


class DatabaseUnit:
    """See gateway.app.ports.Unit."""

    def __init__(self, bare: AsyncConnection) -> None:
        connection = self._connection = DeferringConnection.over(bare)
        self.submissions = SubmissionTable(connection)
        self.register = RegisterTable(connection)
        self.holds = HoldTable(connection)
        self.deliveries = DeliveryTable(connection)
        self.outgoing = PacketTable(connection)
        self.facts = FactTable(connection)
        self.subjects = SubjectTable(connection)
        self.log = LogTable(connection)
        self.texts = TextTable(connection)
        self.refusals = RefusalTable(connection)
        self.in_force = InForceTable(connection)
        self.tree = TreeTable(connection)
        self.witnesses = WitnessTable(connection)
        self.subject_access = SubjectAccessTable(connection)
        self.legal_holds = LegalHoldTable(connection)
        self.expiry = ExpiryTable(connection)
        self.clocks = ClockTable(connection)
        self.agreements = AgreementEventTable(connection)
        self.abstracts = AbstractTable(connection)
        self.flows = FlowTable(connection)
        self.breaches = BreachTable(connection)
        self.recalls = RecallTable(connection)
        self.listings = ListingTable(connection)
        self.saved_filters = SavedFilterTable(connection)
        self.telephoned = TelephoneTable(connection)
        self.tallies = TallyTable(connection)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """As the port."""
        restore = self._connection.remember()
        try:
            async with translate_faults(StoreUnavailableError), self._connection.begin_nested():
                yield
        except BaseException:
            restore()
            raise

    @asynccontextmanager
    async def together(self) -> AsyncIterator[None]:
        """As the port."""
        async with translate_faults(StoreUnavailableError), self._connection.together():
            yield

    async def lock(self, name: str) -> None:
        """As the port."""
        async with translate_faults(StoreUnavailableError):
            await take_lock(self._connection, name)


class DatabaseStore:
    """See gateway.app.ports.Store. Made by `open_store`."""

    def __init__(self, writer: AsyncEngine, reader: AsyncEngine, guard: int | None) -> None:
        self._writer = writer
        self._reader = reader
        self._guard = guard
        self._turn = asyncio.Lock()
        self._listeners: list[Callable[[], None]] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Unit]:
        """As the port."""
        faults = translate_faults(StoreUnavailableError)
        async with self._turn, faults, self._writer.begin() as connection:
            unit = DatabaseUnit(connection)
            yield unit
            await unit.tallies.settle()
        if unit.log.queued:
            for listener in self._listeners:
                listener()

    def tell(self, listener: Callable[[], None]) -> None:
        """Has a listener called after each commit that queued a record: such as the sequencer."""
        self._listeners.append(listener)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Unit]:
        """As the port."""
        async with translate_faults(StoreUnavailableError), self._reader.begin() as connection:
            yield DatabaseUnit(connection)

    async def ping(self) -> None:
        """Asks the database for an answer.

        Raises:
            StoreUnavailableError: it gives none.
        """
        async with translate_faults(StoreUnavailableError), self._reader.begin() as connection:
            await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Closes all connections."""
        await self._writer.dispose()
        await self._reader.dispose()
        if self._guard is not None:
            os.close(self._guard)
            self._guard = None


async def open_store(url: str, access: DatabaseAccess = NO_ACCESS) -> DatabaseStore:
    """Opens the database and brings its tables up to date.

    Args:
        url: such as `sqlite+aiosqlite:////var/lib/gateway/gateway.db`, or `postgresql+psycopg://` and a
            database of the gateway's own.
        access: files that belong to a server's URL.

    Raises:
        DatabaseError: not a URL of a supported kind; another process uses the file, or it cannot be made; or
            the server may forget what it confirmed.
        StoreUnavailableError: it cannot be opened or brought up to date.
    """
    parsed = access.require_match(url)
    guard = guard_file(parsed)
    store = DatabaseStore(make_writer(parsed, access), make_reader(parsed, access), guard)
    try:
        await _prepare(store)
    except BaseException:
        await store.close()
        raise
    return store


async def _prepare(store: DatabaseStore) -> None:
    faults = translate_faults(StoreUnavailableError)
    async with faults, store._writer.begin() as connection:  # noqa: SLF001  # made here
        await require_fit(connection)
        await connection.run_sync(upgrade)
