"""What a record says of a decision: codes, ids and categories, and the commitments made for its exchange."""

from collections.abc import Iterable, Sequence
from typing import Any

from google.protobuf.descriptor import EnumDescriptor
from publicprotection.common.v1 import organisation_pb2
from publicprotection.exchange.v1 import header_pb2

from gateway.app.arrivals import Exchange
from gateway.app.hold_plans import HoldPlan
from gateway.app.rows import ExchangeRow
from gateway.app.tools import Tools
from gateway.core.facts import read_facts
from gateway.core.model import KnownFact, Ruling

_MARKINGS = organisation_pb2.Marking.DESCRIPTOR
_KINDS = organisation_pb2.OrganisationKind.DESCRIPTOR


def describe(  # noqa: PLR0913, PLR0917  # all that a decision rests on
    tools: Tools,
    exchange: Exchange,
    registered: ExchangeRow,
    ruling: Ruling,
    holds: HoldPlan,
    released: Iterable[str],
) -> dict[str, Any]:
    """The members of a record that concern one recipient's decision."""
    waiting = [item for item, _ in holds.waiting.values()]
    agreement = ruling.agreement
    return {
        **describe_exchange(tools, exchange, registered),
        "recipient": str(ruling.recipient),
        "regimes": list(ruling.regimes),
        "recipient_kind": _kind_of(tools, ruling.recipient.organisation),
        "categories_released": _categories(exchange, released),
        "categories_withheld": sorted({item.category for item in (*ruling.withheld, *holds.declined)}),
        "categories_held": sorted({category for item in waiting for category in item.categories}),
        "holds": sorted(holds.waiting),
        "escalates": sorted([hold, at.isoformat()] for hold, (_, at) in holds.waiting.items()),
        "rules": [list(row) for row in sorted({(rule.rule, rule.effect.value) for rule in ruling.rules})],
        "reason": ruling.reason.rule if ruling.reason else None,
        "agreement": [agreement.agreement, agreement.version, agreement.clause] if agreement else None,
        "agreement_digest": agreement.digest.split(", ") if agreement else None,
        "rulebook": ruling.rulebook,
    }


def describe_exchange(tools: Tools, exchange: Exchange, registered: ExchangeRow) -> dict[str, Any]:
    """The members of a record that concern the exchange as a whole."""
    header = exchange.header
    return {
        "sender": exchange.sender,
        "sender_desk": header.sender.desk or None,
        "sender_kind": _kind_of(tools, exchange.sender),
        "document_type": exchange.document_type,
        "purpose": name_of(header_pb2.Purpose.DESCRIPTOR, header.purpose),
        "lawful_bases": [name_of(header_pb2.LawfulBasis.DESCRIPTOR, basis) for basis in header.lawful_bases],
        "conditions": [
            name_of(header_pb2.ProcessingCondition.DESCRIPTOR, each) for each in header.conditions
        ],
        "urgency": name_of(header_pb2.Urgency.DESCRIPTOR, header.urgency),
        "release_kind": name_of(header_pb2.ReleaseKind.DESCRIPTOR, header.release_kind),
        "marking": name_of(_MARKINGS, header.marking),
        "seal_hash": exchange.opened.seal_hash,
        "in_reply_to": registered.in_reply_to,
        "subject": registered.subject_id,
        "author_commitment": registered.author_commitment,
        "necessity_commitment": registered.necessity_commitment,
        "grounds_commitment": registered.grounds_commitment,
    }


def describe_facts(exchange: Exchange, since: Iterable[KnownFact]) -> list[list[str]]:
    """The facts on record at a decision: name, answer, who said so. About whom stands with the exchange."""
    known = (*read_facts(exchange.header, exchange.sender), *since)
    return [
        list(row) for row in sorted({(each.name, each.answer.value, each.organisation) for each in known})
    ]


def name_of(enumeration: EnumDescriptor, number: int) -> str:
    """A value's name without its enumeration's prefix; its number if the contract has no name for it."""
    value = enumeration.values_by_number.get(number)
    if value is None:
        return str(number)
    prefix = enumeration.values_by_number[0].name.removesuffix("UNSPECIFIED")
    return value.name.removeprefix(prefix)


def list_paths(ruling: Ruling, holds: HoldPlan, released: Sequence[str]) -> dict[str, Any]:
    """What went, waits and is held back, leaf by leaf, with the rules: the text that a record commits to."""
    return {
        "released": list(released),
        "withheld": sorted([item.path, item.rule.rule] for item in (*ruling.withheld, *holds.declined)),
        "held": sorted(
            [path, item.prerequisite] for item, _ in holds.waiting.values() for path in item.paths
        ),
    }


def _kind_of(tools: Tools, organisation: str) -> str:
    known = tools.directory.organisation(organisation)
    return name_of(_KINDS, known.kind) if known is not None else "UNKNOWN"


def _categories(exchange: Exchange, marks: Iterable[str]) -> list[str]:
    paths = (mark.partition("#")[0] for mark in marks)
    return sorted({exchange.category(path) for path in paths if path.startswith("document")})
