"""Several queues read in turn, so that a busy sender does not keep the others waiting."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import suppress
from typing import Generic, Protocol, TypeVar

from pika.adapters.asyncio_connection import AsyncioConnection

from services.kit.bus.errors import BusClosedError, BusError
from services.kit.bus.messages import Batch, Received
from services.kit.bus.reader import QueueReader
from services.kit.bus.settings import BusSettings


class Reader(Protocol):
    """What a subscription needs of the reading of one queue."""

    queue: str
    buffer: deque[Received]
    error: BusError | None

    def drain(self, limit: int) -> tuple[Received, ...]:
        """Take up to `limit` messages out of the buffer."""

    def ack(self, messages: Iterable[Received]) -> None:
        """Settle as dealt with."""

    def nack(self, messages: Iterable[Received], *, requeue: bool) -> None:
        """Settle as given back or set aside."""

    def close(self) -> None:
        """Stop reading; what is unsettled goes back."""


R = TypeVar("R", bound=Reader)


class Subscription(Generic[R]):
    """See `SubscriptionPort`. Whoever fills the readers' buffers calls `wake`."""

    def __init__(self) -> None:
        self._readers: list[R] = []
        self._turn = 0
        self._error: BusError | None = None
        self._change = asyncio.Event()

    def add(self, reader: R) -> None:
        """Read this queue too."""
        self._readers.append(reader)

    def ended(self, error: BusError) -> None:
        """Let whoever waits know."""
        self._error = self._error or error
        self.wake()

    def wake(self) -> None:
        """Say that a buffer or a state has changed."""
        self._change.set()

    def close(self) -> None:
        """Stop reading; what is not settled goes back to its queue."""
        for reader in self._readers:
            reader.close()
        self.ended(BusClosedError("the subscription is closed"))

    async def take(self, max_messages: int, max_wait_s: float = 0) -> Batch:
        """As `SubscriptionPort.take`."""
        if max_messages < 1:
            raise ValueError("a batch has at least one message")
        while True:
            reader = await self._next_reader()
            if max_wait_s > 0 and len(reader.buffer) < max_messages:
                await self._linger(reader, max_messages, max_wait_s)
            if reader.buffer:  # a reconnection may have emptied it
                self._turn = self._readers.index(reader) + 1
                return Batch(reader.queue, reader.drain(max_messages))

    async def batches(self, max_messages: int, max_wait_s: float = 0) -> AsyncIterator[Batch]:
        """As `SubscriptionPort.batches`."""
        with suppress(BusClosedError):
            while True:
                yield await self.take(max_messages, max_wait_s)

    def ack(self, messages: Iterable[Received]) -> None:
        """As `SubscriptionPort.ack`."""
        for reader, own in self._sort(messages):
            reader.ack(own)

    def reject(self, messages: Iterable[Received]) -> None:
        """As `SubscriptionPort.reject`."""
        for reader, own in self._sort(messages):
            reader.nack(own, requeue=False)

    def requeue(self, messages: Iterable[Received]) -> None:
        """As `SubscriptionPort.requeue`."""
        for reader, own in self._sort(messages):
            reader.nack(own, requeue=True)

    def _sort(self, messages: Iterable[Received]) -> list[tuple[R, list[Received]]]:
        sorted_: dict[str, list[Received]] = {}
        for message in messages:
            sorted_.setdefault(message.queue, []).append(message)
        return [(reader, sorted_[reader.queue]) for reader in self._readers if reader.queue in sorted_]

    async def _next_reader(self) -> R:
        while True:
            self._raise_error()
            waiting = self._in_turn()
            if waiting:
                return waiting[0]
            await self._changed()

    def _in_turn(self) -> list[R]:
        """Readers that have something, beginning after the one that was served last."""
        turn = self._turn % max(1, len(self._readers))
        return [reader for reader in self._readers[turn:] + self._readers[:turn] if reader.buffer]

    async def _linger(self, reader: R, max_messages: int, max_wait_s: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(max_wait_s):
                while self._in_turn() == [reader] and len(reader.buffer) < max_messages:
                    await self._changed()

    async def _changed(self) -> None:
        self._change.clear()
        await self._change.wait()

    def _raise_error(self) -> None:
        for error in (self._error, *(reader.error for reader in self._readers)):
            if error is not None:
                raise error


class LinkedSubscription(Subscription[QueueReader]):
    """A subscription that lives on a connection, and survives its loss."""

    def __init__(self, queues: Sequence[str], settings: BusSettings, prefetch: int) -> None:
        super().__init__()
        for queue in dict.fromkeys(queues):
            self.add(QueueReader(queue, settings, prefetch, self.wake))

    def connected(self, connection: AsyncioConnection) -> None:
        """Begin to read every queue."""
        for reader in self._readers:
            reader.open(connection)

    def disconnected(self) -> None:
        """Drop what was read and not taken: it will be delivered again."""
        for reader in self._readers:
            reader.forget()
