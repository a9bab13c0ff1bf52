"""What became of the parts of a document that was tried, and how two rulings on it differ, in words.

Only what the sender may be told of a real decision is told of a try.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gateway.core.categories import leaf_kind
from gateway.core.documents import descriptor_of
from gateway.core.flow import DOCUMENT
from gateway.core.model import Case, Effect, FiredRule, Outcome, Ruling, Tell
from gateway.core.rulebook import Rulebook
from gateway.core.wording.words import words
from services.kit.evidence.paths import shape_of

_BESIDE: Final[Mapping[Effect, str]] = {
    Effect.LIMIT: "It goes with this as a condition of use",
    Effect.FLAG: "It is reviewed afterwards",
}


class Treated(StrEnum):
    """What became of a part; the names of oversight.v1.TriedTreatment without its prefix."""

    RELEASED = "RELEASED"
    GENERALISED = "GENERALISED"
    HELD = "HELD"
    WITHHELD = "WITHHELD"


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a leaf: by which rule, where that may be told, and what it waits for."""

    treated: Treated
    rule: FiredRule | None = None
    prerequisite: str = ""


@dataclass(frozen=True, slots=True)
class Parts:
    """Leaves of one category with one fate; paths without labels."""

    category: str
    fate: Fate
    paths: tuple[str, ...]
    free_text: bool


def fates_of(ruling: Ruling) -> dict[str, Fate]:
    """What became of each leaf of the document, by its path. Of what is held twice, the first counts."""
    coarser = {each.path for each in ruling.derived}
    found = {path: Fate(Treated.RELEASED) for path in ruling.released if path.startswith(DOCUMENT)}
    found |= {path: Fate(Treated.GENERALISED) for path in found if path in coarser}
    for item in ruling.withheld:
        if item.tell_sender is not Tell.NOTHING:
            found[item.path] = Fate(Treated.WITHHELD, _told(item.rule, item.tell_sender))
    for hold in ruling.held:
        if hold.tell_sender is not Tell.NOTHING:
            fate = Fate(Treated.HELD, _told(hold.rule, hold.tell_sender), hold.prerequisite)
            found |= {path: fate for path in hold.paths if path not in found}
    return found


def parts_of(case: Case, ruling: Ruling) -> tuple[Parts, ...]:
    """The same by category and fate; those that go first."""
    descriptor = descriptor_of(case.document)
    groups: dict[tuple[str, Fate], list[str]] = {}
    for path, fate in fates_of(ruling).items():
        groups.setdefault((leaf_kind(descriptor, path).category, fate), []).append(path)
    found = (
        Parts(
            category,
            fate,
            tuple(sorted({shape_of(path) for path in paths})),
            any(leaf_kind(descriptor, path).free_text for path in paths),
        )
        for (category, fate), paths in groups.items()
    )
    return tuple(sorted(found, key=_order))


def differences(
    case: Case, book: Rulebook, before: Ruling, after: Ruling, told: Collection[str] = ()
) -> Iterator[str]:
    """What is different in the second of two rulings on one case, each in a sentence.

    Args:
        case: as imagined.
        book: the rulebook.
        before: the first.
        after: the second.
        told: ids of rules whose reasons stand beside it already.
    """
    if before.outcome is not after.outcome:
        yield _outcome(after, told)
    for fate, categories in _changed(case, before, after).items():
        if not any(each.whole_exchange for each in after.held) or fate.treated is Treated.WITHHELD:
            yield f"{_sentence(words(sorted(categories)))}: {_becomes(book, fate)}."
    for rule in after.rules:
        if rule not in before.rules and rule.effect in _BESIDE:
            yield _BESIDE[rule.effect] + ("." if rule.rule in told else f": {rule.reason}")
    if gained := set(after.flags) - set(before.flags):
        yield f"Flagged: {words(sorted(gained))}."


def _changed(case: Case, before: Ruling, after: Ruling) -> dict[Fate, set[str]]:
    """Categories of which something has another fate than before, by that fate."""
    descriptor, old = descriptor_of(case.document), fates_of(before)
    found: dict[Fate, set[str]] = {}
    for path, fate in fates_of(after).items():
        known = old.get(path)
        if known is None or (known.treated, known.prerequisite) != (fate.treated, fate.prerequisite):
            plain = Fate(fate.treated, None, fate.prerequisite)
            found.setdefault(plain, set()).add(leaf_kind(descriptor, path).category)
    return found


def _outcome(ruling: Ruling, told: Collection[str]) -> str:
    if ruling.outcome is Outcome.RELEASED:
        return "Something goes."
    what = "Nothing goes, the whole is refused" if ruling.outcome is Outcome.REFUSED else "Nothing goes yet"
    known = ruling.reason is None or ruling.reason.rule in told
    return f"{what}." if known or ruling.reason is None else f"{what}: {ruling.reason.reason}"


def _becomes(book: Rulebook, fate: Fate) -> str:
    if fate.treated is Treated.HELD:
        return f"waits until: {book.prerequisites[fate.prerequisite].title}"
    return {
        Treated.RELEASED: "goes",
        Treated.GENERALISED: "goes in a coarser form",
        Treated.WITHHELD: "stays",
    }[fate.treated]


def _told(rule: FiredRule, tell: Tell) -> FiredRule | None:
    return rule if tell is Tell.REASON else None


def _order(part: Parts) -> tuple[int, str, str]:
    return (
        list(Treated).index(part.fate.treated),
        part.category,
        part.fate.rule.rule if part.fate.rule else "",
    )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
