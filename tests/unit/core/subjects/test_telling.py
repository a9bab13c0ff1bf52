"""Who has been told what of a person: all of a kind, or nothing."""

from gateway.core.freetext.model import PartyNames
from gateway.core.subjects.people import StatedPerson
from gateway.core.subjects.telling import parts_of, told_of

CATEGORIES = {
    "document.victim.name.family": "VICTIM_IDENTITY",
    "document.victim.name.given": "VICTIM_IDENTITY",
    "document.victim.address.town": "VICTIM_LOCATION",
    "document.victim.risk": "VICTIM_RISK",
    "document.victim.keeper": "STAFF_IDENTITY",
    "document.victimless": "VICTIM_IDENTITY",
    "document.subject.name.family": "SUBJECT_IDENTITY",
}
PERSON = StatedPerson(
    about="VICTIM",
    is_case=False,
    identifiers=(),
    names=(),
    birth=None,
    party=PartyNames("Ottilie Branwhite"),
    owner="kent-police",
    path="document.victim",
)
PARTS = parts_of(PERSON, CATEGORIES, CATEGORIES.__getitem__)


def test_parts_are_the_persons_own_leaves_that_name_place_or_reach() -> None:
    assert {
        "IDENTITY": {"document.victim.name.family", "document.victim.name.given"},
        "LOCATION": {"document.victim.address.town"},
    } == PARTS


def test_who_got_all_of_a_kind_was_told() -> None:
    assert set(told_of(PARTS, CATEGORIES)) == {"IDENTITY", "LOCATION"}


def test_who_got_a_part_of_a_kind_was_not() -> None:
    got = {"document.victim.name.given", "document.victim.address.town"}
    assert set(told_of(PARTS, got)) == {"LOCATION"}
    assert set(told_of(PARTS, ())) == set()
