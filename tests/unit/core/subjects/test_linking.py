"""When two entries are one person, and what speaks against it."""

import pytest
from publicprotection.common.v1.person_pb2 import (
    IDENTIFIER_SYSTEM_CRN,
    IDENTIFIER_SYSTEM_LOCAL,
    IDENTIFIER_SYSTEM_PNC_ID,
)

from gateway.core.subjects.linking import (
    Contradiction,
    Known,
    Linker,
    LinkState,
    Stated,
    contradiction,
    crossing,
    group,
    pair_of,
)

PNC, CRN, LOCAL = IDENTIFIER_SYSTEM_PNC_ID, IDENTIFIER_SYSTEM_CRN, IDENTIFIER_SYSTEM_LOCAL
BORN, OTHERWISE = b"a" * 32, b"b" * 32


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        (Known({"a": PNC}), Known({"b": CRN}), None),
        (Known({"a": PNC}), Known({"b": PNC}), Contradiction.TWO_IDENTIFIERS),
        (Known({"a": LOCAL}), Known({"b": LOCAL}), None),
        (Known({"a": 0}), Known({"b": 0}), None),
        (Known({"a": PNC, "c": CRN}), Known({"b": LOCAL, "d": CRN}), Contradiction.TWO_IDENTIFIERS),
        (Known({"a": PNC}, frozenset({BORN})), Known({"b": CRN}, frozenset({BORN, OTHERWISE})), None),
        (
            Known({"a": PNC}, frozenset({BORN})),
            Known({"b": CRN}, frozenset({OTHERWISE})),
            Contradiction.TWO_BIRTHS,
        ),
        (Known({"a": PNC}, frozenset({BORN})), Known({"b": CRN}), None),
    ],
)
def test_what_speaks_against_a_link(one: Known, other: Known, reason: Contradiction | None) -> None:
    assert contradiction(one, other, []) is reason
    assert contradiction(other, one, []) is reason


def test_a_persons_word_speaks_against_links_between_all_entries_of_both() -> None:
    one, other = Known({"a": PNC, "b": LOCAL}), Known({"c": CRN})
    assert contradiction(one, other, [("b", "c")]) is Contradiction.SAID_TO_DIFFER
    assert contradiction(one, other, [("b", "d")]) is None


def test_what_waits_is_not_linked_by_way_of_others() -> None:
    one, other = Known({"a": PNC, "b": LOCAL}), Known({"c": CRN})
    assert contradiction(one, other, waiting=[("a", "c")]) is Contradiction.ANOTHER_WAITS
    people = {"a": one, "b": one, "c": other}
    assert Linker(people, [(("a", "c"), LinkState.HELD)]).judge("b", "c") == Stated(
        LinkState.HELD, Contradiction.ANOTHER_WAITS
    )


def test_the_same_person_contradicts_nothing() -> None:
    known = Known({"a": PNC, "b": PNC}, frozenset({BORN}))
    assert contradiction(known, known, [("a", "b")]) is None


@pytest.mark.parametrize("state", [LinkState.IN_FORCE, LinkState.HELD, LinkState.REFUSED])
def test_what_is_on_record_is_not_stated_again(state: LinkState) -> None:
    linker = Linker({"a": Known({"a": PNC}), "b": Known({"b": CRN})}, [(("a", "b"), state)])
    assert linker.judge("b", "a") is None


def test_what_a_person_undid_waits_when_a_document_states_it_again() -> None:
    linker = Linker({"a": Known({"a": PNC}), "b": Known({"b": CRN})}, [(("a", "b"), LinkState.UNDONE)])
    assert linker.judge("a", "b") == Stated(LinkState.HELD, Contradiction.SAID_TO_DIFFER)


def test_a_birth_that_the_document_states_counts_against_what_is_known_of_the_other() -> None:
    people = {"a": Known({"a": PNC}), "b": Known({"b": CRN}, frozenset({OTHERWISE}))}
    linker = Linker(people, [])
    linker.note_birth("a", BORN)
    assert linker.judge("a", "b") == Stated(LinkState.HELD, Contradiction.TWO_BIRTHS)


def test_each_link_is_judged_in_the_light_of_those_before() -> None:
    people = {"a": Known({"a": CRN}), "b": Known({"b": PNC}), "c": Known({"c": PNC})}
    linker = Linker(people, [])
    assert linker.judge("a", "b") == Stated(LinkState.IN_FORCE)
    assert linker.judge("a", "c") == Stated(LinkState.HELD, Contradiction.TWO_IDENTIFIERS)


def test_groups_follow_links_in_any_order() -> None:
    links = [("a", "b"), ("c", "d"), ("b", "c")]
    whole = [frozenset("abcd"), frozenset("e")]
    assert sorted(group("abcde", links), key=len, reverse=True) == whole
    assert sorted(group("abcde", links[::-1]), key=len, reverse=True) == whole


def test_parting_cuts_every_link_between_the_two_sides() -> None:
    links = [("a", "b"), ("a", "c"), ("b", "c")]
    assert list(crossing(links, frozenset("c"))) == [("a", "c"), ("b", "c")]


def test_a_pair_has_one_order() -> None:
    assert pair_of("b", "a") == pair_of("a", "b") == ("a", "b")
