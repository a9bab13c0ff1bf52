"""The held queue as pages: what waits, who must answer, and answers that count at the gateway."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.app.rows import HoldRow, HoldState
from tests.support.console import Browser, person_of
from tests.support.gateway import Parties, open_gateway
from tests.support.holding import found, holds_of
from tests.support.working_day import WorkingDay, work_together

COORDINATOR, SERGEANT, OFFICER = "Beatrix Holloway-Ash", "Hester Quenby", "Idris Fallowfield"
UNIT, POLICE = "kent-mappa-unit", "kent-police"


@pytest.fixture
async def day(tmp_path: Path) -> AsyncIterator[WorkingDay]:
    async with (
        open_gateway(Parties(), tmp_path) as gateway,
        work_together(gateway, tmp_path, UNIT, POLICE) as opened,
    ):
        yield opened


@pytest.fixture
async def hold(day: WorkingDay) -> HoldRow:
    """What the police supplied waits for them."""
    taken = day.gateway.step("contribution")
    await day.gateway.take(taken.arrival)
    await day.carry()
    return next(
        each for each in await holds_of(day.gateway, taken.exchange_id) if each.organisation == POLICE
    )


async def open_more(day: WorkingDay, hold: HoldRow, **changes: object) -> HoldRow:
    more = replace(hold, hold_id=day.gateway.tools.new_id(), position=0, **changes)  # type: ignore[arg-type]
    async with day.gateway.store.writing() as unit:
        await unit.holds.add([more])
    return more


async def test_the_queue_says_what_waits_for_whom_and_what_is_missing(day: WorkingDay, hold: HoldRow) -> None:
    async with day.console(person_of(COORDINATOR)) as browser:
        page = await browser.get("/holds/")
    assert page.status_code == 200
    assert f"/holds/{hold.hold_id}" in page.text
    for words in (
        "Kent and Medway Police",
        "Kent and Medway Probation",
        "agency that supplied",
        "Missing",
        "Since",
    ):
        assert words.lower() in page.text.lower(), words
    assert "govuk-tag--red" not in page.text


async def test_an_area_in_which_nothing_waits_says_what_would_be_here(day: WorkingDay) -> None:
    async with day.console(person_of(COORDINATOR)) as browser:
        assert "Nothing waits in your area" in (await browser.get("/holds/")).text
    async with day.console(person_of(SERGEANT)) as browser:
        assert "Nothing waits for your organisation" in (await browser.get("/holds/ours")).text


async def test_those_escalated_come_first_and_filters_narrow(day: WorkingDay, hold: HoldRow) -> None:
    past = day.gateway.parties.clock.now() - timedelta(days=1)
    late = await open_more(day, hold, escalates_at=past, organisation="", prerequisite="AGREEMENT")
    async with day.console(person_of(COORDINATOR)) as browser:
        text = (await browser.get("/holds/")).text
        assert text.index(late.hold_id) < text.index(hold.hold_id)
        assert "govuk-tag--red" in text
        assert "The directory lists nobody who could answer" in text
        for query in ("escalated=yes", "owner=nobody", "waits_for=AGREEMENT"):
            narrowed = (await browser.get(f"/holds/?{query}")).text
            assert (late.hold_id in narrowed, hold.hold_id in narrowed) == (True, False), query
            assert "Clear filters" in narrowed
        none = (await browser.get("/holds/?document=Nothing")).text
        assert "Nothing that waits fits these filters" in none
        assert (await browser.get("/holds/?owner=%3Cscript%3E")).status_code == 422


async def test_long_queues_are_read_part_by_part(day: WorkingDay, hold: HoldRow) -> None:
    rows = [
        replace(hold, hold_id=f"hold-{number:03}", position=0, escalates_at=hold.escalates_at)
        for number in range(60)
    ]
    async with day.gateway.store.writing() as unit:
        await unit.holds.add(rows)
    seen: list[str] = []
    async with day.console(person_of(COORDINATOR)) as browser:
        path = "/holds/"
        while path:
            text = (await browser.get(path)).text
            seen += re.findall(r'href="/holds/(hold-\d+)"', text)
            following = re.search(r'rel="next" href="([^"]+)"|href="([^"]+)" rel="next"', text)
            path = next(filter(None, following.groups()), "").replace("&amp;", "&") if following else ""
    assert sorted(seen) == [row.hold_id for row in rows]


async def test_whose_hold_it_is_not_reads_whom_to_telephone(day: WorkingDay, hold: HoldRow) -> None:
    async with day.console(person_of(COORDINATOR)) as browser:
        text = (await browser.get(f"/holds/{hold.hold_id}")).text
        assert "Whom to telephone" in text
        assert re.search(r'href="tel:0\d+"', text)
        assert "Grant with evidence" not in text
        assert (await browser.get(f"/holds/{hold.hold_id}/grant")).status_code == 404
        assert (await browser.get("/holds/nothing")).status_code == 404


async def test_a_grant_is_one_at_the_gateway_too(day: WorkingDay, hold: HoldRow) -> None:
    async with day.console(person_of(SERGEANT)) as browser:
        assert (await browser.get("/holds/")).location == "/holds/ours"
        assert hold.hold_id in (await browser.get("/holds/ours")).text
        assert "Grant with evidence" in (await browser.get(f"/holds/{hold.hold_id}")).text
        await browser.get(f"/holds/{hold.hold_id}/grant")
        form = {**fields_of(browser), "reason": "The source is safe; the meeting needs it."}
        done = await browser.post(f"/holds/{hold.hold_id}/grant", form)
        assert (done.status_code, done.location) == (303, f"/holds/{hold.hold_id}")
        assert "Your answer is on its way" in (await browser.get(done.location)).text
        await day.carry()
        assert (await found(day.gateway, hold.hold_id)).state is HoldState.GRANTED
        after = (await browser.get(f"/holds/{hold.hold_id}")).text
        assert "Granted" in after
        assert "Grant with evidence" not in after
    async with day.console(person_of(COORDINATOR)) as browser:
        assert "Granted" in (await browser.get(f"/holds/{hold.hold_id}")).text


async def test_sent_twice_it_is_answered_once(day: WorkingDay, hold: HoldRow) -> None:
    async with day.console(person_of(SERGEANT)) as browser:
        await browser.get(f"/holds/{hold.hold_id}/grant")
        form = {**fields_of(browser), "reason": "The meeting needs it."}
        first = await browser.post(f"/holds/{hold.hold_id}/grant", form)
        again = await browser.post(f"/holds/{hold.hold_id}/grant", form)
        assert (first.status_code, again.status_code) == (303, 303)
        assert again.location == f"/holds/{hold.hold_id}"
        await day.carry()
        late = await browser.post(f"/holds/{hold.hold_id}/decline", {**form, "reason": "It is not safe."})
        assert (late.status_code, late.location) == (303, f"/holds/{hold.hold_id}")
        assert "It was answered before. Nothing more was sent." in (await browser.get(late.location)).text
    assert len([row for row in await day.gateway.records() if row.type == "HOLD_GRANTED"]) == 1


async def test_a_form_with_gaps_comes_back_with_what_is_wrong_and_loses_nothing(
    day: WorkingDay, hold: HoldRow
) -> None:
    async with day.console(person_of(SERGEANT)) as browser:
        await browser.get(f"/holds/{hold.hold_id}/grant")
        form = fields_of(browser)
        request_id = form["request_id"]
        page = await browser.post(f"/holds/{hold.hold_id}/grant", {**form, "reason": "  "})
        assert page.status_code == 422
        assert "There is a problem" in page.text
        assert "Say why" in page.text
        assert request_id in page.text
        assert form["reference_3"] in page.text if "reference_3" in form else True
        assert page.text.index("<title>Error: ") > 0
    assert (await found(day.gateway, hold.hold_id)).state is HoldState.OPEN


async def test_a_decline_ends_it(day: WorkingDay, hold: HoldRow) -> None:
    async with day.console(person_of(SERGEANT)) as browser:
        await browser.get(f"/holds/{hold.hold_id}/decline")
        form = {**fields_of(browser), "reason": "It would identify the source."}
        assert (await browser.post(f"/holds/{hold.hold_id}/decline", form)).status_code == 303
    await day.carry()
    assert (await found(day.gateway, hold.hold_id)).state is HoldState.DECLINED


async def test_who_may_not_answer_is_told_so_and_refused(day: WorkingDay, hold: HoldRow) -> None:
    async with day.console(person_of(OFFICER)) as browser:
        text = (await browser.get(f"/holds/{hold.hold_id}")).text
        assert "You cannot answer this" in text
        await browser.get(f"/holds/{hold.hold_id}/grant")
        refused = await browser.post(
            f"/holds/{hold.hold_id}/grant", {**fields_of(browser), "reason": "I think so."}
        )
        assert refused.status_code == 403
    assert (await found(day.gateway, hold.hold_id)).state is HoldState.OPEN


def fields_of(browser: Browser) -> dict[str, str]:
    """Something in every field of evidence of the form that is open, and its hidden ones."""
    text = browser.last
    hidden = re.search(r'name="request_id"[^>]*value="([^"]+)"', text)
    assert hidden
    names = set(re.findall(r'name="((?:reference|consulted)_\d+)"', text))
    return {"request_id": hidden[1], **dict.fromkeys(names, "Meeting 2026/11, item 4")}
