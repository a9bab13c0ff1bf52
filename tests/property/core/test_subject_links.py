"""Laws of the subject register: whatever documents arrive in whatever order.

Each example is a small world of people with identifiers, and documents that state some of them together.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from publicprotection.common.v1.person_pb2 import (
    IDENTIFIER_SYSTEM_CRN,
    IDENTIFIER_SYSTEM_LOCAL,
    IDENTIFIER_SYSTEM_NHS_NUMBER,
    IDENTIFIER_SYSTEM_PNC_ID,
    IDENTIFIER_SYSTEM_PRISON_NUMBER,
)

from gateway.core.subjects.linking import Known, Linker, LinkState, Pair, crossing, group, pair_of

SYSTEMS = (
    IDENTIFIER_SYSTEM_PNC_ID,
    IDENTIFIER_SYSTEM_PRISON_NUMBER,
    IDENTIFIER_SYSTEM_CRN,
    IDENTIFIER_SYSTEM_NHS_NUMBER,
    IDENTIFIER_SYSTEM_LOCAL,
)
PEOPLE = 4

# An identifier is its system and its holder: `1:0` is the first person's PNC id.
Document = tuple[str, ...]


def entry(system: int, person: int) -> str:
    return f"{system}:{person}"


def system_of(name: str) -> int:
    return int(name.partition(":")[0])


def person_of(name: str) -> str:
    return name.partition(":")[2]


truthful = st.builds(
    lambda person, systems: tuple(entry(system, person) for system in sorted(systems)),
    st.integers(0, PEOPLE - 1),
    st.sets(st.sampled_from(SYSTEMS), min_size=1),
)
anything = st.lists(
    st.builds(entry, st.sampled_from(SYSTEMS), st.integers(0, PEOPLE - 1)),
    min_size=1,
    max_size=4,
    unique=True,
).map(lambda names: tuple(sorted(names)))


class Register:
    """A register in memory: what the gateway keeps of links, and how it takes a document."""

    def __init__(self) -> None:
        self.entries: set[str] = set()
        self.links: dict[Pair, LinkState] = {}

    def groups(self) -> set[frozenset[str]]:
        return set(group(self.entries, self.in_force()))

    def in_force(self) -> list[Pair]:
        return [pair for pair, state in self.links.items() if state is LinkState.IN_FORCE]

    def take(self, document: Document) -> None:
        self.entries.update(document)
        people = {
            name: Known({each: system_of(each) for each in whole})
            for whole in self.groups()
            for name in whole
        }
        linker = Linker(people, self.links.items())
        for other in document[1:]:
            stated = linker.judge(document[0], other)
            if stated is not None:
                self.links[pair_of(document[0], other)] = stated.state

    def part(self, apart: frozenset[str]) -> None:
        for pair in list(crossing(self.in_force(), apart)):
            self.links[pair] = LinkState.UNDONE


def register_of(documents: Iterable[Document]) -> Register:
    register = Register()
    for document in documents:
        register.take(document)
    return register


def stated_together(documents: Iterable[Document]) -> list[Pair]:
    return [pair_of(one, other) for document in documents for one, other in pairwise(document)]


@given(st.lists(truthful, max_size=12), st.randoms(use_true_random=False))
def test_order_does_not_matter_and_no_two_people_are_linked(
    documents: list[Document], random: object
) -> None:
    shuffled: list[Document] = list(documents)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    register = register_of(documents)
    assert register.groups() == register_of(shuffled).groups()
    assert all(len({person_of(name) for name in whole}) == 1 for whole in register.groups())
    assert LinkState.HELD not in register.links.values()


@given(st.lists(anything, max_size=12))
def test_nobody_is_linked_without_evidence_or_has_two_numbers_of_one_system(
    documents: list[Document],
) -> None:
    register = register_of(documents)
    evidence = group(register.entries, stated_together(documents))
    for whole in register.groups():
        assert any(whole <= known for known in evidence)
        single = [system_of(name) for name in whole if system_of(name) != IDENTIFIER_SYSTEM_LOCAL]
        assert len(single) == len(set(single))


@given(st.lists(anything, max_size=8), st.randoms(use_true_random=False))
def test_a_contradiction_is_held_in_every_order(documents: list[Document], random: object) -> None:
    shuffled: list[Document] = list(documents)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    held = [LinkState.HELD in register_of(each).links.values() for each in (documents, shuffled)]
    assert held[0] == held[1]


@given(st.lists(truthful, min_size=1, max_size=8), truthful, truthful)
def test_a_wrong_link_can_be_undone_and_leaves_what_was_before(
    documents: list[Document], one: Document, other: Document
) -> None:
    before = register_of([*documents, one, other])
    mistaken = register_of([*documents, one, other])
    mistaken.take((one[0], other[0]))
    joined = next(whole for whole in mistaken.groups() if one[0] in whole)
    mistaken.part(joined - next(whole for whole in before.groups() if one[0] in whole))
    assert mistaken.groups() == before.groups()


@given(st.lists(anything, min_size=1, max_size=8), st.data())
def test_whom_a_person_parted_no_document_links_again(
    documents: Sequence[Document], data: st.DataObject
) -> None:
    register = register_of(documents)
    whole = data.draw(st.sampled_from(sorted(register.groups(), key=sorted)))
    apart = frozenset(data.draw(st.sets(st.sampled_from(sorted(whole)))))
    register.part(apart)
    for document in documents:
        register.take(document)
    assert all(found <= apart or found.isdisjoint(apart) for found in register.groups() if found & whole)
