"""Gathering what was found: from the organisation's own store to items, and the owners of what others own."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from publicprotection.common.v1.organisation_pb2 import OrganisationKind
from publicprotection.exchange.v1 import subject_access_documents_pb2 as documents
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kit.evidence.values import JsonValue
from services.kit.exchange.documents import document_type
from services.kit.exchange.participant import Participant
from services.kit.exchange.records import Records
from services.kit.subject_access.cases import Case
from services.kit.subject_access.items import Holder, Source, build_disclosures, build_items
from services.kit.subject_access.model import Item
from services.kit.subject_access.proposing import is_withheld_by_rule
from services.kit.subject_access.rules import Rules, Wording
from services.kit.subject_access.wire import name_value, write_day

_MOST: int = 1000
"""Items in one enquiry."""


@dataclass(frozen=True, slots=True)
class Question:
    """What an owner is to be asked."""

    owner: str
    exchange_id: str
    items: tuple[Item, ...]


def holder_of(participant: Participant) -> Holder:
    """The organisation, as items are made for it."""
    known = participant.directory().organisations
    own = known.get(participant.organisation)
    kind = "" if own is None else name_value(OrganisationKind.DESCRIPTOR, own.kind)
    return Holder(participant.organisation, kind, {name: each.name for name, each in known.items()})


async def gather(
    connection: AsyncConnection,
    participant: Participant,
    records: Records,
    case: Case,
    law: tuple[Rules, Wording],
) -> list[Item]:
    """The items of a case whose data was located: what this organisation holds, and to whom it gave it."""
    rules, wording = law
    located: Mapping[str, Any] = case.located or {}
    holder = holder_of(participant)
    sources = [each async for each in _sources(connection, records, located.get("exchanges", ()))]
    disclosures = build_disclosures(located.get("disclosures", ()), holder, rules, wording)
    return [*build_items(sources, holder, rules), *disclosures]


def questions_of(case: Case, rules: Rules) -> Iterator[Question]:
    """Whom to ask about what still: nobody about what the rules withhold, or answer by a summary."""
    asked = {item for each in case.asked.values() for item in each.items}
    wanted = [
        each for each in case.items.values() if each.item_id not in asked and _is_askable(case, each, rules)
    ]
    ordered = sorted(wanted, key=lambda each: (each.owner, each.exchange_id))
    for key, group in groupby(ordered, key=lambda each: (each.owner, each.exchange_id)):
        items = tuple(group)
        for start in range(0, len(items), _MOST):
            yield Question(*key, items[start : start + _MOST])


def write_enquiry(case: Case, question: Question, answer_by: Any) -> documents.SubjectAccessEnquiry:
    """An enquiry as it is sealed; what the owner did not send itself goes with its value."""
    return documents.SubjectAccessEnquiry(
        location_id=case.location_id,
        exchange_id=question.exchange_id,
        owner=question.owner,
        answer_by=write_day(answer_by),
        regime=question.items[0].regime.value,
        is_case=question.items[0].is_case,
        items=[_write_item(each, question.owner) for each in question.items],
    )


def _write_item(item: Item, owner: str) -> documents.SubjectAccessItem:
    value = None if item.sender == owner else item.shown
    return documents.SubjectAccessItem(path=item.path, value=value, own=item.own)


def _is_askable(case: Case, item: Item, rules: Rules) -> bool:
    if item.owner == case.organisation or item.is_disclosure:
        return False
    # What the rules withhold is told to nobody once more, not even to its owner.
    return rules.summary_of(item.document_type) is None and not is_withheld_by_rule(item, rules)


async def _sources(
    connection: AsyncConnection, records: Records, located: Iterable[Mapping[str, Any]]
) -> Any:
    for each in located:
        leaves = await _leaves(connection, records, each["exchange_id"])
        if leaves:
            descriptor: Any = document_type(each["document_type"]).DESCRIPTOR
            yield Source(each, descriptor, leaves)


async def _leaves(connection: AsyncConnection, records: Records, exchange_id: str) -> dict[str, JsonValue]:
    """What was sent under an exchange, or as much as was released of it in all its deliveries."""
    original = await records.sent.original(connection, exchange_id)
    if original is not None:
        return original.leaves
    found: dict[str, JsonValue] = {}
    for content in await records.inbox.contents_of(connection, exchange_id):
        found.update(content.leaves)
    return found
