"""Reading one queue: a channel of its own, so that tags, faults and prefetch of queues do not mix."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from itertools import count, islice
from typing import Any

import structlog
from pika import exceptions, spec
from pika.adapters.asyncio_connection import AsyncioConnection
from pika.channel import Channel

from services.kit.bus import faults
from services.kit.bus.backoff import Backoff
from services.kit.bus.errors import BusError, QueueRefusedError
from services.kit.bus.messages import Message, Received
from services.kit.bus.settings import BusSettings

_log = structlog.get_logger(__name__)
# A quorum queue whose members are still electing a leader also answers "not found" for a moment.
_MISSING_ATTEMPTS = 5


class QueueReader:
    """Delivers one queue's messages into a buffer of at most `prefetch`, and settles them.

    Attributes:
        queue: Its name.
        buffer: What has arrived and nobody has taken.
        error: Why the queue cannot be read, if so.
    """

    _sessions = count(1)

    def __init__(self, queue: str, settings: BusSettings, prefetch: int, changed: Callable[[], None]) -> None:
        self.queue = queue
        self.buffer: deque[Received] = deque()
        self.error: BusError | None = None
        self._settings = settings
        self._prefetch = prefetch
        self._changed = changed
        self._channel: Channel | None = None
        self._session = 0
        self._unsettled: dict[int, None] = {}  # delivery tags, in order
        self._backoff = Backoff(settings.backoff_first_s, settings.backoff_limit_s)
        self._retry: asyncio.TimerHandle | None = None

    def open(self, connection: AsyncioConnection) -> None:
        """Open a channel on a standing connection and begin to consume."""
        self._session = next(self._sessions)
        channel = connection.channel(on_open_callback=self._on_open)
        channel.add_on_close_callback(lambda closed, error: self._on_closed(connection, closed, error))
        self._channel = channel

    def close(self) -> None:
        """Stop reading; what is unsettled goes back to the queue."""
        channel = self._channel
        self.forget()
        if channel is not None:
            _close(channel)

    def forget(self) -> None:
        """Drop all state of a channel that is gone: the broker delivers its unsettled messages again."""
        if self._retry is not None:
            self._retry.cancel()
        self._channel, self._session, self._retry = None, 0, None
        self.buffer.clear()
        self._unsettled.clear()

    def drain(self, limit: int) -> tuple[Received, ...]:
        """Take up to `limit` messages out of the buffer."""
        return tuple(self.buffer.popleft() for _ in range(min(limit, len(self.buffer))))

    def ack(self, messages: Iterable[Received]) -> None:
        """Acknowledge; one frame if these are the oldest unsettled ones, as a batch in order is."""
        tags = self._settle(messages)
        if tags and tags == list(islice(self._unsettled, len(tags))):
            self._open_channel().basic_ack(tags[-1], multiple=True)
        else:
            for tag in tags:
                self._open_channel().basic_ack(tag)
        self._discard(tags)

    def nack(self, messages: Iterable[Received], *, requeue: bool) -> None:
        """Send to the dead-letter queue, or give back for delivery."""
        tags = self._settle(messages)
        for tag in tags:
            self._open_channel().basic_nack(tag, requeue=requeue)
        self._discard(tags)

    def _settle(self, messages: Iterable[Received]) -> list[int]:
        """Return the tags that the broker still knows; others are of a channel that is gone, or settled."""
        if self._channel is None or not self._channel.is_open:
            return []
        wanted = {message.delivery_tag for message in messages if message.session == self._session}
        return sorted(wanted & self._unsettled.keys())

    def _open_channel(self) -> Channel:
        if self._channel is None:
            raise AssertionError("settled tags belong to an open channel")
        return self._channel

    def _discard(self, tags: list[int]) -> None:
        for tag in tags:
            del self._unsettled[tag]

    def _on_open(self, channel: Channel) -> None:
        channel.add_on_cancel_callback(lambda _: _close(channel))  # queue deleted or moved
        channel.basic_qos(prefetch_count=self._prefetch)
        channel.basic_consume(self.queue, self._on_message, callback=lambda _: self._backoff.reset())

    def _on_message(
        self, channel: Channel, method: spec.Basic.Deliver, properties: spec.BasicProperties, body: bytes
    ) -> None:
        if channel is not self._channel:
            return
        tag = method.delivery_tag
        if len(body) > self._settings.max_message_octets:
            _log.error("bus_message_rejected", queue=self.queue, reason="oversized")
            channel.basic_nack(tag, requeue=False)
            return
        self._unsettled[tag] = None
        self.buffer.append(
            Received(
                queue=self.queue,
                message=_message(properties, body),
                user_id=_text(properties.user_id) or None,
                redelivered=bool(method.redelivered),
                delivery_tag=tag,
                session=self._session,
            )
        )
        self._changed()

    def _on_closed(self, connection: AsyncioConnection, channel: Channel, error: BaseException) -> None:
        if channel is not self._channel:
            return
        self.forget()
        code = error.reply_code if isinstance(error, exceptions.ChannelClosed) else 0
        attempts = self._backoff.attempt
        if code == faults.ACCESS_REFUSED or (code == faults.NOT_FOUND and attempts >= _MISSING_ATTEMPTS):
            _log.error("bus_queue_refused", queue=self.queue, reason=f"reply {code}")
            self.error = QueueRefusedError(f"queue {self.queue} does not exist or may not be read")
            self._changed()
        elif connection.is_open:
            self._reopen_later(connection, code)

    def _reopen_later(self, connection: AsyncioConnection, code: int) -> None:
        delay_s = self._backoff.next()
        _log.warning(
            "bus_queue_waiting", queue=self.queue, reason=f"reply {code}", attempt=self._backoff.attempt
        )
        self._retry = asyncio.get_running_loop().call_later(delay_s, self._reopen, connection)

    def _reopen(self, connection: AsyncioConnection) -> None:
        if connection.is_open:
            self.open(connection)


def _close(channel: Channel) -> None:
    if channel.is_open:
        channel.close()


def _message(properties: spec.BasicProperties, body: bytes) -> Message:
    headers: dict[Any, Any] = properties.headers or {}
    text = {key: value for key, value in headers.items() if isinstance(key, str) and isinstance(value, str)}
    return Message(body, _text(properties.message_id), _text(properties.type), text)


def _text(value: object) -> str:
    """Return a property as text; pika leaves what is not UTF-8 as bytes, of which we take none."""
    return value if isinstance(value, str) else ""
