"""Who asked the log: newest first, by organisation and person, named to those who may know them."""

from typing import Any

import pytest
from publicprotection.oversight.v1.disclosure_log_service_pb2 import (
    LOG_PURPOSE_SELF_MONITORING,
    ListLogQueriesRequest,
    ListRecordsRequest,
    LogQuery,
)
from publicprotection.oversight.v1.subject_service_pb2 import Acting

from gateway.app.log_readers import ReaderView
from gateway.app.log_view import LogView
from services.kit.access.actor import Actor, Role, Scope
from services.kit.directory import GATEWAY
from tests.support.acting import officer
from tests.support.gateway import Gateway

ASKED: dict[str, Any] = {"purpose": LOG_PURPOSE_SELF_MONITORING, "acting": Acting(reason="Monthly check")}


async def look(gateway: Gateway, actor: Actor, **more: Any) -> None:
    """Asks the log, and has what that adds put in order."""
    await LogView(gateway.store, gateway.tools).page(actor, ListRecordsRequest(**ASKED, **more))
    while await gateway.sequencer.sequence_batch():
        pass


async def queries(gateway: Gateway, actor: Actor, **more: Any) -> list[LogQuery]:
    request = ListLogQueriesRequest(**ASKED, **more)
    return await ReaderView(gateway.store, gateway.tools).list(actor, request)


def of(gateway: Gateway, kind: str) -> Actor:
    return officer(gateway.parties.of_kind(kind))


@pytest.fixture
async def read(gateway: Gateway) -> Gateway:
    """The unit looked twice, and the police once in between."""
    for kind, types in (
        ("MAPPA_COORDINATION_UNIT", []),
        ("POLICE", ["HOLD"]),
        ("MAPPA_COORDINATION_UNIT", ["RECEIPT"]),
    ):
        await look(gateway, of(gateway, kind), types=types)
    return gateway


async def test_the_unit_is_told_who_read_in_its_area_and_why(read: Gateway) -> None:
    found = await queries(read, of(read, "MAPPA_COORDINATION_UNIT"))
    assert [each.index for each in found] == [2, 1, 0]
    assert {each.asked_by.person for each in found} == {"Ines Vale"}
    assert {each.asked_by.reason for each in found} == {"Monthly check"}
    assert [list(each.queried_types) for each in found] == [["RECEIPT"], ["HOLD"], []]


async def test_an_organisation_is_told_of_its_own_people_alone(read: Gateway) -> None:
    police = read.parties.of_kind("POLICE")
    (own,) = await queries(read, officer(police, Scope.ORGANISATION))
    assert (own.organisation, own.asked_by.person) == (police, "Ines Vale")
    other = read.parties.of_kind("MAPPA_COORDINATION_UNIT")
    assert await queries(read, officer(police, Scope.ORGANISATION), organisation=other) == []


async def test_a_page_goes_on_before_the_last(read: Gateway) -> None:
    unit = of(read, "MAPPA_COORDINATION_UNIT")
    first = await queries(read, unit, page_size=2)
    rest = await queries(read, unit, page_size=2, before_index=first[-1].index)
    assert [each.index for each in (*first, *rest)] == [2, 1, 0]


async def test_what_a_person_asked_is_found_however_the_name_is_written(read: Gateway) -> None:
    unit, police = of(read, "MAPPA_COORDINATION_UNIT"), read.parties.of_kind("POLICE")
    assert len(await queries(read, unit, person="ines  VALE")) == 3
    assert [each.index for each in await queries(read, unit, person="Ines Vale", organisation=police)] == [1]
    assert await queries(read, unit, person="Somebody Else") == []


async def test_an_auditor_is_told_no_names_and_finds_none(read: Gateway) -> None:
    auditor = Actor(officer(GATEWAY).system, Role.AUDITOR, officer(GATEWAY).person, Scope.METADATA)
    found = await queries(read, auditor)
    assert len(found) == 3
    assert not any(each.asked_by.person or each.asked_by.reason for each in found)
    assert await queries(read, auditor, person="Ines Vale") == []


async def test_asking_who_asked_is_itself_on_record(read: Gateway) -> None:
    await queries(read, of(read, "MAPPA_COORDINATION_UNIT"), person="Ines Vale")
    entry = (await read.records("LOG_QUERY"))[-1].entry or ""
    assert '"queried":"QUERIES"' in entry
    assert "Vale" not in entry
