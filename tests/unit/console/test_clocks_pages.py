"""The board of clocks as pages: what is due for whom; what was done elsewhere; what to telephone about."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from publicprotection.exchange.v1.header_pb2 import URGENCY_IMMEDIATE

from gateway.core.deadlines.starting import ClockState
from services.kit.clocks.confirming import ConfirmationWatch
from services.kit.clocks.limits import immediate
from tests.support.clocks import Exchanging, rule_all, valid_document
from tests.support.console import Browser, open_console, person_of
from tests.support.exchanging import token, write_header
from tests.support.gateway import Parties, open_gateway
from tests.support.working_day import WorkingDay, work_together

COORDINATOR, SERGEANT, MANAGER = "Beatrix Holloway-Ash", "Hester Quenby", "Rowena Stillwater"
OFFICER = "Idris Fallowfield"
UNIT, POLICE, CHILDREN = "kent-mappa-unit", "kent-police", "kent-childrens"
LIMIT = "CHILD_UNANSWERED"


@pytest.fixture
async def day(tmp_path: Path) -> AsyncIterator[WorkingDay]:
    async with (
        open_gateway(Parties(), tmp_path, decide_by=rule_all()) as gateway,
        work_together(gateway, tmp_path, UNIT, POLICE, CHILDREN) as opened,
    ):
        yield opened


@pytest.fixture
async def exchanging(day: WorkingDay) -> Exchanging:
    return Exchanging(day.gateway)


@pytest.fixture
async def clock_id(day: WorkingDay, exchanging: Exchanging) -> str:
    """An enquiry of probation that children's services have not answered, two minutes after its limit."""
    sealed = await exchanging.send("ChildSafeguardingEnquiry", "PROBATION", "CHILDRENS_SERVICES")
    row = (await exchanging.clocks(sealed.exchange_id))[LIMIT]
    assert row.due_at is not None
    await exchanging.at(row.due_at - timedelta(hours=1))
    await exchanging.after(row.due_at)
    await day.carry()
    return row.clock_id


async def test_the_board_says_who_owes_what_and_counts_it(day: WorkingDay, clock_id: str) -> None:
    async with day.console(person_of(COORDINATOR)) as browser:
        page = await browser.get("/clocks/")
        assert page.status_code == 200
        assert f"/clocks/{clock_id}" in page.text
        for words in ("Overdue", "Escalated", "By agency", "By time limit", "CPF 6.30", "Social worker"):
            assert words in page.text, words
        for query, expected in (
            ("view=overdue", True),
            ("view=escalated", True),
            ("view=soon", False),
            ("view=late", False),
            ("agency=kent-childrens&view=overdue", True),
            ("agency=kent-police", False),
            (f"limit={LIMIT}", True),
            ("view=nonsense", True),
        ):
            assert (clock_id in (await browser.get(f"/clocks/?{query}")).text) is expected, query


async def test_an_area_without_clocks_says_what_would_be_here(day: WorkingDay) -> None:
    async with day.console(person_of(COORDINATOR)) as browser:
        assert "No time limit runs" in (await browser.get("/clocks/")).text
        assert "No time limit has ended so" in (await browser.get("/clocks/?view=late")).text


async def test_the_board_is_there_while_the_own_service_is_not(day: WorkingDay, clock_id: str) -> None:
    async with open_console(
        person_of(COORDINATOR),
        authority=day.served.authority,
        gateway=f"localhost:{day.served.port}",
        names={},
    ) as browser:
        page = await browser.get("/clocks/")
    assert page.status_code == 200
    assert clock_id in page.text
    assert "Your own service did not say" in page.text


async def test_an_organisation_sees_its_own_alone(day: WorkingDay, clock_id: str) -> None:
    async with day.console(person_of(SERGEANT)) as browser:
        assert clock_id not in (await browser.get("/clocks/")).text
        assert (await browser.get(f"/clocks/{clock_id}")).status_code == 404
    async with day.console(person_of(MANAGER)) as browser:
        assert clock_id in (await browser.get("/clocks/")).text


