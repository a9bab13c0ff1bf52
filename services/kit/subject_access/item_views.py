"""Items as the contract shows them: what is held, and beside it what the person would get."""

import json
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby

from publicprotection.exchange.v1 import subject_access_case_pb2 as case_pb2
from publicprotection.exchange.v1 import subject_access_documents_pb2 as documents
from publicprotection.exchange.v1 import subject_access_result_pb2 as result_pb2
from publicprotection.exchange.v1 import subject_access_review_pb2 as review

from services.kit.subject_access.cases import Asked, Case
from services.kit.subject_access.gets import is_unmasked, what_is_got
from services.kit.subject_access.model import By, Decision, Item, ItemState, Mask, Settled
from services.kit.subject_access.pack import Law
from services.kit.subject_access.proposing import is_never_given, propose
from services.kit.subject_access.wire import write_day, write_decision, write_harm, write_third_party

_COUNTED = {
    ItemState.OWNER_ASKED: "owner_asked",
    ItemState.UNDECIDED: "undecided",
    ItemState.GIVEN: "given",
    ItemState.WITHHELD: "withheld",
}


def show_item(
    case: Case, settled: Settled, law: Law, today: date, *, revealed: bool = False
) -> case_pb2.AccessItem:
    """An item of a case; what is about others shows no value unless it is revealed."""
    item, hidden = settled.item, is_hidden(settled) and not revealed
    shown = _show_item(item, "" if hidden else item.shown)
    shown.state = case_pb2.AccessItemState.Value(f"ACCESS_ITEM_STATE_{settled.state}")
    shown.decided_by = settled.by.value if settled.by is not None else ""
    shown.masked, shown.hidden = case.masked.get(item.item_id, ""), hidden
    shown.never_given = is_never_given(item, law.rules)
    shown.gets, shown.gets_text = what_is_got(case, settled, law)
    _write(shown.decision, item, settled.decision)
    _write(shown.proposed, item, propose(item, law.rules))
    _add_said(shown, case, item, today)
    return shown


def show_proposed(item: Item, decision: Decision | None) -> case_pb2.AccessItem:
    """An item that an owner is asked about, with what is proposed."""
    shown = _show_item(item, item.shown)
    if decision is None:
        shown.state = case_pb2.ACCESS_ITEM_STATE_UNDECIDED
        return shown
    shown.state = case_pb2.ACCESS_ITEM_STATE_OWNER_ASKED
    shown.decision.CopyFrom(write_decision(item.path, decision))
    shown.proposed.CopyFrom(shown.decision)
    shown.decided_by = By.RULE.value
    return shown


def is_hidden(settled: Settled) -> bool:
    """Whether an item shows no value unless somebody says why: it is about others, and is not given."""
    if settled.item.is_disclosure or settled.state is ItemState.GIVEN:
        return False
    return not settled.item.own or (settled.state is ItemState.WITHHELD and settled.by is By.RULE)


def show_asked(asked: Asked, today: date) -> review.AccessOwnerAsked:
    """A question to an owner."""
    return review.AccessOwnerAsked(
        owner=asked.owner,
        exchange_id=asked.exchange_id,
        items=len(asked.items),
        answer_by=write_day(asked.answer_by),
        answered=asked.answered,
        refused=asked.refused,
        over=not asked.answered and (bool(asked.refused) or today > asked.answer_by),
    )


def show_sources(case: Case, settled: Iterable[Settled]) -> Iterator[review.AccessSource]:
    """The documents in which items stand, in order; disclosures are one at the end."""
    ordered = sorted(settled, key=source_of)
    for name, group in groupby(ordered, key=source_of):
        rows = list(group)
        first = rows[0].item
        yield review.AccessSource(
            exchange_id=name[-1],
            title=first.title,
            document_type="" if first.is_added or first.is_disclosure else first.document_type,
            sender=first.sender,
            on=write_day(first.on),
            counts=count(case, rows),
        )


def source_of(settled: Settled) -> tuple[bool, date, str]:
    """By what items are put in order: leaves by day and document, then disclosures."""
    item = settled.item
    return (True, date.min, DISCLOSURES) if item.is_disclosure else (False, item.on, item.exchange_id)


DISCLOSURES = "disclosures"
"""Stands for the document in which disclosures are listed."""


def count(case: Case, settled: Iterable[Settled]) -> review.AccessItemCounts:
    """How many items stand where."""
    counts = review.AccessItemCounts()
    for each in settled:
        counts.items += 1
        counts.unmasked += is_unmasked(case, each)
        name = _COUNTED[each.state]
        setattr(counts, name, getattr(counts, name) + 1)
    return counts


def _show_item(item: Item, value: str) -> case_pb2.AccessItem:
    return case_pb2.AccessItem(
        item_id=item.item_id,
        exchange_id=item.exchange_id,
        document_type=item.document_type,
        path=item.path,
        category=item.category,
        label=item.label,
        value=json.dumps(value, ensure_ascii=False),
        owner=item.owner,
        regime=item.regime.value,
        title=item.title,
        sender=item.sender,
        on=write_day(item.on),
        is_text=item.is_text,
        is_disclosure=item.is_disclosure,
    )


def _add_said(shown: case_pb2.AccessItem, case: Case, item: Item, today: date) -> None:
    """Adds what owner and organisation said, what was weighed, and the masking."""
    own, name = case.by_controller.get(item.item_id), item.item_id
    _write(shown.by_owner, item, case.by_owner.get(name))
    _write(shown.by_controller, item, own)
    for asked in case.asked.values():
        if name in asked.items:
            shown.asked.CopyFrom(show_asked(asked, today))
    if own is not None and (harm := write_harm(own.serious_harm)) is not None:
        shown.serious_harm.CopyFrom(harm)
    if own is not None and (third := write_third_party(own.third_party)) is not None:
        shown.third_party.CopyFrom(third)
    if (mask := case.masks.get(name)) is not None:
        shown.mask.CopyFrom(_show_mask(mask))


def _write(field: documents.AccessDecision, item: Item, decision: Decision | None) -> None:
    if decision is not None:
        field.CopyFrom(write_decision(item.path, decision))


def _show_mask(mask: Mask) -> review.AccessMask:
    proposed, spans = (
        [result_pb2.TextSpan(start=start, end=end) for start, end in each]
        for each in (mask.proposed, mask.spans)
    )
    return review.AccessMask(proposed=proposed, spans=spans, changed=mask.changed)
