"""Restricted desks: for whom there are any."""

from dataclasses import replace

import pytest
from publicprotection.common.v1.organisation_pb2 import MARKING_OFFICIAL_SENSITIVE
from publicprotection.exchange.v1.directory_service_pb2 import Directory as SignedDirectory
from publicprotection.exchange.v1.directory_service_pb2 import (
    GetOrganisationRequest,
    ListOrganisationsRequest,
)
from publicprotection.exchange.v1.header_pb2 import Header

from services.kit.access.actor import Actor, Clearance, Person, Role, System, acting
from services.kit.directory import Directory, DirectoryError
from services.kit.exchange.headers import check_recipients
from services.kit.restricted import is_cleared
from services.kit.rpc.directory_service import DirectoryServicer
from services.kit.rpc.errors import UnknownRecipientError, describe
from tests.support.exchanging import World

POLICE, PROBATION, PRISON = "kent-police", "kent-probation", "kent-prison"
SECRET = "terrorism-liaison"


def restrict(message: SignedDirectory, *known_to: str, restricted: bool = True) -> SignedDirectory:
    entry = next(each for each in message.organisations if each.organisation == POLICE)
    entry.desks.add(
        desk=SECRET,
        name="Terrorism offender liaison",
        telephone="01632 960103",
        clearance=MARKING_OFFICIAL_SENSITIVE,
        restricted=restricted,
        known_to=known_to,
    )
    return message


@pytest.fixture(scope="module")
def world() -> World:
    return World()


@pytest.fixture
def directory(world: World) -> Directory:
    return Directory.from_message(restrict(world._message(), PROBATION))


def somebody(organisation: str, *clearances: Clearance) -> Actor:
    person = Person(
        "u-1",
        "Sam Reed",
        "OFFICER",
        frozenset({Role.PRACTITIONER}),
        organisation,
        "",
        "",
        frozenset(clearances),
    )
    return Actor(System(organisation, "case-system"), Role.PRACTITIONER, person)


async def desks(directory: Directory, organisation: str, *clearances: Clearance) -> list[list[str]]:
    """The desks of the police that somebody is shown, by either method."""
    servicer: DirectoryServicer = DirectoryServicer(lambda: directory, organisation)
    with acting(somebody(organisation, *clearances)):
        listed = await servicer.ListOrganisations(ListOrganisationsRequest(), None)  # type: ignore[arg-type]
        asked = GetOrganisationRequest(organisation=POLICE)
        got = await servicer.GetOrganisation(asked, None)  # type: ignore[arg-type]
    [entry] = [each for each in listed.organisations if each.organisation == POLICE]
    assert {tuple(desk.known_to) for each in (entry, got.organisation) for desk in each.desks} == {()}
    return [[desk.desk for desk in each.desks] for each in (entry, got.organisation)]


@pytest.mark.parametrize(
    ("organisation", "clearances", "seen"),
    [
        (POLICE, (Clearance.RESTRICTED,), True),
        (PROBATION, (Clearance.RESTRICTED,), True),
        (PRISON, (Clearance.RESTRICTED,), False),
        (POLICE, (), False),
        (PROBATION, (Clearance.TERRORISM,), False),
    ],
)
async def test_a_restricted_desk_is_shown_to_the_cleared_of_those_with_business(
    directory: Directory, organisation: str, clearances: tuple[Clearance, ...], seen: bool
) -> None:
    assert [SECRET in shown for shown in await desks(directory, organisation, *clearances)] == [seen] * 2


async def test_what_is_hidden_leaves_no_trace(world: World, directory: Directory) -> None:
    plain = Directory.from_message(world._message())
    assert await desks(directory, PRISON) == await desks(plain, PRISON)


def test_no_person_is_cleared_where_a_system_acts() -> None:
    assert not is_cleared()
    with acting(Actor(System(POLICE, "case-system"), Role.AGENCY_SYSTEM, None)):
        assert not is_cleared()


@pytest.mark.parametrize(
    ("sender", "cleared", "taken"),
    [(PROBATION, True, True), (PROBATION, False, False), (PRISON, True, False), (POLICE, True, True)],
)
def test_sending_to_a_desk_that_one_does_not_know_of_is_refused_as_to_one_that_there_is_not(
    world: World, directory: Directory, sender: str, cleared: bool, taken: bool
) -> None:
    def refusal(desk: str) -> bytes:
        header = Header()
        header.recipients.add(organisation=POLICE, desk=desk)
        try:
            check_recipients(header, participant, cleared=cleared)
        except UnknownRecipientError as refused:
            told: bytes = describe(refused).SerializeToString()
            return told
        return b"taken"

    participant = replace(world.participant(sender), directory=lambda: directory)
    assert (refusal(SECRET) == b"taken") is taken
    assert taken or refusal(SECRET) == refusal("no-such-desk")


def test_a_directory_that_names_nobody_as_knowing_a_desk_is_refused(world: World) -> None:
    for known_to, restricted in (((PROBATION,), False), (("nobody",), True)):
        with pytest.raises(DirectoryError):
            Directory.from_message(restrict(world._message(), *known_to, restricted=restricted))
