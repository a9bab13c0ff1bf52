"""Parties of earlier exchanges are hidden in texts like the document's own, and never the other way round."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from publicprotection.documents.v1.mappa_pb2 import AgencyContribution

from gateway.core.decide import decide
from gateway.core.freetext.model import PartyNames
from gateway.core.model import Desk, KnownParty, Ruling
from services.kit.evidence.derive import MARK
from tests.support.core_world import demo_world, vector

TEXT = (
    "Toby was seen near Ines Fairbrass's home, 14 Quarry Steps, CT97 4QX. "
    "ines said he rang 07700 900733. St Orrin's School is next door. Jude Okoro drove him."
)
INES = PartyNames(
    "Ines Fairbrass",
    addresses=("14 Quarry Steps, Sandlewick, CT97 4QX",),
    towns=("Sandlewick",),
    phones=("07700 900733",),
)


def ruling(*known: KnownParty, text: str = TEXT) -> Ruling:
    """The contribution of the story, with another summary, before the police agree."""
    case = vector("story-6-contribution").case
    document = AgencyContribution()
    document.MergeFromString(case.document.SerializeToString())
    document.summary = text
    del document.victims[:]
    leaves = {path: value for path, value in case.leaves.items() if "victims" not in path}
    leaves["document.summary"] = text
    del (header := type(case.header).FromString(case.header.SerializeToString())).provenance[:]
    leaves = {path: value for path, value in leaves.items() if not path.startswith("header.provenance")}
    [only] = decide(
        replace(case, document=document, header=header, leaves=leaves, known_parties=known), demo_world()
    )
    return only


def text_of(found: Ruling) -> str:
    values = {each.path: str(each.value) for each in found.derived}
    assert "document.summary" in found.released
    return values.get("document.summary", TEXT)


def test_without_known_parties_the_unit_reads_the_names_of_others() -> None:
    text = text_of(ruling())
    assert "Ines Fairbrass" in text
    assert "14 Quarry Steps" in text


def test_a_victim_of_another_agency_is_hidden_by_name_and_home() -> None:
    text = text_of(ruling(KnownParty("VICTIM", INES, owner="kent-police")))
    assert "Fairbrass" not in text
    assert "ines" not in text
    assert "Quarry" not in text
    assert "CT97" not in text


def test_others_and_places_of_others_stay_readable() -> None:
    text = text_of(ruling(KnownParty("VICTIM", INES, owner="kent-police")))
    assert "Jude Okoro drove him" in text
    assert "St Orrin's School" in text
    assert "Toby was seen" in text


@pytest.mark.parametrize("owner", ["kent-probation", "kent-mappa-unit"])
def test_whose_owner_is_at_one_end_of_the_flow_waits_for_nobody(owner: str) -> None:
    assert "Ines Fairbrass" in text_of(ruling(KnownParty("VICTIM", INES, owner=owner)))


def test_whom_the_recipient_may_learn_of_stays_readable() -> None:
    assert "Ines Fairbrass" in text_of(ruling(KnownParty("CHILD", INES, owner="kent-police")))


def test_somebody_of_no_known_role_is_hidden() -> None:
    assert "Fairbrass" not in text_of(ruling(KnownParty("NEIGHBOUR", INES)))


def test_whom_the_document_names_and_releases_is_left_to_its_own_rule() -> None:
    toby = PartyNames("Toby Marsh", family="Marsh")
    assert text_of(ruling(KnownParty("VICTIM", toby, owner="kent-police"))) == text_of(ruling())


def test_knowing_somebody_changes_nothing_but_the_text() -> None:
    one, other = ruling(), ruling(KnownParty("VICTIM", INES))
    assert (one.outcome, one.released, one.withheld, one.held) == (
        other.outcome,
        other.released,
        other.withheld,
        other.held,
    )


NAMES = ["Ines Fairbrass", "Toby Okoro", "Jude Quarry", "Orrin Marsh", "Ida Steps", "Sandlewick Home"]
PARTIES = st.builds(
    KnownParty,
    about=st.sampled_from(["SUBJECT", "VICTIM", "CHILD", "ADULT_AT_RISK", "STAFF", "OTHER", ""]),
    names=st.builds(
        PartyNames,
        st.sampled_from(["", *NAMES]),
        aliases=st.lists(st.sampled_from(["Tobes", "Big Jude", "Ori"]), max_size=2).map(tuple),
        addresses=st.lists(
            st.sampled_from(["14 Quarry Steps, Sandlewick, CT97 4QX", "St Orrin's School, Sandlewick"]),
            max_size=2,
        ).map(tuple),
        towns=st.lists(st.sampled_from(["Sandlewick", "Quarry"]), max_size=1).map(tuple),
        phones=st.lists(st.sampled_from(["07700 900733", "07700 900417"]), max_size=2).map(tuple),
    ),
    owner=st.sampled_from(["", "kent-police", "kent-probation"]),
)


def hidden_positions(masked: str) -> set[int]:
    """Positions of the original that are gone, found by walking both texts."""
    gone, at = set(range(len(TEXT))), 0
    for piece in masked.split(MARK):
        start = TEXT.index(piece, at)
        gone -= set(range(start, start + len(piece)))
        at = start + len(piece)
    return gone


@settings(max_examples=120, deadline=None)
@given(st.lists(PARTIES, max_size=3), PARTIES)
def test_knowing_one_more_never_unmasks_anything(known: list[KnownParty], more: KnownParty) -> None:
    fewer = hidden_positions(text_of(ruling(*known)))
    assert fewer <= hidden_positions(text_of(ruling(*known, more)))


UNIT = Desk("kent-mappa-unit", "coordination")


def test_a_desk_is_not_kept_from_what_it_was_told_before() -> None:
    told = frozenset({(UNIT, "IDENTITY")})
    text = text_of(ruling(KnownParty("VICTIM", INES, "kent-police", told)))
    assert "Ines Fairbrass" in text
    assert "Quarry" not in text, "where she lives was not told"
    assert "900733" not in text


def test_what_another_desk_was_told_changes_nothing() -> None:
    told = frozenset(
        {(Desk("kent-mappa-unit", "front-door"), "IDENTITY"), (Desk("kent-police", "x"), "IDENTITY")}
    )
    assert "Fairbrass" not in text_of(ruling(KnownParty("VICTIM", INES, "kent-police", told)))


def test_a_name_told_once_is_not_hidden_for_being_stated_twice() -> None:
    told = KnownParty("VICTIM", PartyNames("Ines Fairbrass"), "kent-police", frozenset({(UNIT, "IDENTITY")}))
    text = text_of(ruling(told, KnownParty("VICTIM", INES, owner="kent-police")))
    assert "Ines Fairbrass" in text
    assert "Quarry" not in text
