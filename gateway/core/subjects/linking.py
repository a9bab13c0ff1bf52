"""Whether two entries may be linked on the word of a document, or a person has to decide.

A document that states two identifiers of one person is evidence enough (design section 2), unless something
contradicts it. Which entries are one person is computed from the links in force; it is kept nowhere.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Final

from publicprotection.common.v1 import person_pb2
from publicprotection.privacy.v1 import privacy_pb2

Pair = tuple[str, str]
"""Two entries, the lesser first."""


class LinkState(StrEnum):
    """Where a link stands. Only one in force makes two entries one person.

    HELD: stated by a document and contradicted; a person decides. REFUSED: a person said they are different.
    UNDONE: was in force, until a person parted them.
    """

    IN_FORCE = "IN_FORCE"
    HELD = "HELD"
    REFUSED = "REFUSED"
    UNDONE = "UNDONE"


class Contradiction(StrEnum):
    """What speaks against a link; names of oversight.v1.ConflictReason without its prefix."""

    TWO_IDENTIFIERS = "TWO_IDENTIFIERS"
    TWO_BIRTHS = "TWO_BIRTHS"
    SAID_TO_DIFFER = "SAID_TO_DIFFER"
    ANOTHER_WAITS = "ANOTHER_WAITS"


SAID_APART: Final = frozenset({LinkState.REFUSED, LinkState.UNDONE})
"""States that say that a person holds two entries to be different people."""


_WAITING: Final = frozenset({LinkState.HELD})
_JUDGED: Final = frozenset({LinkState.IN_FORCE, LinkState.HELD, LinkState.REFUSED})


@dataclass(frozen=True, slots=True)
class Known:
    """A person as far as the register knows: one entry, or several that are linked.

    Attributes:
        systems: from entry to number of its identifier's system; 0 for an entry without one.
        births: digests of full dates of birth that were stated.
    """

    systems: Mapping[str, int]
    births: frozenset[bytes] = frozenset()

    @property
    def entries(self) -> frozenset[str]:
        """The entries."""
        return frozenset(self.systems)

    def with_birth(self, birth: bytes) -> "Known":
        """The same with a date of birth that a document states."""
        return Known(self.systems, self.births | {birth})

    def join(self, other: "Known") -> "Known":
        """Both as one person."""
        return Known({**self.systems, **other.systems}, self.births | other.births)


def pair_of(one: str, other: str) -> Pair:
    """Two entries in their order."""
    return (one, other) if one < other else (other, one)


def contradiction(
    one: Known, other: Known, apart: Iterable[Pair] = (), waiting: Iterable[Pair] = ()
) -> Contradiction | None:
    """What speaks against two being one person, the gravest first; None if nothing does.

    Args:
        one: a person.
        other: another, or the same.
        apart: pairs of entries that a person said are different people.
        waiting: pairs of which a person has to say it yet: nobody is linked by way of others meanwhile.
    """
    if one.entries & other.entries:
        return None
    if any(_between(pair, one.entries, other.entries) for pair in apart):
        return Contradiction.SAID_TO_DIFFER
    if _single(one) & _single(other):
        return Contradiction.TWO_IDENTIFIERS
    if one.births and other.births and not one.births & other.births:
        return Contradiction.TWO_BIRTHS
    if any(_between(pair, one.entries, other.entries) for pair in waiting):
        return Contradiction.ANOTHER_WAITS
    return None


@dataclass(frozen=True, slots=True)
class Stated:
    """What comes of a link that a document states: in force, or held for what speaks against it."""

    state: LinkState
    contradiction: Contradiction | None = None


class Linker:
    """Judges the links of one document, each in the light of those before.

    Args:
        people: from entry to the person that it is one of so far.
        links: those on record among all these entries.
    """

    def __init__(self, people: Mapping[str, Known], links: Iterable[tuple[Pair, LinkState]]) -> None:
        self._people = dict(people)
        self._states: dict[Pair, set[LinkState]] = {}
        for pair, state in links:
            self._states.setdefault(pair, set()).add(state)

    def note_birth(self, entry: str, birth: bytes) -> None:
        """Counts a date of birth, as a digest, as known of an entry: the document itself states it."""
        self._put(self._people[entry].with_birth(birth))

    def judge(self, one: str, other: str) -> Stated | None:
        """What comes of a link between two entries; None if it is there, or was refused."""
        states = self._states.setdefault(pair_of(one, other), set())
        if one == other or states & _JUDGED:
            return None
        reason = contradiction(
            self._people[one], self._people[other], self._pairs(SAID_APART), self._pairs(_WAITING)
        )
        state = LinkState.HELD if reason else LinkState.IN_FORCE
        states.add(state)
        if reason is None:
            self._put(self._people[one].join(self._people[other]))
        return Stated(state, reason)

    def _put(self, known: Known) -> None:
        self._people.update(dict.fromkeys(known.entries, known))

    def _pairs(self, wanted: frozenset[LinkState]) -> list[Pair]:
        return [pair for pair, states in self._states.items() if states & wanted]


def group(entries: Iterable[str], links: Iterable[Pair]) -> list[frozenset[str]]:
    """Who is one person: entries joined by links, directly or not; in no particular order."""
    whole = {entry: frozenset({entry}) for entry in entries}
    for one, other in links:
        merged = whole.get(one, frozenset({one})) | whole.get(other, frozenset({other}))
        whole.update(dict.fromkeys(merged, merged))
    return list(dict.fromkeys(whole.values()))


def crossing(links: Iterable[Pair], apart: frozenset[str]) -> Iterator[Pair]:
    """The links between some entries and all others: what is undone to part them."""
    return (pair for pair in links if (pair[0] in apart) != (pair[1] in apart))


def _between(pair: Pair, one: frozenset[str], other: frozenset[str]) -> bool:
    first, second = pair
    return (first in one and second in other) or (first in other and second in one)


def _single(known: Known) -> set[int]:
    return {system for system in known.systems.values() if system and not _gives_many()[system]}


@cache
def _gives_many() -> Mapping[int, bool]:
    """Which systems may give one person several identifiers, as the contract says."""
    values = person_pb2.IdentifierSystem.DESCRIPTOR.values_by_number
    return {
        number: bool(value.GetOptions().Extensions[privacy_pb2.many_per_person])
        for number, value in values.items()
    }
