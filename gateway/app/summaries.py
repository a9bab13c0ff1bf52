"""What a record says of a decision: codes, ids and categories, and the commitments made for its exchange."""

from collections.abc import Iterable
from typing import Any

from google.protobuf.descriptor import EnumDescriptor
from publicprotection.exchange.v1 import header_pb2

from gateway.app.arrivals import Exchange
from gateway.app.holds import HoldPlan
from gateway.app.rows import ExchangeRow
from gateway.core.model import Ruling


def describe(
    exchange: Exchange, registered: ExchangeRow, ruling: Ruling, holds: HoldPlan, released: Iterable[str]
) -> dict[str, Any]:
    """The members of a record that concern one recipient's decision."""
    waiting = [item for item, _ in holds.waiting.values()]
    agreement = ruling.agreement
    return {
        **describe_exchange(exchange, registered),
        "recipient": str(ruling.recipient),
        "categories_released": _categories(exchange, released),
        "categories_withheld": sorted({item.category for item in (*ruling.withheld, *holds.declined)}),
        "categories_held": sorted({category for item in waiting for category in item.categories}),
        "holds": sorted(holds.waiting),
        "rules": sorted({rule.rule for rule in ruling.rules}),
        "reason": ruling.reason.rule if ruling.reason else None,
        "agreement": [agreement.agreement, agreement.version, agreement.clause] if agreement else None,
        "agreement_digest": agreement.digest if agreement else None,
        "rulebook": ruling.rulebook,
    }


def describe_exchange(exchange: Exchange, registered: ExchangeRow) -> dict[str, Any]:
    """The members of a record that concern the exchange as a whole."""
    header = exchange.header
    return {
        "sender": exchange.sender,
        "document_type": exchange.document_type,
        "purpose": name_of(header_pb2.Purpose.DESCRIPTOR, header.purpose),
        "lawful_bases": [name_of(header_pb2.LawfulBasis.DESCRIPTOR, basis) for basis in header.lawful_bases],
        "conditions": [
            name_of(header_pb2.ProcessingCondition.DESCRIPTOR, each) for each in header.conditions
        ],
        "urgency": name_of(header_pb2.Urgency.DESCRIPTOR, header.urgency),
        "release_kind": name_of(header_pb2.ReleaseKind.DESCRIPTOR, header.release_kind),
        "seal_hash": exchange.opened.seal_hash,
        "in_reply_to": registered.in_reply_to,
        "subject": registered.subject_id,
        "author_commitment": registered.author_commitment,
        "necessity_commitment": registered.necessity_commitment,
    }


def name_of(enumeration: EnumDescriptor, number: int) -> str:
    """A value's name without its enumeration's prefix; its number if the contract has no name for it."""
    value = enumeration.values_by_number.get(number)
    if value is None:
        return str(number)
    prefix = enumeration.values_by_number[0].name.removesuffix("UNSPECIFIED")
    return value.name.removeprefix(prefix)


def _categories(exchange: Exchange, marks: Iterable[str]) -> list[str]:
    paths = (mark.partition("#")[0] for mark in marks)
    return sorted({exchange.category(path) for path in paths if path.startswith("document")})
