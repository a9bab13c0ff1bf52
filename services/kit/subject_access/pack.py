"""What the person gets, as data: the letter, what is held, to whom it went. Pure.

It holds what is given and what may be told of what is withheld; nothing in it depends on anything else. So
an answer to somebody of whom nothing is held, and one to somebody of whom all that is held is withheld
without a word, are the same but for reference, day and address (DPA 2018 s.45(6)).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import Any, Final

from services.kit.subject_access.cases import Case
from services.kit.subject_access.model import Item, ItemState, Settled
from services.kit.subject_access.rules import Rules, Tell, Wording
from services.kit.subject_access.settling import tell_of
from services.kit.subject_access.showing import group_of, in_words, label_of, show_date

VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Law:
    """What a pack is made by."""

    rules: Rules
    wording: Wording


@dataclass(frozen=True, slots=True)
class Sender:
    """The organisation that answers.

    Attributes:
        organisation: its id.
        name: what it is called.
        name_of: what any organisation is called.
    """

    organisation: str
    name: str
    name_of: Callable[[str], str]


def build_pack(case: Case, settled: Sequence[Settled], law: Law, sender: Sender, on: date) -> dict[str, Any]:
    """The pack as JSON.

    Args:
        case: ready to be answered.
        settled: its items.
        law: rules and wording.
        sender: who answers.
        on: day of the answer.
    """
    shown = [each for each in settled if is_shown(each, law.rules)]
    leaves = [_as_masked(case, each) for each in shown if not each.item.is_disclosure]
    disclosures = [each for each in shown if each.item.is_disclosure and each.state is ItemState.GIVEN]
    held = bool(leaves or disclosures)
    wording = law.wording
    return {
        "v": VERSION,
        "title": wording.title,
        "reference": case.case_id,
        "organisation": sender.organisation,
        "organisation_name": sender.name,
        "date": on.isoformat(),
        "date_written": show_date(on.isoformat()),
        "to": list(case.opened["reply_to"]),
        "received_written": show_date(case.opened["received_on"]),
        "letter": list(wording.given if held else wording.nothing),
        "sections": wording.sections.model_dump(),
        "documents": list(_documents(leaves, law, sender)),
        "disclosures": [_disclosure(each.item) for each in disclosures],
        "disclosure_words": wording.disclosures.model_dump(mode="json"),
        "held": held,
        "rights": list(wording.rights),
        "about": list(wording.about),
        "signature": wording.signature.format(organisation=sender.name),
    }


def is_shown(settled: Settled, rules: Rules) -> bool:
    """Whether the person reads anything of an item: what it says, or that it is withheld."""
    if settled.state is ItemState.GIVEN:
        return True
    return settled.decision is not None and tell_of(settled.decision, rules) is not Tell.NOTHING


def _as_masked(case: Case, settled: Settled) -> Settled:
    """The item with everybody else masked in its text."""
    item = settled.item
    return replace(settled, item=replace(item, shown=case.masked.get(item.item_id, item.shown)))


def _documents(settled: Iterable[Settled], law: Law, sender: Sender) -> Iterator[dict[str, Any]]:
    ordered = sorted(settled, key=lambda each: (each.item.on, each.item.title, each.item.exchange_id))
    for _, group in groupby(ordered, key=lambda each: each.item.exchange_id):
        rows = list(group)
        yield {
            "title": rows[0].item.title,
            "source": _source(rows[0].item, law.wording, sender),
            "rows": [row for _, same in groupby(rows, _part) for row in _rows(list(same), law)],
        }


def _part(settled: Settled) -> tuple[str, bool]:
    """What stands in one row: the leaves of one element of a list, but none with one that is withheld."""
    item = settled.item
    given = settled.state is ItemState.GIVEN
    return (group_of(item.path) or item.path) if given else item.path, given


def _rows(settled: Sequence[Settled], law: Law) -> Iterator[list[Any]]:
    """The row of a leaf; or of several that belong together, one a line."""
    first = settled[0]
    if len(settled) == 1:
        yield [first.item.label, write_row(first, law)]
        return
    whole = label_of(group_of(first.item.path))
    lines = (
        f"{in_words(each.item.label.removeprefix(whole).strip(': '))}: {each.item.shown}" for each in settled
    )
    yield [whole, {"text": "\n".join(lines), "withheld": False}]


def _source(item: Item, wording: Wording, sender: Sender) -> str:
    written = show_date(item.on.isoformat())
    if item.sender == sender.organisation:
        return wording.own_source.format(date=written)
    return wording.source.format(sender=sender.name_of(item.sender), date=written)


def write_row(settled: Settled, law: Law) -> dict[str, Any]:
    """What stands beside a label: what is held, or that it is withheld, as far as that may be told."""
    if settled.state is ItemState.GIVEN or settled.decision is None:
        return {"text": settled.item.shown, "withheld": False}
    exemption = law.rules.exemption(settled.decision.exemption)
    if exemption is None or tell_of(settled.decision, law.rules) is not Tell.REASON:
        return {"text": law.wording.withheld_category, "withheld": True}
    return {"text": law.wording.withheld_reason.format(says=exemption.says), "withheld": True}


def _disclosure(item: Item) -> list[str]:
    return item.shown.split("\n")
