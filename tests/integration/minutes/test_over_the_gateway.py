"""Answers to organisations of the directory, decided by the gateway as any exchange (mappa:E-28, E-41)."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from publicprotection.common.v1.organisation_pb2 import DeskReference
from publicprotection.exchange.v1 import minutes_case_pb2 as case_pb2

from services.kit.clock import FixedClock
from services.kit.minutes.service import MinutesRequestServicer
from tests.support.gateway import NOW, Parties
from tests.support.minutes import CRIME, INFORMANT, UNIT, Unit, item
from tests.support.subject_access import AccessWorld, open_access_world

MARAC = DeskReference(organisation="kent-marac", desk="coordination")
PROBATION = DeskReference(organisation="kent-probation", desk="sentence-management")


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[AccessWorld]:
    async with open_access_world(Parties(clock=FixedClock(NOW)), tmp_path) as opened:
        yield opened


def unit_of(world: AccessWorld) -> Unit:
    member = world.agencies[UNIT].member
    return Unit(member, MinutesRequestServicer(member.participant, member.records, member.outbox))


async def received(world: AccessWorld, organisation: str) -> list[str]:
    async with world.agencies[organisation].member.records.store.read() as connection:
        rows = await connection.exec_driver_sql("SELECT document_type FROM delivery ORDER BY position")
        return [row.document_type for row in rows]


async def answer(unit: Unit, case_id: str, world: AccessWorld, **decided: Any) -> Any:
    await unit.draft(case_id)
    await unit.call("DecideSummaryItems", case_id=case_id, **decided)
    await unit.prepare(case_id, "SUMMARY")
    await unit.approve(case_id)
    sent = await unit.send(case_id)
    await world.pump()
    return sent


async def test_a_marac_gets_the_summary(world: AccessWorld) -> None:
    """mappa:E-41: after a further incident, in ten working days; the reply stays on the register."""
    unit = unit_of(world)
    case_id = await unit.register("MARAC", requester=MARAC)
    sent = await answer(unit, case_id, world)
    assert sent.summary.state == case_pb2.MINUTES_CASE_STATE_ANSWERED
    assert await unit.sent() == ["ExecutiveSummary"]
    assert len(world.gateway.broker.queues["to.kent-marac"].items) == 1


async def test_the_agency_that_answers_gets_summary_and_reply(world: AccessWorld) -> None:
    """mappa:E-28: probation answers the person; an item is left out for a reason of its own."""
    unit = unit_of(world)
    case_id = await unit.register("SUBJECT", received_by=PROBATION)
    left_out = item("discussion", INFORMANT, CRIME, "It names a source.", may_very_well_prejudice=True)
    await answer(unit, case_id, world, exemptions=[left_out])
    assert sorted(await received(world, "kent-probation")) == ["ExecutiveSummary", "MinutesReply"]


async def test_contributors_get_the_draft(world: AccessWorld) -> None:
    unit = unit_of(world)
    case_id = await unit.register("COURT")
    await unit.draft(case_id)
    await unit.ask(case_id, "kent-police")
    await world.pump()
    assert await received(world, "kent-police") == ["ExecutiveSummary"]


async def test_an_agency_copies_its_reply_to_the_register(world: AccessWorld) -> None:
    """mappa:R-108, mappa:E-34: over the gateway too it says neither."""
    member = world.agencies["kent-probation"].member
    agency = Unit(member, MinutesRequestServicer(member.participant, member.records, member.outbox))
    case_id = await agency.register("RELATIVE")
    await agency.prepare(case_id, "NEITHER_CONFIRM_NOR_DENY")
    await agency.send(case_id)
    await world.pump()
    assert await received(world, UNIT) == ["MinutesReply"]