async def test_who_does_not_owe_it_reads_whom_to_telephone(day: WorkingDay, clock_id: str) -> None:
    async with day.console(person_of(COORDINATOR)) as browser:
        text = (await browser.get(f"/clocks/{clock_id}")).text
        assert "Whom to telephone" in text
        assert 'href="tel:0' in text
        assert "Say that it was done" not in text
        assert (await browser.get(f"/clocks/{clock_id}/complete")).status_code == 404


async def test_who_owes_it_says_that_it_was_done(day: WorkingDay, clock_id: str) -> None:
    async with day.console(person_of(MANAGER)) as browser:
        assert "Say that it was done" in (await browser.get(f"/clocks/{clock_id}")).text
        await browser.get(f"/clocks/{clock_id}/complete")
        empty = await browser.post(f"/clocks/{clock_id}/complete", {"request_id": request_id(browser)})
        assert empty.status_code == 422
        assert "Say what was done" in empty.text
        form = {"request_id": request_id(browser), "reason": "Answered at the duty desk.", "evidence": "L-1"}
        done = await browser.post(f"/clocks/{clock_id}/complete", form)
        assert (done.status_code, done.location) == (303, f"/clocks/{clock_id}")
        await day.carry()
        text = (await browser.get(f"/clocks/{clock_id}")).text
        assert "Late" in text
        assert "Say that it was done" not in text
        assert clock_id in (await browser.get("/clocks/?view=late")).text
    async with day.gateway.store.reading() as unit:
        row = await unit.clocks.find(clock_id)
    assert row is not None
    assert row.state is ClockState.LATE


@pytest.fixture
async def immediate_exchange(day: WorkingDay) -> str:
    """The police sent something immediate, and nobody confirmed it in its minutes."""
    member = day.members[POLICE]
    header = write_header(token(), urgency=URGENCY_IMMEDIATE)
    header.recipients[0].organisation, header.recipients[0].desk = "kent-probation", "sentence-management"
    sent = await member.outbox.submit(header, valid_document("ReleaseNotice"))
    day.gateway.parties.clock.advance(immediate().span)
    assert await ConfirmationWatch(member.participant, member.records).warn() == 1
    return sent.exchange_id


async def test_what_nobody_confirmed_is_telephoned_and_the_call_goes_on_record(
    day: WorkingDay, immediate_exchange: str
) -> None:
    address = f"/clocks/not-confirmed/{immediate_exchange}/kent-probation/sentence-management"
    async with day.console(person_of(SERGEANT)) as browser:
        assert "1 immediate exchange was not confirmed: telephone" in (await browser.get("/clocks/")).text
        listed = (await browser.get("/clocks/not-confirmed")).text
        assert address in listed
        assert 'href="tel:0' in listed
        await browser.get(address)
        call = {
            "request_id": request_id(browser),
            "day": ["20", "11", "2026"],
            "time": "14:05",
            "person_told": "The duty officer",
            "told": "He is to be released today.",
        }
        for wrong, said in (
            ({"time": "half past"}, "Enter a time, such as 14:05"),
            ({"day": ["31", "2", "2026"]}, "Enter a real day"),
            ({"day": ["1", "1", "2999"]}, "must be today or in the past"),
            ({"person_told": " "}, "Say who was told"),
        ):
            page = await browser.post(address, {**call, **wrong})
            assert page.status_code == 422, wrong
            assert said in page.text
            assert "He is to be released today." in page.text
        done = await browser.post(address, call)
        assert (done.status_code, done.location) == (303, "/clocks/not-confirmed")
        assert "Every immediate exchange was confirmed" in (await browser.get(done.location)).text
        again = await browser.post(address, {**call, "told": "Also by telephone."})
        assert (again.status_code, again.location) == (303, "/clocks/not-confirmed")
        assert "a call is on record. Nothing more was recorded" in (await browser.get(again.location)).text
    await day.carry()
    assert len(await day.gateway.records("TELEPHONE_DISCLOSURE")) == 1


async def test_an_officer_reads_the_board_and_is_shown_no_calls(day: WorkingDay) -> None:
    async with day.console(person_of(OFFICER)) as browser:
        assert (await browser.get("/clocks/")).status_code == 200
        assert (await browser.get("/clocks/not-confirmed")).status_code == 403


def request_id(browser: Browser) -> str:
    found = re.search(r'name="request_id"[^>]*value="([^"]+)"', browser.last)
    assert found
    return found[1]
