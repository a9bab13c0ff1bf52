"""The home page counts what waits, for each role its own, and goes on when something cannot be counted."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.console.areas import AREAS
from services.console.pages.home.tasks import TASKS
from services.kit.access.actor import Role
from tests.support.console import open_console, person_of
from tests.support.gateway import Parties, open_gateway
from tests.support.working_day import WorkingDay, work_together

COORDINATOR, SERGEANT = "Beatrix Holloway-Ash", "Hester Quenby"


@pytest.fixture
async def day(tmp_path: Path) -> AsyncIterator[WorkingDay]:
    async with (
        open_gateway(Parties(), tmp_path) as gateway,
        work_together(gateway, tmp_path, "kent-mappa-unit", "kent-police") as opened,
    ):
        yield opened


async def test_a_coordinator_sees_what_waits_in_the_area(day: WorkingDay) -> None:
    async with day.console(person_of(COORDINATOR)) as browser:
        assert "Nothing waits for you" in (await browser.get("/")).text
        await day.gateway.take(day.gateway.step("contribution").arrival)
        await day.carry()
        page = (await browser.get("/")).text

    assert re.search(r"exchanges? held in your area", page)
    assert 'href="/holds/"' in page
    assert "What needs doing today" in page


async def test_whoever_must_answer_sees_what_is_theirs(day: WorkingDay) -> None:
    await day.gateway.take(day.gateway.step("contribution").arrival)
    await day.carry()
    async with day.console(person_of(SERGEANT)) as browser:
        page = (await browser.get("/")).text

    assert "for you to answer" in page
    assert "in your area" not in page


async def test_what_cannot_be_counted_is_named_and_the_rest_is_shown(day: WorkingDay) -> None:
    async with day.console(person_of(COORDINATOR)) as browser:
        page = await browser.get("/")

    assert page.status_code == 200
    assert "These could not be counted just now" in page.text
    assert "requests for minutes" in page.text, "whose service does not run here"
    assert "Nothing waits for you, of what could be counted" in page.text


async def test_a_home_page_is_there_when_nothing_else_is() -> None:
    async with open_console(person_of(COORDINATOR), names={}) as browser:
        page = await browser.get("/")

    assert page.status_code == 200
    assert "These could not be counted just now" in page.text
    assert "What waits for you could not be counted" in page.text
    assert "Nothing waits for you" not in page.text, "nobody knows that"
    assert "Where" not in page.text
    assert "Cases" in page.text


async def test_each_kind_of_work_is_somebodys_and_has_a_place() -> None:
    areas = {area.name: area for area in AREAS}
    async with open_console(person_of(COORDINATOR), names={}) as browser:
        known = browser.app.view_functions
    for task in TASKS:
        assert task.endpoint in known
        area = areas[task.endpoint.split(".")[0]]
        assert all(area.is_for([role]) for role in task.roles), f"{task.endpoint} is hidden from some of them"
    assert {role for task in TASKS for role in task.roles} >= {
        Role.MAPPA_COORDINATOR,
        Role.DATA_PROTECTION_OFFICER,
        Role.SUPERVISOR,
        Role.PRACTITIONER,
    }
