"""Requests for minutes in the console: from registration to the letter, with a second person who approves."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from publicprotection.documents.v1.minutes_request_pb2 import MinutesAnswer
from publicprotection.exchange.v1 import minutes_case_pb2 as case_pb2

from services.console.pages.requests.words import ANSWERS, EVENTS, OBSTACLES
from services.kit.clock import FixedClock
from services.kit.minutes.cases import Kind
from services.kit.minutes.rules import read_rules
from tests.support.console import BASE
from tests.support.gateway import NOW, TODAY, Parties
from tests.support.unit_console import CHAIR, UnitConsole, open_unit_console

REQUEST = {
    "requester_name": "Registry of the court",
    "reply_to": "Sandle Crown Court\nSandle",
    "channel": "1",
    "wanted": "3",
    "words": "Please send the minutes.",
    "family": "Marsh",
    "given": "Toby",
}
WRITTEN = {
    "referral_reason": "High risk to a known adult.",
    "discussion": "An informant's account was heard. Supervision was agreed.",
    "disclosure": "None.",
    "level_change_reasons": "Threats were made.",
}


@pytest.fixture(scope="module")
def parties() -> Parties:
    return Parties(clock=FixedClock(NOW))


@pytest.fixture
async def console(parties: Parties, tmp_path: Path) -> AsyncIterator[UnitConsole]:
    parties.clock = FixedClock(NOW)
    async with open_unit_console(parties, tmp_path) as opened:
        yield opened


def received() -> dict[str, list[str]]:
    """The day of receipt as the three boxes of a date send it: yesterday, wherever the test runs."""
    return {"received_on": ["20", "11", "2026"]}


async def register(console: UnitConsole, kind: str = "COURT", **changes: str | list[str]) -> str:
    """Registers a request by its form; its id."""
    page = await console.browser.get(f"/requests/new/{kind}")
    found = re.search(r'name="request_id"[^>]*value="([^"]+)"', page.text)
    assert found is not None
    form = {**REQUEST, **received(), **changes, "request_id": found[1]}
    answer = await console.browser.post(f"/requests/new/{kind}", form)
    assert answer.status_code == 303, answer.text[:6000]
    return answer.location.rpartition("/")[2]


async def take(console: UnitConsole, case_id: str, step: str, **form: str | list[str]) -> str:
    """Takes a step by its form; the page of the request after it."""
    path = f"/requests/{case_id}/{step}"
    page = await console.browser.get(path)
    assert page.status_code == 200, page.text
    answer = await console.browser.post(path, form)
    assert answer.status_code == 303, answer.text[:9000]
    return (await console.browser.get(answer.location)).text


async def test_a_request_from_its_registration_to_the_letter(console: UnitConsole) -> None:
    case_id = await register(console)
    sent = await console.unit.keep_minutes()
    page = await take(console, case_id, "summary", minutes_exchange_id=sent, **WRITTEN)
    assert "High risk to a known adult." in page
    assert "Oakenshaw" not in page.partition("What happened")[0]  # names stand as roles (MAPPA 13b.31)
    by = [str(TODAY.day), str(TODAY.month), str(TODAY.year)]
    desk = "kent-mappa-unit/coordination"
    await take(console, case_id, "contributors", contributors=[desk], comments_by=by)
    page = await take(
        console,
        case_id,
        "hear",
        organisation="kent-mappa-unit",
        said="We would leave this out.",
        field="discussion",
        passage="An informant's account",
        exemption="1",
        reason="The informant is known to few.",
        threshold="y",
    )
    assert "Weigh what contributors claim" in page
    case = await console.unit.case(case_id)
    page = await take(console, case_id, "decide", **{f"claim_{case.claims[0].claim_id}": "FOLLOW"})
    assert "An informant" not in page.partition('id="draft"')[2].partition("What is left out")[0]
    page = await take(console, case_id, "prepare", answer="1")
    assert OBSTACLES["AUTHOR"] in page
    console.turn_to(CHAIR)
    await take(console, case_id, "approve")
    await take(console, case_id, "send")
    path = f"/requests/{case_id}/letter.pdf"
    letter = await asyncio.to_thread(console.browser.client.get, path, base_url=BASE)
    assert letter.data.startswith(b"%PDF")
    assert letter.headers["Content-Disposition"].startswith("attachment")
    listed = await console.browser.get("/requests/?answered=1")
    assert "In time" in listed.text
    assert (await console.unit.case(case_id)).summary.state == case_pb2.MINUTES_CASE_STATE_ANSWERED


async def test_a_journalist_gets_the_words_that_everybody_gets(console: UnitConsole) -> None:
    case_id = await register(console, "JOURNALIST", requester_name="Perpetua Larkspur", channel="4")
    page = (await console.browser.get(f"/requests/{case_id}")).text
    assert "Do not look anything up for it" in page
    assert "Compose the executive summary" not in page
    offered = (await console.browser.get(f"/requests/{case_id}/prepare")).text
    assert offered.count('type="radio"') == 1
    await take(console, case_id, "prepare", answer="6")
    page = await take(console, case_id, "send")
    assert "Neither confirm nor deny that there was a meeting" in page
    assert (await console.unit.case(case_id)).summary.state == case_pb2.MINUTES_CASE_STATE_ANSWERED


async def test_the_register_is_empty_in_words(console: UnitConsole) -> None:
    page = await console.browser.get("/requests/")
    assert "Requests for minutes appear here" in page.text


async def test_the_register_shows_clocks_and_no_names(console: UnitConsole, parties: Parties) -> None:
    await register(console)
    await register(console, "JOURNALIST", requester_name="Perpetua Larkspur", channel="4")
    page = await console.browser.get("/requests/")
    assert "A journalist" in page.text
    assert "Perpetua Larkspur" not in page.text
    assert "2 requests" in page.text
    assert "Overdue" not in page.text
    parties.clock.advance(timedelta(days=60))
    page = await console.browser.get("/requests/?overdue=1")
    assert page.text.count("Overdue") == 2
    assert "2 requests, 2 overdue" in page.text


async def test_what_is_missing_stands_at_its_field_and_nothing_is_lost(console: UnitConsole) -> None:
    await console.browser.get("/requests/new/MARAC")
    page = await console.browser.post("/requests/new/MARAC", {**REQUEST, "family": ""})
    assert page.status_code == 422
    assert "There is a problem" in page.text
    assert "Enter the family name" in page.text
    assert "day of the further incident" in page.text
    assert "Registry of the court" in page.text
    assert "<title>Error: " in page.text


async def test_where_the_answer_goes_must_be_said(console: UnitConsole) -> None:
    page = await console.browser.get("/requests/new/COURT")
    found = re.search(r'name="request_id"[^>]*value="([^"]+)"', page.text)
    assert found is not None
    form = {**REQUEST, **received(), "reply_to": "", "request_id": found[1]}
    answer = await console.browser.post("/requests/new/COURT", form)
    assert answer.status_code == 422
    assert OBSTACLES["NO_ADDRESS"] in answer.text


async def test_what_stands_in_the_way_is_said_in_words(console: UnitConsole) -> None:
    case_id = await register(console)
    page = await console.browser.get(f"/requests/{case_id}")
    assert OBSTACLES["SUMMARY_MISSING"] in page.text
    await console.browser.get(f"/requests/{case_id}/prepare")
    answer = await console.browser.post(f"/requests/{case_id}/prepare", {"answer": "1"})
    assert answer.status_code == 422
    assert OBSTACLES["SUMMARY_MISSING"] in answer.text


async def test_what_is_asked_back_and_settled(console: UnitConsole) -> None:
    case_id = await register(console, wanted="0")
    page = await take(console, case_id, "ask", question="Which document do you need?")
    assert "Asked what is wanted" in page
    page = await take(console, case_id, "settle", wanted="1", owner="marlfield-prison")
    assert "Send the requester to the organisation" in page
    assert "Compose the executive summary" not in page.partition('id="history"')[0]
    await take(console, case_id, "prepare", answer="3")
    await take(console, case_id, "send")
    assert (await console.unit.case(case_id)).answer == 3


async def test_a_reply_is_given_back_by_the_chair(console: UnitConsole) -> None:
    case_id = await register(console)
    await take(console, case_id, "ground", ground="4", reference="ADV-1", terms="As advised.")
    await console.unit.draft(case_id)
    await take(console, case_id, "prepare", answer="7", reasons="It would put somebody at risk.")
    console.turn_to(CHAIR)
    page = await take(console, case_id, "return", reason="Say which risk.")
    assert "Being worked on" in page
    assert "ADV-1" in page


async def test_who_may_not_know_of_a_request_finds_none(console: UnitConsole) -> None:
    assert (await console.browser.get("/requests/no-such-request")).status_code == 404
    assert (await console.browser.get("/requests/no-such-request/ask")).status_code == 404
    case_id = await register(console)
    assert (await console.browser.get(f"/requests/{case_id}/no-such-step")).status_code == 404
    assert (await console.browser.get("/requests/new/NOBODY")).status_code == 404


def test_everything_that_happens_has_words() -> None:
    assert set(EVENTS) == {each.value for each in Kind}


def test_every_answer_that_may_be_given_has_words() -> None:
    gives = {name for route in read_rules().routes for name in route.gives}
    assert {MinutesAnswer.Value(f"MINUTES_ANSWER_{name}") for name in gives} <= set(ANSWERS)
