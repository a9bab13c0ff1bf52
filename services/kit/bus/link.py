"""One connection to the broker, kept up: connect, hand over, notice the loss, wait, connect again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Protocol, TypeVar

import structlog
from pika.adapters.asyncio_connection import AsyncioConnection

from services.kit.bus import faults
from services.kit.bus.backoff import Backoff
from services.kit.bus.errors import BusClosedError, BusError
from services.kit.bus.settings import BusSettings, connection_parameters
from services.kit.bus.wire import HardyConnection

_log = structlog.get_logger(__name__)
_CLOSE_TIMEOUT_S = 5.0
T = TypeVar("T")


class Passenger(Protocol):
    """Something that lives on a connection and survives its loss."""

    def connected(self, connection: AsyncioConnection) -> None:
        """A new connection stands: open channels on it."""

    def disconnected(self) -> None:
        """The connection is gone, and everything on it."""

    def ended(self, error: BusError) -> None:
        """There will not be another connection."""


class Link:
    """One connection for one role, `publishing` or `consuming`.

    A refusal (credentials, TLS, settings) before the first success is a wrong configuration and ends the
    link; after a success it may be a broker in the middle of a change, and is tried again.
    """

    def __init__(self, settings: BusSettings, role: str) -> None:
        self._settings = settings
        self._role = role
        self._passengers: list[Passenger] = []
        self._connection: AsyncioConnection | None = None
        self._task: asyncio.Task[None] | None = None
        self._lost: asyncio.Future[BaseException] | None = None
        self._succeeded = False
        self._said = ""  # the last reason logged for waiting
        self._change = asyncio.Event()
        self.error: BusError | None = None
        self.since = datetime.now(UTC)

    @property
    def connection(self) -> AsyncioConnection | None:
        """The connection, if it stands."""
        return self._connection

    def board(self, passenger: Passenger) -> None:
        """Add a passenger; told at once if the connection stands or has ended for good."""
        self._passengers.append(passenger)
        if self.error is not None:
            passenger.ended(self.error)
        elif self._connection is not None:
            passenger.connected(self._connection)

    def alight(self, passenger: Passenger) -> None:
        """Remove a passenger; it is told nothing any more."""
        with suppress(ValueError):
            self._passengers.remove(passenger)

    def start(self) -> None:
        """Begin connecting; returns at once.

        Raises:
            BusSettingsError: The settings cannot be used.
        """
        connection_parameters(self._settings, self._role)
        self._task = asyncio.get_running_loop().create_task(self._keep(), name=f"bus {self._role}")

    async def stop(self) -> None:
        """Close the connection in good order and do not connect again."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        self._end(BusClosedError("the bus is stopped"))

    async def wait(self) -> None:
        """Wait until the connection stands.

        Raises:
            BusError: It never will.
        """
        while self._connection is None:
            if self.error is not None:
                raise self.error
            self._change.clear()
            await self._change.wait()

    async def _keep(self) -> None:
        backoff = Backoff(self._settings.backoff_first_s, self._settings.backoff_limit_s)
        while self.error is None:
            try:
                connection, lost = await self._connect()
                stood_s = await self._ride(connection, lost)
            except Exception as error:  # noqa: BLE001 - whatever it was, the answer is to try again or to end
                await self._failed(error, backoff)
            else:
                if stood_s > backoff.limit_s:  # one that breaks at once is a failure too
                    backoff.reset()
                await asyncio.sleep(backoff.next())

    async def _connect(self) -> tuple[AsyncioConnection, asyncio.Future[BaseException]]:
        loop = asyncio.get_running_loop()
        opened: asyncio.Future[None] = loop.create_future()
        lost: asyncio.Future[BaseException] = loop.create_future()
        connection = HardyConnection(
            connection_parameters(self._settings, self._role),
            on_open_callback=lambda _: _resolve(opened, None),
            on_open_error_callback=lambda _, error: _fail(opened, error),
            on_close_callback=lambda _, error: _resolve(lost, error),
            custom_ioloop=loop,
        )
        try:
            await opened
        except asyncio.CancelledError:
            if not (connection.is_closing or connection.is_closed):
                connection.close()
            raise
        return connection, lost

    async def _ride(self, connection: AsyncioConnection, lost: asyncio.Future[BaseException]) -> float:
        """Serve passengers until the connection is lost, or we must stop; return the seconds it stood."""
        started = asyncio.get_running_loop().time()
        if lost.done():  # it went before anybody boarded
            return 0
        try:
            self._arrive(connection)
            error = await asyncio.shield(lost)
            _log.warning(f"bus_{self._role}_lost", state="disconnected", reason=faults.reason(error))
        finally:
            await self._close(connection, lost)
            self._depart()
        return asyncio.get_running_loop().time() - started

    def _arrive(self, connection: AsyncioConnection) -> None:
        self._connection, self._succeeded, self.since = connection, True, datetime.now(UTC)
        self._said = ""
        _log.info(f"bus_{self._role}_connected", state="connected")
        self._tell(lambda passenger: passenger.connected(connection))
        self._change.set()

    def _depart(self) -> None:
        self._connection, self.since = None, datetime.now(UTC)
        self._tell(lambda passenger: passenger.disconnected())

    async def _close(self, connection: AsyncioConnection, lost: asyncio.Future[BaseException]) -> None:
        if not (connection.is_closing or connection.is_closed):
            connection.close()
        with suppress(TimeoutError):  # a broker that does not answer is left to notice for itself
            async with asyncio.timeout(_CLOSE_TIMEOUT_S):
                await lost

    async def _failed(self, error: Exception, backoff: Backoff) -> None:
        fault = faults.permanent(error)
        if fault is not None and not self._succeeded:
            _log.error(f"bus_{self._role}_refused", state="ended", reason=type(fault).__name__)
            self._end(fault)
            return
        delay_s = backoff.next()
        reason = faults.reason(error)
        # One line per change of state: the first failure says that we wait, the same again adds nothing.
        say = _log.debug if reason == self._said else _log.warning
        self._said = reason
        say(
            f"bus_{self._role}_waiting",
            state="waiting",
            reason=reason,
            attempt=backoff.attempt,
            delay_s=round(delay_s, 3),
        )
        await asyncio.sleep(delay_s)

    def _end(self, error: BusError) -> None:
        if self.error is None:
            self.error = error
            self._tell(lambda passenger: passenger.ended(error))
        self._change.set()

    def _tell(self, news: Callable[[Passenger], None]) -> None:
        for passenger in list(self._passengers):
            news(passenger)


def _resolve(future: asyncio.Future[T], value: T) -> None:
    if not future.done():
        future.set_result(value)


def _fail(future: asyncio.Future[None], error: BaseException) -> None:
    if not future.done():
        future.set_exception(error)
