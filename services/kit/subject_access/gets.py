"""What the person would get of an item as it stands now: what the pack would say of it. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from publicprotection.exchange.v1 import subject_access_review_pb2 as review

from services.kit.subject_access.cases import Case
from services.kit.subject_access.model import ItemState, Settled
from services.kit.subject_access.pack import Law, is_shown, write_row
from services.kit.subject_access.rules import Tell
from services.kit.subject_access.settling import tell_of

Gets = tuple[review.AccessGets.ValueType, str]
"""What, and in words, where they would get words."""

_TOLD = {
    Tell.REASON: review.ACCESS_GETS_REASON,
    Tell.CATEGORY: review.ACCESS_GETS_CATEGORY,
    Tell.NOTHING: review.ACCESS_GETS_NOTHING,
}


def what_is_got(case: Case, settled: Settled, law: Law) -> Gets:
    """What the person would get of an item."""
    if settled.state is ItemState.GIVEN:
        return _given(case, settled)
    if settled.state is not ItemState.WITHHELD or settled.decision is None:
        return review.ACCESS_GETS_OPEN, ""
    # A disclosure that is withheld stands nowhere in the answer, whatever may be told of it.
    if settled.item.is_disclosure or not is_shown(settled, law.rules):
        return review.ACCESS_GETS_NOTHING, ""
    return _TOLD[tell_of(settled.decision, law.rules)], str(write_row(settled, law)["text"])


def is_unmasked(case: Case, settled: Settled) -> bool:
    """Whether a text is given in which nobody has masked everybody else yet."""
    item = settled.item
    return settled.state is ItemState.GIVEN and item.is_text and item.item_id not in case.masked


def only_decided(case: Case, settled: Iterable[Settled], unmasked: str) -> Iterator[Settled]:
    """The items of a preview: what is open is left out, and what is not masked yet is not shown.

    Args:
        case: the case.
        settled: its items.
        unmasked: stands where a text will stand.
    """
    for each in settled:
        if each.state in {ItemState.GIVEN, ItemState.WITHHELD}:
            covered = is_unmasked(case, each)
            yield replace(each, item=replace(each.item, shown=unmasked)) if covered else each


def _given(case: Case, settled: Settled) -> Gets:
    if is_unmasked(case, settled):
        return review.ACCESS_GETS_UNMASKED, ""
    item = settled.item
    return review.ACCESS_GETS_TEXT, case.masked.get(item.item_id, item.shown)
