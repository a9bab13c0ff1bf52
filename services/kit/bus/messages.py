"""What goes over the bus and what comes of it: values without behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import NamedTuple


@dataclass(frozen=True)
class Message:
    """One message.

    Attributes:
        body: Ciphertext (a JWE in compact form, ASCII). The bus does not look inside, nor logs it.
        message_id: Made up by the sender and unique to the message; at most 255 bytes.
        type: What the body is, for routing inside the receiver; at most 255 bytes.
        headers: Text by text, for example `traceparent`.
    """

    body: bytes = field(repr=False)
    message_id: str
    type: str
    headers: Mapping[str, str] = field(default_factory=dict)


class Publication(NamedTuple):
    """A message and where to: exchange and routing key."""

    exchange: str
    routing_key: str
    message: Message


class PublishResult(Enum):
    """What became of a publication.

    Only CONFIRMED is done. UNCONFIRMED may or may not have arrived: publish it again, the receiver drops
    duplicates. REJECTED was not taken because the queue is full: publish it again later. The others will not
    change by trying again: somebody has to look.
    """

    CONFIRMED = "confirmed"
    UNCONFIRMED = "unconfirmed"
    REJECTED = "rejected"
    UNROUTABLE = "unroutable"
    REFUSED = "refused"
    OVERSIZED = "oversized"

    @property
    def retry(self) -> bool:
        """Whether publishing the same message again can succeed."""
        return self in (PublishResult.UNCONFIRMED, PublishResult.REJECTED)


@dataclass(frozen=True)
class Received:
    """One delivery of a message.

    Attributes:
        queue: The queue it came from.
        message: The message. Missing properties are empty strings, headers that are not text are left out.
        user_id: Who published it, checked by the broker; None when the publisher did not say.
        redelivered: Whether it was delivered before, perhaps to somebody else.
        delivery_tag: The broker's number for this delivery, valid within `session`.
        session: Which opening of the channel it came by. Settling after a reconnection does nothing: the
            broker has taken such messages back and delivers them again.
    """

    queue: str
    message: Message
    user_id: str | None
    redelivered: bool
    delivery_tag: int
    session: int


@dataclass(frozen=True)
class Batch:
    """Messages of one queue, oldest first; never empty."""

    queue: str
    messages: tuple[Received, ...]


@dataclass(frozen=True)
class BusHealth:
    """Whether both connections stand, whether the broker has asked publishers to pause, and since when."""

    connected: bool
    blocked: bool
    since: datetime
