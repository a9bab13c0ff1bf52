"""A bus in memory for tests: the same behaviour, definitions and permissions, no broker.

It passes the same contract tests as the real one. It can be made unreachable, as a broker can.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from types import TracebackType
from typing import Any, Self

from services.kit.bus.errors import BusClosedError, BusError, BusUnavailableError, QueueRefusedError
from services.kit.bus.messages import BusHealth, Message, Publication, PublishResult, Received
from services.kit.bus.subscription import Subscription

_MAX_MESSAGE_OCTETS = 8 * 1024**2


@dataclass
class _Item:
    message: Message
    user: str
    redelivered: bool = False


@dataclass
class _Queue:
    limit: int
    dead: str | None
    items: deque[_Item] = field(default_factory=deque)
    readers: list[MemoryReader] = field(default_factory=list)

    def serve(self) -> None:
        """Hand waiting items to readers that have room, in turn."""
        while self.items and (ready := [reader for reader in self.readers if reader.room]):
            reader = min(ready, key=lambda candidate: candidate.unsettled_count)
            reader.deliver(self.items.popleft())


class MemoryBroker:
    """What the users of one `MemoryBus` each have in common.

    Args:
        definitions: RabbitMQ definitions, of which queues, bindings and permissions count. Routing keys are
            compared as they are, without wildcards.
    """

    def __init__(self, definitions: Mapping[str, Any]) -> None:
        self.queues = {row["name"]: _queue(row["arguments"]) for row in definitions["queues"]}
        self._bindings = {
            (row["source"], row["routing_key"]): row["destination"] for row in definitions["bindings"]
        }
        self._permissions = {row["user"]: row for row in definitions["permissions"]}
        self._topics = {
            (row["user"], row["exchange"]): row["write"] for row in definitions["topic_permissions"]
        }
        self.reachable = asyncio.Event()
        self.reachable.set()
        self.since = datetime.now(UTC)

    def disconnect(self) -> None:
        """Become unreachable: unsettled messages go back to their queues, publishing is not confirmed."""
        self.reachable.clear()
        self.since = datetime.now(UTC)
        for queue in self.queues.values():
            for reader in queue.readers:
                reader.give_back()

    def reconnect(self) -> None:
        """Become reachable again."""
        self.since = datetime.now(UTC)
        self.reachable.set()
        for queue in self.queues.values():
            queue.serve()

    def depth(self, queue: str) -> int:
        """Messages in a queue, delivered ones that are not settled included."""
        own = self.queues[queue]
        return len(own.items) + sum(reader.unsettled_count for reader in own.readers)

    def publish(self, user: str, publication: Publication) -> PublishResult:
        """Route one message as the broker would."""
        exchange, routing_key, message = publication
        if len(message.body) > _MAX_MESSAGE_OCTETS:
            return PublishResult.OVERSIZED
        if not self._may_write(user, exchange, routing_key):
            return PublishResult.REFUSED
        name = self._bindings.get((exchange, routing_key))
        if name is None:
            return PublishResult.UNROUTABLE
        if self.depth(name) >= self.queues[name].limit:
            return PublishResult.REJECTED
        self.put(name, _Item(message, user))
        return PublishResult.CONFIRMED

    def put(self, queue: str, item: _Item) -> None:
        """Append to a queue."""
        self.queues[queue].items.append(item)
        self.queues[queue].serve()

    def may_read(self, user: str, queue: str) -> bool:
        """Whether the queue exists and its permissions let the user read it."""
        permission = self._permissions.get(user)
        return permission is not None and queue in self.queues and bool(re.search(permission["read"], queue))

    def _may_write(self, user: str, exchange: str, routing_key: str) -> bool:
        permission = self._permissions.get(user)
        if permission is None or not re.search(permission["write"], exchange):
            return False
        return bool(re.search(self._topics.get((user, exchange), ""), routing_key))


class MemoryReader:
    """One subscriber's reading of one queue; see `Reader`."""

    _sessions = count(1)

    def __init__(
        self, broker: MemoryBroker, queue: str, prefetch: int, subscription: MemorySubscription
    ) -> None:
        self.queue = queue
        self.buffer: deque[Received] = deque()
        self.error: BusError | None = None
        self._broker = broker
        self._prefetch = prefetch
        self._subscription = subscription
        self._tags = count(1)
        self._session = next(self._sessions)
        self._unsettled: dict[int, _Item] = {}

    @property
    def unsettled_count(self) -> int:
        """Messages delivered and not settled."""
        return len(self._unsettled)

    @property
    def room(self) -> bool:
        """Whether another may be delivered."""
        return self._broker.reachable.is_set() and self.unsettled_count < self._prefetch

    def deliver(self, item: _Item) -> None:
        """Take an item out of the queue into the buffer."""
        tag = next(self._tags)
        self._unsettled[tag] = item
        self.buffer.append(
            Received(self.queue, item.message, item.user, item.redelivered, tag, self._session)
        )
        self._subscription.wake()

    def drain(self, limit: int) -> tuple[Received, ...]:
        """As `Reader.drain`."""
        return tuple(self.buffer.popleft() for _ in range(min(limit, len(self.buffer))))

    def ack(self, messages: Iterable[Received]) -> None:
        """As `Reader.ack`."""
        self._settle(messages)
        self._broker.queues[self.queue].serve()

    def nack(self, messages: Iterable[Received], *, requeue: bool) -> None:
        """As `Reader.nack`."""
        queue = self._broker.queues[self.queue]
        items = self._settle(messages)
        if requeue:
            queue.items.extendleft(_again(item) for item in reversed(items))
        elif queue.dead is not None:
            for item in items:
                self._broker.put(queue.dead, item)
        queue.serve()

    def give_back(self) -> None:
        """Return what is unsettled to the head of the queue; its tags are stale from now on."""
        items = list(self._unsettled.values())
        self._unsettled.clear()
        self.buffer.clear()
        self._session = next(self._sessions)
        self._broker.queues[self.queue].items.extendleft(_again(item) for item in reversed(items))

    def close(self) -> None:
        """As `Reader.close`."""
        queue = self._broker.queues.get(self.queue)
        if queue is not None and self in queue.readers:
            queue.readers.remove(self)
            self.give_back()
            queue.serve()

    def _settle(self, messages: Iterable[Received]) -> list[_Item]:
        """Take out the items that these tags stand for; stale tags stand for none."""
        tags = [message.delivery_tag for message in messages if message.session == self._session]
        return [self._unsettled.pop(tag) for tag in sorted(tags) if tag in self._unsettled]


