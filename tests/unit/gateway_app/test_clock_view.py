"""Who may list which clocks."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from publicprotection.exchange.v1 import clock_pb2
from publicprotection.oversight.v1 import clock_service_pb2 as pb2

from gateway.app.clocks.view import ClockView
from gateway.core.model import Outcome
from services.kit.access.actor import Actor, Person, Role, Scope, System
from tests.support.clocks import Exchanging, london, rule_all
from tests.support.databases import NewDatabase
from tests.support.gateway import Parties, open_gateway

T_05 = london("2026-11-25T17:00")


@pytest.fixture
async def exchanging(parties: Parties, tmp_path: Path, databases: NewDatabase) -> AsyncIterator[Exchanging]:
    async with open_gateway(parties, tmp_path, databases=databases, decide_by=rule_all()) as gateway:
        yield Exchanging(gateway)


def actor(exchanging: Exchanging, kind: str, scope: Scope, area: str = "kent-and-medway") -> Actor:
    organisation = exchanging.gateway.parties.of_kind(kind)
    role = Role.MAPPA_COORDINATOR if scope is Scope.AREA else Role.SUPERVISOR
    person = Person("p-1", "Ada Brightwell", "MANAGER", frozenset({role}), organisation, "desk", area)
    return Actor(System(organisation, "console"), role, person, scope)


async def limits(exchanging: Exchanging, who: Actor, **wanted: object) -> set[str]:
    view = ClockView(exchanging.gateway.store, exchanging.gateway.tools)
    found = await view.page(who, pb2.ListClocksRequest(**wanted))  # type: ignore[arg-type]
    return {each.clock.limit for each in found.clocks}


async def enquire(exchanging: Exchanging) -> str:
    sealed = await exchanging.send("ChildSafeguardingEnquiry", "PROBATION", "CHILDRENS_SERVICES")
    return sealed.exchange_id


async def test_each_side_sees_its_own_and_nobody_else_does(exchanging: Exchanging) -> None:
    await enquire(exchanging)
    for kind in ("PROBATION", "CHILDRENS_SERVICES"):
        seen = await limits(exchanging, actor(exchanging, kind, Scope.ORGANISATION))
        assert "CHILD_UNANSWERED" in seen
    assert await limits(exchanging, actor(exchanging, "POLICE", Scope.ORGANISATION)) == set()


async def test_a_co_ordinator_sees_the_area_and_no_other(exchanging: Exchanging) -> None:
    await enquire(exchanging)
    kent = actor(exchanging, "MAPPA_COORDINATION_UNIT", Scope.AREA)
    assert "CHILD_UNANSWERED" in await limits(exchanging, kent)
    for other in ("essex", ""):
        elsewhere = actor(exchanging, "MAPPA_COORDINATION_UNIT", Scope.AREA, other)
        assert await limits(exchanging, elsewhere) == set()


async def test_they_are_found_by_state_time_and_escalation(exchanging: Exchanging) -> None:
    matter = await enquire(exchanging)
    who = actor(exchanging, "PROBATION", Scope.ORGANISATION)
    assert await limits(exchanging, who, escalated=True) == set()
    await exchanging.after(T_05)
    overdue = [clock_pb2.CLOCK_STATE_OVERDUE]
    assert await limits(exchanging, who, states=overdue, matter=matter) == {"CHILD_UNANSWERED"}
    assert await limits(exchanging, who, escalated=True) == {"CHILD_UNANSWERED"}
    assert await limits(exchanging, who, due_before=T_05, limit="CHILD_UNANSWERED") == set()
    assert await limits(exchanging, who, due_from=T_05, limit="CHILD_UNANSWERED") == {"CHILD_UNANSWERED"}


async def test_pages_follow_each_other(exchanging: Exchanging) -> None:
    await enquire(exchanging)
    await enquire(exchanging)
    view = ClockView(exchanging.gateway.store, exchanging.gateway.tools)
    who = actor(exchanging, "PROBATION", Scope.ORGANISATION)
    of: Any = {"limit": "CHILD_UNANSWERED"}
    (first,) = (await view.page(who, pb2.ListClocksRequest(page_size=1, **of))).clocks
    (second,) = (await view.page(who, pb2.ListClocksRequest(after_position=first.position, **of))).clocks
    assert first.position < second.position


async def test_whoever_must_not_learn_of_it_is_not_shown_it(
    parties: Parties, tmp_path: Path, databases: NewDatabase
) -> None:
    held = rule_all(Outcome.HELD)
    async with open_gateway(parties, tmp_path, databases=databases, decide_by=held) as gateway:
        exchanging = Exchanging(gateway)
        await enquire(exchanging)
        assert "CHILD_UNANSWERED" in await limits(
            exchanging, actor(exchanging, "PROBATION", Scope.ORGANISATION)
        )
        unknowing = actor(exchanging, "CHILDRENS_SERVICES", Scope.ORGANISATION)
        assert await limits(exchanging, unknowing) == set()
        await exchanging.after(T_05)
        assert await exchanging.told("CHILDRENS_SERVICES") == []
        assert ("CHILD_UNANSWERED", "ESCALATED", "LINE_MANAGER") in await exchanging.told("PROBATION")
