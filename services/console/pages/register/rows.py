"""Exchanges of the register as lines of a table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp
from publicprotection.exchange.v1.header_pb2 import Urgency
from publicprotection.oversight.v1 import register_service_pb2 as pb2

from services.console.pages.register.query import RESULTS
from services.console.words import count_of, desk, document, enum_words, marking, organisation, purpose
from services.kit.words import categories_words

_WITHDRAWN: Final = "WITHDRAWN"
_SOON: Final = frozenset({Urgency.URGENCY_URGENT, Urgency.URGENCY_IMMEDIATE})


@dataclass(frozen=True, slots=True)
class Tag:
    """A word on a coloured ground."""

    text: str
    colour: str


@dataclass(frozen=True, slots=True)
class Recipient:
    """How an exchange stands for one recipient.

    Attributes:
        name: of organisation and desk.
        result: how it stands; None for who is not told.
        taken: what became of what left for it.
    """

    name: str
    result: Tag | None
    taken: str


@dataclass(frozen=True, slots=True)
class Row:
    """One exchange.

    Attributes:
        missing: categories that were not released, in words; empty if none were.
        waiting: categories that wait.
    """

    exchange_id: str
    document: str
    purpose: str
    tags: tuple[Tag, ...]
    decided_at: Timestamp
    sender: str
    recipients: tuple[Recipient, ...]
    missing: str
    waiting: str
    marking: str


def row_of(exchange: pb2.RegisteredExchange) -> Row:
    """An exchange as a line, in the order in which it is read."""
    return Row(
        exchange_id=exchange.exchange_id,
        document=document(exchange.document_type),
        purpose=purpose(exchange.purpose),
        tags=tuple(tags_of(exchange)),
        decided_at=exchange.decided_at,
        sender=organisation(exchange.sender),
        recipients=tuple(recipients_of(exchange)),
        missing=_missing(exchange),
        waiting=categories_words(each for part in exchange.standing for each in part.held),
        marking=marking(exchange.marking),
    )


def _missing(exchange: pb2.RegisteredExchange) -> str:
    results = {part.result for part in exchange.standing}
    if results == {pb2.EXCHANGE_RESULT_REFUSED}:
        return "all of it"
    return categories_words(each for part in exchange.standing for each in part.withheld)


def tags_of(exchange: pb2.RegisteredExchange) -> Iterable[Tag]:
    """What sets an exchange apart."""
    if exchange.HasField("recalled_at"):
        yield Tag("Recalled", "grey")
    if exchange.urgency in _SOON:
        yield Tag(enum_words(exchange.urgency, Urgency), "red")
    if exchange.victim_information:
        yield Tag("Victim information", "purple")


def recipients_of(exchange: pb2.RegisteredExchange) -> Iterable[Recipient]:
    """Those for whom something was decided or, for who is not told of decisions, those who got something."""
    told = {
        (part.recipient.organisation, part.recipient.desk): result_tag(part.result)
        for part in exchange.standing
    }
    for each in exchange.deliveries:
        told.setdefault((each.organisation, each.desk), None)
    for (body, name), tag in told.items():
        left = [each for each in exchange.deliveries if (each.organisation, each.desk) == (body, name)]
        yield Recipient(f"{organisation(body)}, {desk(body, name)}", tag, taken_words(left))


def result_tag(result: int) -> Tag | None:
    """A result as a tag."""
    if result not in RESULTS:
        return None
    words, colour = RESULTS[pb2.ExchangeResult.ValueType(result)]
    return Tag(words, colour)


def taken_words(deliveries: Sequence[pb2.DeliveryStatus]) -> str:
    """What became of what left for a recipient: how far the last of it that is behind has come."""
    left = [each for each in deliveries if each.refused != _WITHDRAWN]
    if not deliveries:
        return ""
    if not left:
        return "Stopped before it left"
    if any(each.refused for each in left):
        return "Not taken by its service"
    waiting = [each for each in left if not each.HasField("acknowledged_at")]
    if not waiting:
        return "Acknowledged"
    taken = all(each.HasField("receipted_at") for each in waiting)
    of = f" ({count_of(len(waiting), 'part')} of {len(left)})" if len(left) > 1 else ""
    return f"Received, not acknowledged{of}" if taken else f"On its way{of}"
