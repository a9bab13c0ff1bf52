"""The record of processing follows contract, agreements and rulebook, and nothing else."""

from dataclasses import replace

import pytest

from gateway.core.processing.activities import DISCLOSES, RECEIVES, Activity, about_of, list_activities
from gateway.core.processing.record import headings_of
from gateway.core.world import World
from tests.support.core_world import demo_world


@pytest.fixture(scope="module")
def activities() -> tuple[Activity, ...]:
    return list_activities(demo_world())


def only(activities: tuple[Activity, ...], organisation: str, clause: str, direction: str) -> Activity:
    (found,) = [
        each
        for each in activities
        if (each.organisation, each.agreement, each.clause, each.direction)
        == (organisation, "kent-dwp/1", clause, direction)
    ]
    return found


def test_what_the_department_receives_is_what_its_clause_says(activities: tuple[Activity, ...]) -> None:
    found = only(activities, "dwp-kent", "D1", RECEIVES)
    assert found.status == "CONTROLLER"
    assert found.documents == ("RestrictionNotice",)
    assert found.others == ("kent-police", "kent-probation")
    assert found.categories == ("STAFF_RISK_FLAG", "SUBJECT_IDENTITY", "SUBJECT_RESTRICTION")
    assert found.subjects == ("STAFF", "SUBJECT")
    assert [each.regime for each in found.grounds] == ["LAW_ENFORCEMENT", "GENERAL"]
    assert "dwp-kent/2026-1" in found.policy_document


def test_each_end_has_the_conditions_of_its_own_end() -> None:
    world = demo_world()
    (agreement,) = [each for each in world.agreements if each.id == "kent-dwp"]
    grounds = [
        each.model_copy(
            update={
                "special": each.special.model_copy(
                    update={"disclosing": ("SCH8_SAFEGUARDING",), "receiving": ("SCH8_STATUTORY_PURPOSES",)}
                )
            }
        )
        for each in agreement.lawful_bases[:1]
    ]
    changed = agreement.model_copy(update={"lawful_bases": tuple(grounds)})
    found = list_activities(replace(world, agreements=(changed,)))
    given = only(found, "kent-police", "D1", DISCLOSES).grounds[0].conditions
    taken = only(found, "dwp-kent", "D1", RECEIVES).grounds[0].conditions
    assert (given, taken) == (("SCH8_SAFEGUARDING",), ("SCH8_STATUTORY_PURPOSES",))


def test_nobody_discloses_to_itself_or_what_it_has_no_verb_for(activities: tuple[Activity, ...]) -> None:
    assert not [each for each in activities if each.organisation in each.others]
    # Only a prison's service has a verb for a notice of release.
    senders = {
        each.organisation
        for each in activities
        if each.direction == DISCLOSES and "ReleaseNotice" in each.documents
    }
    assert senders == {"marlfield-prison"}


def test_whoever_receives_is_named_by_whoever_discloses_and_the_other_way_round(
    activities: tuple[Activity, ...],
) -> None:
    def pairs(direction: str) -> set[tuple[str, ...]]:
        return {
            (each.agreement, each.clause, *ends)
            for each in activities
            if each.direction == direction
            for other in each.others
            for ends in [(each.organisation, other)[:: 1 if direction == DISCLOSES else -1]]
        }

    assert pairs(DISCLOSES) == pairs(RECEIVES)


def test_one_organisation_is_part_of_all(activities: tuple[Activity, ...]) -> None:
    own = list_activities(demo_world(), "kent-police")
    assert own
    assert own == tuple(each for each in activities if each.organisation == "kent-police")


def test_without_agreements_nothing_is_processed() -> None:
    world = demo_world()
    assert list_activities(World(world.directory, (), world.rulebook)) == ()


def test_the_longest_name_says_whose_data_it_is() -> None:
    assert about_of("ADULT_AT_RISK_HEALTH") == "ADULT_AT_RISK"
    assert about_of("STAFF_RISK_FLAG") == "STAFF"


def test_a_heading_says_how_to_reach_the_controller(activities: tuple[Activity, ...]) -> None:
    (heading,) = [
        each for each in headings_of(demo_world().directory, activities) if each.organisation == "dwp-kent"
    ]
    assert heading.contacts == ("MAPPA single point of contact, 01632 960701",)
