"""The bus over RabbitMQ: one connection to publish, one to consume, so that pausing one spares the other."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Self

from services.kit.bus.errors import BusClosedError, BusUnavailableError
from services.kit.bus.link import Link
from services.kit.bus.messages import BusHealth, Publication, PublishResult
from services.kit.bus.publisher import Publisher
from services.kit.bus.settings import BusSettings
from services.kit.bus.subscription import LinkedSubscription


class Bus:
    """See `BusPort`. Use as an asynchronous context manager, or call `start` and `stop`.

    Entering does not wait for the broker: a service starts while it is down, and says so in its health.
    """

    def __init__(self, settings: BusSettings) -> None:
        self._settings = settings
        self._publishing: Link | None = None
        self._consuming: Link | None = None
        self._publisher: Publisher | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Begin to connect, and return at once.

        Raises:
            BusSettingsError: The settings name files that cannot be used.
        """
        # Pika reports each failure many times over, with stack traces; the links say it once.
        logging.getLogger("pika").setLevel(logging.CRITICAL)
        self._publishing = Link(self._settings, "publishing")
        self._consuming = Link(self._settings, "consuming")
        self._publisher = Publisher(self._settings, self._publishing)
        for link in (self._publishing, self._consuming):
            link.start()

    async def stop(self) -> None:
        """Close both connections in good order; whoever still waits gets `BusClosedError`."""
        await asyncio.gather(
            *(link.stop() for link in (self._publishing, self._consuming) if link is not None)
        )

    @property
    def health(self) -> BusHealth:
        """As `BusPort.health`."""
        publishing, consuming, publisher = self._running()
        return BusHealth(
            connected=publishing.connection is not None and consuming.connection is not None,
            blocked=publisher.blocked,
            since=max(publishing.since, consuming.since),
        )

    async def wait_connected(self, timeout_s: float | None = None) -> None:
        """As `BusPort.wait_connected`."""
        publishing, consuming, _ = self._running()
        try:
            async with asyncio.timeout(timeout_s):
                await publishing.wait()
                await consuming.wait()
        except TimeoutError as error:
            raise BusUnavailableError(f"the broker was not reached within {timeout_s} s") from error

    async def publish_many(
        self, publications: Sequence[Publication], timeout_s: float | None = None
    ) -> list[PublishResult]:
        """As `BusPort.publish_many`."""
        _, _, publisher = self._running()
        return await publisher.publish_many(publications, timeout_s)

    @asynccontextmanager
    async def subscribe(
        self, queues: Sequence[str], *, prefetch: int = 100
    ) -> AsyncIterator[LinkedSubscription]:
        """As `BusPort.subscribe`."""
        _, consuming, _ = self._running()
        subscription = LinkedSubscription(queues, self._settings, prefetch)
        consuming.board(subscription)
        try:
            yield subscription
        finally:
            consuming.alight(subscription)
            subscription.close()

    def _running(self) -> tuple[Link, Link, Publisher]:
        if self._publishing is None or self._consuming is None or self._publisher is None:
            raise BusClosedError("the bus is not started")
        return self._publishing, self._consuming, self._publisher
