"""Opening a case, who asks, the time, and who else may be meant (mappa:E-30 to mappa:E-33, adult:W-34)."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from publicprotection.common.v1.date_pb2 import Date
from publicprotection.common.v1.person_pb2 import IDENTIFIER_SYSTEM_PRISON_NUMBER, Identifier
from publicprotection.exchange.v1 import subject_access_case_pb2 as case_pb2
from publicprotection.exchange.v1 import subject_access_terms_pb2 as terms_pb2
from publicprotection.exchange.v1.header_pb2 import Header

from services.kit.clock import FixedClock
from services.kit.rpc.errors import NotFoundError, RequestReusedError
from services.kit.subject_access.errors import AccessRefusedError, FutureDayError, NotSubjectAccessError
from tests.support.databases import NewDatabase
from tests.support.gateway import NOW, TODAY, Parties
from tests.support.subject_access import RECEIVED, AccessWorld, day, marlon, open_access_world


@pytest.fixture(scope="module")
def parties() -> Parties:
    return Parties(clock=FixedClock(NOW))


@pytest.fixture
async def world(parties: Parties, tmp_path: Path, databases: NewDatabase) -> AsyncIterator[AccessWorld]:
    parties.clock = FixedClock(NOW)
    async with open_access_world(parties, tmp_path, databases=databases) as opened:
        yield opened


async def test_a_repeated_request_opens_one_case_and_another_is_refused(world: AccessWorld) -> None:
    probation = world.of("PROBATION")
    case_id = await probation.open(marlon(), request_id="letter-1")
    assert await probation.open(marlon(), request_id="letter-1") == case_id
    with pytest.raises(RequestReusedError):
        await probation.open(marlon(), request_id="letter-1", words="Something else.")
    assert len((await probation.call("ListCases")).cases) == 1


@pytest.mark.parametrize(
    ("changes", "instead"),
    [
        ({"requester": terms_pb2.ACCESS_REQUESTER_OTHER}, "FREEDOM_OF_INFORMATION"),
        ({"called": terms_pb2.ACCESS_CALLED_ABBREVIATION}, "ABBREVIATION_UNRESOLVED"),
    ],
)
async def test_what_is_no_subject_access_opens_no_case(
    world: AccessWorld, changes: dict[str, Any], instead: str
) -> None:
    probation = world.of("PROBATION")
    with pytest.raises(NotSubjectAccessError) as refused:
        await probation.open(marlon(), **changes)
    assert refused.value.codes == {"instead": instead}
    assert list((await probation.call("ListCases")).cases) == []


async def test_nobody_looks_for_data_before_it_is_known_who_asks(world: AccessWorld) -> None:
    probation = world.of("PROBATION")
    case_id = await probation.open(marlon(), requester=terms_pb2.ACCESS_REQUESTER_REPRESENTATIVE)
    with pytest.raises(AccessRefusedError) as refused:
        await probation.call("LocateData", case_id=case_id)
    assert refused.value.codes == {"obstacle": "IDENTITY_NOT_ESTABLISHED"}
    with pytest.raises(AccessRefusedError) as refused:
        await probation.establish(case_id)  # known to staff: but may the solicitor speak for him?
    assert refused.value.codes == {"obstacle": "EVIDENCE_INSUFFICIENT"}
    await probation.call(
        "EstablishIdentity",
        case_id=case_id,
        evidence=[terms_pb2.IDENTITY_EVIDENCE_SIGNED_AUTHORITY],
        received_on=day(TODAY),
    )
    await probation.call("LocateData", case_id=case_id)


async def test_the_time_waits_for_what_was_asked(world: AccessWorld) -> None:
    probation = world.of("PROBATION")
    case_id = await probation.open(marlon())
    clock = (await probation.case(case_id)).summary.clock
    assert clock.due_on == day(RECEIVED.replace(month=12))
    waiting = await probation.call("AskIdentity", case_id=case_id, reason="No number, no address.")
    assert waiting.summary.clock.stands_still
    assert not waiting.summary.clock.HasField("due_on")
    world.parties.clock.advance(timedelta(days=40))
    known = await probation.call(
        "EstablishIdentity",
        case_id=case_id,
        evidence=[terms_pb2.IDENTITY_EVIDENCE_PHOTOGRAPHIC_DOCUMENT],
        received_on=day(TODAY + timedelta(days=30)),
    )
    assert known.summary.clock.due_on == Date(year=2027, month=1, day=23)
    asked = await probation.call("AskClarification", case_id=case_id, reason="Which years?")
    assert asked.summary.clock.stands_still
    with pytest.raises(AccessRefusedError) as refused:
        await probation.call("AskClarification", case_id=case_id, reason="Again?")
    assert refused.value.codes == {"obstacle": "CLARIFICATION_AWAITED"}
    world.parties.clock.advance(timedelta(days=5))
    going = await probation.call(
        "ReceiveClarification", case_id=case_id, received_on=day(TODAY + timedelta(days=45))
    )
    assert going.summary.clock.due_on == Date(year=2027, month=1, day=28)


async def test_an_extension_is_told_in_the_first_month(world: AccessWorld) -> None:
    probation = world.of("PROBATION")
    in_time, late = await probation.open(marlon()), await probation.open(marlon())
    fields: dict[str, Any] = {
        "ground": terms_pb2.EXTENSION_GROUND_COMPLEXITY,
        "reason": "Nine years of records.",
    }
    told = await probation.call("ExtendTime", case_id=in_time, told_on=day(TODAY), **fields)
    assert told.summary.clock.due_on == Date(year=2027, month=2, day=22)
    world.parties.clock.advance(timedelta(days=40))
    with pytest.raises(AccessRefusedError) as refused:
        await probation.call("ExtendTime", case_id=late, told_on=day(TODAY + timedelta(days=40)), **fields)
    assert refused.value.codes == {"obstacle": "EXTENSION_TOO_LATE"}
    assert (await probation.case(late)).summary.clock.overdue


async def test_a_list_shows_what_has_happened_since_the_last(world: AccessWorld) -> None:
    probation = world.of("PROBATION")
    for _ in range(3):
        await probation.open(marlon())
    first = (await probation.call("ListCases")).cases
    await probation.establish(first[1].case_id)
    second = (await probation.call("ListCases")).cases
    assert [each.case_id for each in second] == [each.case_id for each in first]
    assert [each.state for each in second] == [
        case_pb2.ACCESS_CASE_STATE_OPEN,
        case_pb2.ACCESS_CASE_STATE_IN_HAND,
        case_pb2.ACCESS_CASE_STATE_OPEN,
    ]
    assert list((await probation.call("ListCases")).cases) == list(second)


async def test_a_day_that_has_not_come_is_refused(world: AccessWorld) -> None:
    probation = world.of("PROBATION")
    for received in (day(TODAY + timedelta(days=1)), Date(year=2026), Date(year=2026, month=2, day=30)):
        with pytest.raises(FutureDayError):
            await probation.open(marlon(), received_on=received)


async def test_there_is_no_case_but_those_there_are(world: AccessWorld) -> None:
    with pytest.raises(NotFoundError):
        await world.of("PROBATION").case("no-such-case")
    with pytest.raises(NotFoundError):
        await world.of("PROBATION").call("GetAccessEnquiry", enquiry_id="no-such-enquiry")


async def test_who_looks_alike_is_listed_apart_and_nothing_of_them_is_an_item(world: AccessWorld) -> None:
    def another(_: Header, document: Any) -> None:
        del document.subject.identifiers[:]
        document.subject.identifiers.add(system=IDENTIFIER_SYSTEM_PRISON_NUMBER, value="B9993CD")
        document.subject.aliases[:] = []

    own = await world.send_step("release-notice")
    alike = await world.send_step("release-notice", another)
    probation = world.of("PROBATION")
    born = Date(year=1987, month=3, day=14)
    case_id = await probation.open(marlon(date_of_birth=born))
    await probation.establish(case_id)
    await probation.call("LocateData", case_id=case_id)
    await world.pump()
    await probation.call("CollectItems", case_id=case_id)
    case = await probation.case(case_id)
    assert {item.exchange_id for item in case.items} == {own}
    assert [list(each.exchange_ids) for each in case.candidates] == [[alike]]
    assert case.candidates[0].basis == "NAME_AND_BIRTH"
    stranger = world.of("MAPPA_COORDINATION_UNIT")
    other = await stranger.open(marlon(date_of_birth=born))
    await stranger.establish(other)
    await stranger.call("LocateData", case_id=other)
    await world.pump()
    assert list((await stranger.case(other)).candidates) == []


async def test_by_number_alone_one_is_found_and_an_unknown_number_finds_nobody(world: AccessWorld) -> None:
    await world.send_step("release-notice")
    probation = world.of("PROBATION")
    number = Identifier(system=IDENTIFIER_SYSTEM_PRISON_NUMBER, value="C0000XX")
    case_id = await probation.open(marlon(identifiers=[number]))
    await probation.establish(case_id)
    await probation.call("LocateData", case_id=case_id)
    await world.pump()
    await probation.call("CollectItems", case_id=case_id)
    assert list((await probation.case(case_id)).items) == []
