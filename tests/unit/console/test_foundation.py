"""A page over a real service of the gateway, as those who write pages use the parts."""

import asyncio
from collections.abc import AsyncIterator
from time import sleep
from typing import Any

import pytest
from flask import redirect, request
from publicprotection.exchange.v1.hold_service_pb2 import ListHoldsRequest
from publicprotection.exchange.v1.hold_service_pb2_grpc import HoldServiceStub

from services.console.calls import at_agency, together
from services.console.errors import UnavailableError
from tests.support.console import Browser, open_console, person_of

TOO_MUCH = "9" * 25
SAME = {"text": "one", "marked": "1"}
SUBJECT = "9f0c41d2a8e94f7fb25d6a3f0e1c7b88"


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with open_console(person_of("Ola Brandt"), names={}) as opened:
        yield opened


async def test_the_first_page_says_who_is_signed_in(browser: Browser) -> None:
    page = await browser.get("/")
    assert page.status_code == 200
    assert "Ola Brandt, Data protection officer" in page.text
    assert "Sign out" in page.text


async def test_a_page_that_is_not_there_is_told_so(browser: Browser) -> None:
    page = await browser.get("/no-such-page")
    assert page.status_code == 404
    assert "Page not found" in page.text


async def test_what_cannot_be_reached_is_told_so(browser: Browser) -> None:
    @browser.app.get("/asking")
    def ask() -> str:
        stub = at_agency(HoldServiceStub)
        together(stub.ListHolds.future(ListHoldsRequest()), stub.ListHolds.future(ListHoldsRequest()))
        return ""

    page = await browser.get("/asking")
    assert page.status_code == UnavailableError.status
    assert "cannot be reached" in page.text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/inbox/?after={TOO_MUCH}", 503),
        (f"/alarms/?after={TOO_MUCH}", 503),
        (f"/alarms/{TOO_MUCH}", 404),
        ("/alarms/0", 404),
        ("/register/?until=9999-12-31", 503),
        (f"/log/?after={TOO_MUCH}", 503),
        ("/log/?until=31/12/9999", 503),
        (f"/log/records/{TOO_MUCH}", 404),
    ],
)
async def test_no_number_or_day_in_an_address_is_a_fault(browser: Browser, path: str, status: int) -> None:
    await browser.get("/log/purpose")
    await browser.post("/log/purpose", {"purpose": "1", "reason": "Complaint 4"})
    page = await browser.get(path)
    assert page.status_code == status  # 503: asked of services that nobody runs here


@pytest.mark.parametrize("path", [f"/cases/{SUBJECT}", "/log/purpose", "/inbox/delivery/d1"])
@pytest.mark.parametrize("reason", ["", "   ", "-"])
async def test_a_space_is_no_reason_to_be_shown_anything(browser: Browser, path: str, reason: str) -> None:
    await browser.get("/log/purpose")  # for the token of its form
    page = await browser.post(path, {"purpose": "1", "reason": reason})
    assert page.status_code in {422, 503}  # 503: what stands beside the form cannot be reached here
    assert page.location is None


def count_posts(browser: Browser, answers: list[int]) -> list[str]:
    """A page that takes a form, with these statuses one after the other; what it took."""
    taken: list[str] = []

    @browser.app.post("/taken")
    def take() -> Any:
        taken.append(request.form["text"])
        sleep(0.2)
        status = answers.pop(0)
        return redirect(f"/taken/{len(taken)}", status) if status == 303 else ("wrong", status)

    return taken


async def test_a_form_sent_twice_is_done_once_and_answered_alike(browser: Browser) -> None:
    taken = count_posts(browser, [303, 303])
    await browser.get("/search/")
    twice = await asyncio.gather(*(browser.post("/taken", SAME) for _ in range(3)))
    other = await browser.post("/taken", SAME | {"text": "two"})
    assert taken == ["one", "two"]
    assert [each.location for each in (*twice, other)] == ["/taken/1"] * 3 + ["/taken/2"]


async def test_a_form_that_was_not_taken_is_sent_again(browser: Browser) -> None:
    taken = count_posts(browser, [422, 503, 303])
    await browser.get("/search/")
    token = browser.last
    statuses = []
    for _ in range(3):
        statuses.append((await browser.post("/taken", SAME)).status_code)
        browser.last = token
    assert statuses == [422, 503, 303]
    assert len(taken) == 3


async def test_a_form_of_a_page_opened_anew_is_another(browser: Browser) -> None:
    taken = count_posts(browser, [303, 303])
    for _ in range(2):
        await browser.get("/search/")
        await browser.post("/taken", SAME)
        await asyncio.sleep(1.1)
    assert taken == ["one", "one"]
