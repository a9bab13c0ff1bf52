"""What restrictions forbid reaches whoever may have restrictions, with its places and without its victims."""

from dataclasses import replace

import pytest
from publicprotection.documents.v1.mappa_pb2 import RestrictionNotice

from gateway.core.decide import decide
from gateway.core.freetext.model import PartyNames
from gateway.core.model import Desk, KnownParty, Ruling
from services.kit.evidence.derive import MARK
from tests.support.core_world import demo_world, vector

DWP = Desk("dwp-kent", "mappa-spoc")
POLICE = Desk("kent-police", "public-protection-unit")
INES = PartyNames(
    "Ines Fairbrass",
    addresses=("14 Quarry Steps, Sandlewick, CT97 4QX",),
    towns=("Sandlewick",),
    phones=("07700 900733",),
)
KNOWN = KnownParty("VICTIM", INES, owner="kent-probation")


def read_terms(terms: str, reader: Desk, *known: KnownParty) -> str:
    """The terms as the reader receives them."""
    case = vector("story-4-restrictions").case
    document = RestrictionNotice()
    document.MergeFromString(case.document.SerializeToString())
    document.restrictions[0].terms = terms
    [path] = [each for each in case.leaves if each.endswith(".terms")]
    changed = replace(case, document=document, leaves={**case.leaves, path: terms}, known_parties=known)
    rulings: dict[Desk, Ruling] = {each.recipient: each for each in decide(changed, demo_world())}
    ruling = rulings[reader]
    assert path in ruling.released
    return next((str(each.value) for each in ruling.derived if each.path == path), terms)


@pytest.mark.parametrize("known", [(), (KNOWN,)], ids=["unknown", "known"])
def test_the_dwp_does_not_learn_with_whom(known: tuple[KnownParty, ...]) -> None:
    terms = "No contact with Ines Fairbrass, directly or through others"
    assert read_terms(terms, DWP, *known) == f"No contact with {MARK}, directly or through others"


def test_a_given_name_of_a_known_victim_goes_with_her_number() -> None:
    found = read_terms("Not to ring ines or 07700 900733", DWP, KNOWN)
    assert found == f"Not to ring {MARK} or {MARK}"


@pytest.mark.parametrize("known", [(), (KNOWN,)], ids=["unknown", "known"])
@pytest.mark.parametrize("reader", [DWP, POLICE], ids=str)
@pytest.mark.parametrize(
    "terms",
    [
        "Not to enter Quarry Steps, Sandlewick, CT97 4QX",
        "Not to enter Hallowby or Brackenwick",
        "Not to go within 100 metres of St Orrin's School",
        "Curfew from 19:00 to 07:00 at Rowan House, Skelby",
    ],
)
def test_the_places_arrive(terms: str, reader: Desk, known: tuple[KnownParty, ...]) -> None:
    assert read_terms(terms, reader, *known) == terms


def test_a_name_in_a_place_or_beside_one_does_not_stay_with_it() -> None:
    found = read_terms("Not to enter Quarry Steps, Sandlewick, home of Ines Fairbrass", DWP, KNOWN)
    assert found == f"Not to enter Quarry Steps, Sandlewick, home of {MARK}"
    assert "Fairbrass" not in read_terms("Not to be in Fairbrass's company", DWP)
    assert "Fairbrass" not in read_terms("Not to enter Fairbrass Cottage", DWP, KNOWN)


def test_police_that_were_told_of_her_read_it_whole() -> None:
    terms = "No contact with Ines Fairbrass of 14 Quarry Steps"
    hidden = replace(KNOWN, owner="kent-mappa-unit")
    told = replace(hidden, told=frozenset({(POLICE, "IDENTITY"), (POLICE, "LOCATION")}))
    assert "Fairbrass" not in read_terms(terms, POLICE, hidden)
    assert read_terms(terms, POLICE, told) == terms
