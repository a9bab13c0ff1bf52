"""Publishing with confirms: a batch goes out at once, and each message gets its own answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog
from pika import exceptions
from pika.adapters.asyncio_connection import AsyncioConnection

from services.kit.bus.confirms import ConfirmChannel
from services.kit.bus.errors import BusError
from services.kit.bus.link import Link
from services.kit.bus.messages import Publication, PublishResult
from services.kit.bus.settings import BusSettings

_log = structlog.get_logger(__name__)
_SHORTSTR_OCTETS = 255


class Publisher:
    """Lives on the publishing connection: one shared channel, opened again whenever it closes.

    Attributes:
        blocked: The broker has asked publishers to pause (memory or disk alarm); nothing is sent meanwhile.
    """

    def __init__(self, settings: BusSettings, link: Link) -> None:
        self._settings = settings
        self._link = link
        self._channel: ConfirmChannel | None = None
        self._task: asyncio.Task[None] | None = None
        self._error: BusError | None = None
        self._change = asyncio.Event()
        self.blocked = False
        link.board(self)

    def connected(self, connection: AsyncioConnection) -> None:
        """Open the shared channel, and listen for requests to pause."""
        self.blocked = False
        connection.add_on_connection_blocked_callback(lambda *_: self._set_blocked(blocked=True))
        connection.add_on_connection_unblocked_callback(lambda *_: self._set_blocked(blocked=False))
        self._task = asyncio.get_running_loop().create_task(self._keep(connection), name="bus publisher")

    def disconnected(self) -> None:
        """Forget the channel; its messages have already been answered UNCONFIRMED."""
        if self._task is not None:
            self._task.cancel()
        self._channel, self.blocked = None, False

    def ended(self, error: BusError) -> None:
        """Let everybody who waits know."""
        self._error = error
        self._change.set()

    async def publish_many(
        self, publications: Sequence[Publication], timeout_s: float | None = None
    ) -> list[PublishResult]:
        """As `BusPort.publish_many`."""
        answers: dict[int, asyncio.Future[PublishResult]] = {}
        suspects: dict[int, ConfirmChannel] = {}
        results = [self._unsendable(publication) or PublishResult.UNCONFIRMED for publication in publications]
        try:
            async with asyncio.timeout(
                timeout_s if timeout_s is not None else self._settings.publish_timeout_s
            ):
                for index, publication in enumerate(publications):
                    if results[index] is PublishResult.UNCONFIRMED:
                        suspects[index] = await self._room(len(publication.message.body))
                        answers[index] = suspects[index].send(publication)
                await self._collect(answers, results)
                await self._isolate(publications, suspects, results)
        except TimeoutError:
            _gather(answers, results)
        return results

    def _unsendable(self, publication: Publication) -> PublishResult | None:
        message = publication.message
        names = (publication.exchange, publication.routing_key, message.message_id, message.type)
        if len(message.body) > self._settings.max_message_octets:
            return PublishResult.OVERSIZED
        if any(len(name.encode()) > _SHORTSTR_OCTETS for name in names):
            return PublishResult.REFUSED
        return None

    async def _room(self, octets: int) -> ConfirmChannel:
        """Wait for a channel with room in its window, and for the broker to let us publish."""
        while True:
            channel = await self._usable()
            full = channel.octets + octets > self._settings.window_octets
            if channel.count == 0 or not (full or channel.count >= self._settings.window_messages):
                return channel
            await channel.progressed()

    async def _usable(self) -> ConfirmChannel:
        while self._channel is None or not self._channel.is_open or self.blocked:
            if self._error is not None:
                raise self._error
            self._change.clear()
            await self._change.wait()
        return self._channel

    async def _collect(
        self, answers: dict[int, asyncio.Future[PublishResult]], results: list[PublishResult]
    ) -> None:
        if answers:
            await asyncio.wait(answers.values())
        _gather(answers, results)

    async def _isolate(
        self,
        publications: Sequence[Publication],
        suspects: dict[int, ConfirmChannel],
        results: list[PublishResult],
    ) -> None:
        """Find the culprit of a closed channel: publish the unanswered one by one, each on its own channel.

        Without this, one message that the broker does not permit would hold up its companions for ever.
        """
        for index, channel in suspects.items():
            if results[index] is PublishResult.UNCONFIRMED and channel.refused:
                results[index] = await self._publish_alone(publications[index])

    async def _publish_alone(self, publication: Publication) -> PublishResult:
        await self._usable()
        connection = self._link.connection
        if connection is None:
            return PublishResult.UNCONFIRMED
        try:
            channel = await ConfirmChannel.open(connection, self._settings.user)
        except exceptions.AMQPError:
            return PublishResult.UNCONFIRMED
        try:
            result = await channel.send(publication)
        finally:
            channel.close()
        if channel.refused:
            _log.error("bus_publication_refused", exchange=publication.exchange, reason="not permitted")
            return PublishResult.REFUSED
        return result

    async def _keep(self, connection: AsyncioConnection) -> None:
        """Keep a channel open for as long as the connection stands."""
        while connection.is_open:
            try:
                channel = await ConfirmChannel.open(connection, self._settings.user)
            except exceptions.AMQPError:  # if the connection is going, so is this task
                await asyncio.sleep(self._settings.backoff_limit_s)
                continue
            self._channel = channel
            self._change.set()
            await asyncio.shield(channel.closed)

    def _set_blocked(self, *, blocked: bool) -> None:
        self.blocked = blocked
        if blocked:
            _log.warning("bus_publishing_blocked", state="blocked", reason="alarm at the broker")
        else:
            _log.info("bus_publishing_unblocked", state="connected")
        self._change.set()


def _gather(answers: dict[int, asyncio.Future[PublishResult]], results: list[PublishResult]) -> None:
    for index, answer in answers.items():
        if answer.done():
            results[index] = answer.result()
