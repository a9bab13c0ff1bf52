"""Notifications as pages: what is missing, what came late, by agency; and what cannot be seen."""

from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from gateway.adapters.files import read_rulebook
from services.console.pages.notifications.notifying import ALL, UNSEEN
from tests.support.clocks import Exchanging, london, rule_all
from tests.support.console import person_of
from tests.support.gateway import Parties, open_gateway
from tests.support.working_day import WorkingDay, work_together

COORDINATOR, SERGEANT = "Beatrix Holloway-Ash", "Hester Quenby"
INFORMATION: dict[str, Any] = {
    "part": "PATIENT_NOTICE_PART_INFORMATION",
    "agencyInformation": [{"owner": "kent-police", "text": "Two call-outs to the address."}],
}
UNIT, POLICE = "kent-mappa-unit", "kent-police"


@pytest.fixture
async def day(tmp_path: Path) -> AsyncIterator[WorkingDay]:
    async with (
        open_gateway(Parties(), tmp_path, decide_by=rule_all()) as gateway,
        work_together(gateway, tmp_path, UNIT, POLICE) as opened,
    ):
        yield opened


@pytest.fixture
async def exchanging(day: WorkingDay) -> Exchanging:
    return Exchanging(day.gateway)


def test_each_limit_is_one_of_the_rulebook() -> None:
    known = read_rulebook().limits
    assert [limit for limit in ALL if known.find(limit) is None] == []


async def test_without_any_it_says_what_would_be_here_and_what_never_is(day: WorkingDay) -> None:
    async with day.console(person_of(COORDINATOR)) as browser:
        page = await browser.get("/notifications/")
    assert page.status_code == 200
    for words in ("Nothing that can be seen is missing", "Nothing came late", "MAPPA 26.58"):
        assert words in page.text
    assert all(each in unescape(page.text) for each in UNSEEN)


async def test_a_level_that_nobody_told_is_missing(day: WorkingDay, exchanging: Exchanging) -> None:
    await exchanging.send("ReleaseNotice", "PRISON", "PROBATION", release_date=_date(2027, 3, 1))
    await exchanging.at(london("2026-11-24T12:00"))
    async with day.console(person_of(COORDINATOR)) as browser:
        text = (await browser.get("/notifications/")).text
        assert "The level is set and told six months before release" in text
        assert "Overdue" in text
        other = (await browser.get("/notifications/?agency=kent-police")).text
        assert "Nothing that can be seen is missing" in other


async def test_what_came_late_is_listed_and_counted(day: WorkingDay, exchanging: Exchanging) -> None:
    day_of_release = _date(2027, 1, 10)
    await exchanging.send(
        "LevelReferral", "PROBATION", "MAPPA_COORDINATION_UNIT", earliest_release=day_of_release
    )
    async with day.console(person_of(COORDINATOR)) as browser:
        text = (await browser.get("/notifications/?period=365")).text
        assert "A case in custody is referred six months before release" in text
        assert "By agency, last 12 months" in text
        narrowed = (await browser.get("/notifications/?limit=MAPPA_PATIENT_3_DAYS")).text
        assert "Nothing came late" in narrowed


async def test_a_first_notice_of_a_patient_waits_for_part_2(day: WorkingDay, exchanging: Exchanging) -> None:
    title, kind = "The co-ordinator answers a first notice of a patient", "MentalHealthPatientNotice"
    sent = await exchanging.send(kind, "CARE_PROVIDER", "MAPPA_COORDINATION_UNIT")
    await day.carry()
    async with day.console(person_of(COORDINATOR)) as browser:
        assert title in (await browser.get("/notifications/")).text
        await exchanging.send(
            kind, "MAPPA_COORDINATION_UNIT", "CARE_PROVIDER", in_reply_to=sent.exchange_id, **INFORMATION
        )
        missing = (await browser.get("/notifications/")).text.split('id="missing"')[1].split('id="late"')[0]
        assert title not in missing


async def test_it_is_for_co_ordinators(day: WorkingDay) -> None:
    async with day.console(person_of(SERGEANT)) as browser:
        assert "/notifications/" not in (await browser.get("/clocks/")).text


def _date(year: int, month: int, day: int) -> dict[str, int]:
    return {"year": year, "month": month, "day": day}
