"""Looking into queues without taking anything out, for what must not be lost: ciphertext to one key.

Messages that a consumer holds unsettled are not seen: the consumer must have stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError, ChannelClosedByBroker

from services.kit.bus.errors import BusUnavailableError
from services.kit.bus.settings import BusSettings, connection_parameters

_NOT_FOUND = 404

Matches = Callable[[bytes], bool]
"""Whether a message's body is what is looked for."""


@dataclass(frozen=True)
class Found:
    """How many messages of one queue match, and how many were taken out of it."""

    queue: str
    matching: int
    dropped: int = 0


def look_into(
    settings: BusSettings, queues: Iterable[str], matches: Matches, *, drop: Collection[str] = ()
) -> list[Found]:
    """Looks at every message that waits in these queues; a queue that is not there is empty.

    Args:
        settings: who we are to the broker; we must be allowed to read the queues.
        queues: their names.
        matches: what is looked for.
        drop: those from which matching messages are taken out, for good.

    Returns:
        One for each queue that has something that matches.

    Raises:
        BusUnavailableError: the broker cannot be asked, or refuses.
        BusSettingsError: the settings cannot be used.
    """
    found = []
    for queue in queues:
        with _channel(settings) as channel:
            matching = _look(channel, queue, matches, drop=queue in drop)
        if matching:
            found.append(Found(queue, matching, matching if queue in drop else 0))
    return found


def _look(channel: BlockingChannel, queue: str, matches: Matches, *, drop: bool) -> int:
    try:
        waiting = channel.queue_declare(queue, passive=True).method.message_count
    except ChannelClosedByBroker as error:
        if error.reply_code == _NOT_FOUND:
            return 0
        raise
    matching = 0
    for _ in range(waiting):
        method, _properties, body = channel.basic_get(queue)
        if method is None or body is None:
            break
        if matches(body):
            matching += 1
            if drop:
                channel.basic_ack(method.delivery_tag)
    # What was not taken out goes back to its place when the channel closes.
    return matching


@contextmanager
def _channel(settings: BusSettings) -> Iterator[BlockingChannel]:
    try:
        connection = pika.BlockingConnection(connection_parameters(settings, "inspection"))
        try:
            yield connection.channel()
        finally:
            if connection.is_open:
                connection.close()
    except (AMQPError, OSError) as error:
        raise BusUnavailableError(
            f"the broker cannot be asked ({type(error).__name__}): see that it runs, and lets "
            f"{settings.user} in"
        ) from None
