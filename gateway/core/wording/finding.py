"""The entries of one rulebook, read once, and found by id, paragraph, words, document and effect."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from gateway.core.rulebook import Rulebook
from gateway.core.wording.citations import read_asked
from gateway.core.wording.entries import read_entries
from gateway.core.wording.texts import Entry, EntryKind


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries are wanted; conditions add up, an empty one is none.

    Attributes:
        kinds: any of these.
        paragraph: such as `MAPPA 21.28` or `MAPPA 21.20 to 21.30`.
        text: words that all stand in it, or the beginning of its id.
        document: that it may be about.
        effect: what a rule does.
    """

    kinds: Collection[EntryKind] = ()
    paragraph: str = ""
    text: str = ""
    document: str = ""
    effect: str = ""


@dataclass(frozen=True)
class Index:
    """All entries of a rulebook."""

    book: Rulebook

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """By kind and id."""
        return tuple(read_entries(self.book))

    def find(self, wanted: Wanted) -> tuple[Entry, ...]:
        """Those that are wanted; with a paragraph that cannot be read, none."""
        return tuple(self._find(wanted))

    def get(self, entry_id: str, kind: EntryKind | None = None) -> Entry | None:
        """One by its id, of a kind or the first that has it."""
        found = (each for each in self._by_id.get(entry_id, ()) if kind in (None, each.kind))
        return next(found, None)

    def related(self, entry: Entry) -> tuple[Entry, ...]:
        """What an entry names, and what names it, by kind and id."""
        named = (each for name in entry.names for each in self._by_id.get(name, ()))
        naming = (each for each in self.entries if entry.id in each.names)
        keys = {(each.kind, each.id): each for each in (*named, *naming) if each is not entry}
        return tuple(keys.values())

    @cached_property
    def _by_id(self) -> dict[str, tuple[Entry, ...]]:
        found: dict[str, tuple[Entry, ...]] = {}
        for each in self.entries:
            found[each.id] = (*found.get(each.id, ()), each)
        return found

    def _find(self, wanted: Wanted) -> Iterator[Entry]:
        asked = read_asked(wanted.paragraph)
        if wanted.paragraph.strip() and asked is None:
            return
        words = wanted.text.casefold().split()
        for each in self.entries:
            cited = asked is None or any(asked.meets(one) for one in each.citations)
            if cited and _is_of(each, wanted) and _has(each, words):
                yield each


def _is_of(entry: Entry, wanted: Wanted) -> bool:
    return (
        (not wanted.kinds or entry.kind in wanted.kinds)
        and (not wanted.effect or entry.effect == wanted.effect)
        and (not wanted.document or not entry.documents or wanted.document in entry.documents)
    )


def _has(entry: Entry, words: Iterable[str]) -> bool:
    return all(each in entry.haystack for each in words)
