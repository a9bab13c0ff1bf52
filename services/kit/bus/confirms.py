"""A channel on which the broker answers for every message: taken, not taken, or nobody to give it to."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Self

import pika
from pika import exceptions, frame, spec
from pika.adapters.asyncio_connection import AsyncioConnection
from pika.channel import Channel

from services.kit.bus import faults
from services.kit.bus.messages import Message, Publication, PublishResult


@dataclass
class _Pending:
    publication: Publication
    answer: asyncio.Future[PublishResult]
    unroutable: bool = False

    def settle(self, result: PublishResult) -> None:
        if not self.answer.done():  # whoever waited may have given up
            self.answer.set_result(PublishResult.UNROUTABLE if self.unroutable else result)


class ConfirmChannel:
    """One pika channel in confirm mode.

    Attributes:
        octets: Bytes sent and not yet answered.
        refused: The broker closed the channel over something sent on it: all that was unanswered is
            UNCONFIRMED, and one of it is the culprit.
    """

    def __init__(self, channel: Channel, user: str) -> None:
        self._channel = channel
        self._user = user
        self._pending: dict[int, _Pending] = {}
        self._last_tag = 0
        self._selected = False
        self.octets = 0
        self._progress = asyncio.Event()
        self.closed: asyncio.Future[BaseException] = asyncio.get_running_loop().create_future()

    @classmethod
    async def open(cls, connection: AsyncioConnection, user: str) -> Self:
        """Open a channel and put it into confirm mode.

        Raises:
            pika.exceptions.AMQPError: The connection or the channel went meanwhile.
        """
        self = cls(connection.channel(on_open_callback=lambda _: self._select()), user)
        self._channel.add_on_close_callback(lambda _, error: self._on_closed(error))
        while not self._selected:
            if self.closed.done():
                raise self.closed.result()
            await self.progressed()
        return self

    @property
    def count(self) -> int:
        """Messages sent and not yet answered."""
        return len(self._pending)

    @property
    def is_open(self) -> bool:
        """Whether messages can be sent."""
        return bool(self._channel.is_open)

    @property
    def refused(self) -> bool:
        """Whether the broker closed the channel over something sent on it."""
        return self.closed.done() and _is_refusal(self.closed.result())

    def send(self, publication: Publication) -> asyncio.Future[PublishResult]:
        """Send one message; the future gets what became of it, UNCONFIRMED if the channel closes first."""
        exchange, routing_key, message = publication
        answer: asyncio.Future[PublishResult] = asyncio.get_running_loop().create_future()
        self._channel.basic_publish(
            exchange, routing_key, message.body, _properties(message, self._user), mandatory=True
        )
        self._last_tag += 1
        self._pending[self._last_tag] = _Pending(publication, answer)
        self.octets += len(message.body)
        return answer

    def close(self) -> None:
        """Close, if open."""
        if self._channel.is_open:
            self._channel.close()

    async def progressed(self) -> None:
        """Wait until something is answered or the channel closes."""
        self._progress.clear()
        await self._progress.wait()

    def _select(self) -> None:
        self._channel.add_on_return_callback(self._on_returned)
        self._channel.confirm_delivery(self._on_answer, self._on_selected)

    def _on_selected(self, _: frame.Method[spec.Confirm.SelectOk]) -> None:
        self._selected = True
        self._progress.set()

    def _on_returned(
        self, _: Channel, method: spec.Basic.Return, properties: spec.BasicProperties, __: bytes
    ) -> None:
        """Mark the message: a return comes before its confirm, and names it by what it was sent with."""
        returned = (method.exchange, method.routing_key, properties.message_id)
        for pending in self._pending.values():
            exchange, routing_key, message = pending.publication
            if (exchange, routing_key, message.message_id) == returned:
                pending.unroutable = True

    def _on_answer(self, answer: frame.Method[spec.Basic.Ack | spec.Basic.Nack]) -> None:
        method = answer.method
        acked = isinstance(method, spec.Basic.Ack)
        result = PublishResult.CONFIRMED if acked else PublishResult.REJECTED
        for tag in self._tags(method.delivery_tag or 0, multiple=bool(method.multiple)):
            pending = self._pending.pop(tag, None)
            if pending is not None:
                self.octets -= len(pending.publication.message.body)
                pending.settle(result)
        self._progress.set()

    def _tags(self, last: int, *, multiple: bool) -> list[int]:
        if not multiple:
            return [last]
        return [tag for tag in self._pending if last == 0 or tag <= last]

    def _on_closed(self, error: BaseException) -> None:
        for pending in self._pending.values():
            pending.settle(PublishResult.UNCONFIRMED)
        self._pending.clear()
        self.octets = 0
        if not self.closed.done():
            self.closed.set_result(error)
        self._progress.set()


def _is_refusal(error: BaseException) -> bool:
    return isinstance(error, exceptions.ChannelClosedByBroker) and error.reply_code in faults.REFUSALS


def _properties(message: Message, user: str) -> pika.BasicProperties:
    """Persistent, and in our own name: the broker closes the channel on anybody else's."""
    return pika.BasicProperties(  # type: ignore[no-untyped-call]
        message_id=message.message_id,
        type=message.type,
        headers=dict(message.headers),
        user_id=user,
        delivery_mode=pika.DeliveryMode.Persistent.value,
    )