class MemorySubscription(Subscription[MemoryReader]):
    """A subscription to queues in memory."""


class MemoryBus:
    """See `BusPort`: one user of a `MemoryBroker`."""

    def __init__(self, broker: MemoryBroker, user: str) -> None:
        self._broker = broker
        self._user = user
        self._running = False
        self._subscriptions: list[MemorySubscription] = []

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """As `Bus.start`."""
        self._running = True

    async def stop(self) -> None:
        """As `Bus.stop`."""
        self._running = False
        for subscription in self._subscriptions:
            subscription.ended(BusClosedError("the bus is stopped"))

    @property
    def health(self) -> BusHealth:
        """As `BusPort.health`."""
        connected = self._running and self._broker.reachable.is_set()
        return BusHealth(connected=connected, blocked=False, since=self._broker.since)

    async def wait_connected(self, timeout_s: float | None = None) -> None:
        """As `BusPort.wait_connected`."""
        self._refuse_closed()
        try:
            async with asyncio.timeout(timeout_s):
                await self._broker.reachable.wait()
        except TimeoutError as error:
            raise BusUnavailableError(f"the broker was not reached within {timeout_s} s") from error

    async def publish_many(
        self, publications: Sequence[Publication], timeout_s: float | None = None
    ) -> list[PublishResult]:
        """As `BusPort.publish_many`."""
        self._refuse_closed()
        try:
            await self.wait_connected(timeout_s if timeout_s is not None else 10)
        except BusUnavailableError:
            return [PublishResult.UNCONFIRMED] * len(publications)
        return [self._broker.publish(self._user, publication) for publication in publications]

    @asynccontextmanager
    async def subscribe(
        self, queues: Sequence[str], *, prefetch: int = 100
    ) -> AsyncIterator[MemorySubscription]:
        """As `BusPort.subscribe`."""
        self._refuse_closed()
        subscription = MemorySubscription()
        for queue in dict.fromkeys(queues):
            self._read(queue, prefetch, subscription)
        self._subscriptions.append(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions.remove(subscription)
            subscription.close()

    def _read(self, queue: str, prefetch: int, subscription: MemorySubscription) -> None:
        reader = MemoryReader(self._broker, queue, prefetch, subscription)
        subscription.add(reader)
        if self._broker.may_read(self._user, queue):
            self._broker.queues[queue].readers.append(reader)
            self._broker.queues[queue].serve()
        else:
            reader.error = QueueRefusedError(f"queue {queue} does not exist or may not be read")

    def _refuse_closed(self) -> None:
        if not self._running:
            raise BusClosedError("the bus is not running")


def _queue(arguments: Mapping[str, Any]) -> _Queue:
    return _Queue(limit=arguments["x-max-length"], dead=arguments.get("x-dead-letter-routing-key"))


def _again(item: _Item) -> _Item:
    return _Item(item.message, item.user, redelivered=True)
