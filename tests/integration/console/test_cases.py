"""The case view over the gateway's own services: masked, and unmasked with a reason that is on record."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from gateway.app.subject_changes import SubjectDesk
from gateway.app.subject_view import SubjectView
from gateway.rpc.oversight import serve_register
from gateway.rpc.subjects import serve_subjects
from tests.support.console import Browser, open_console, person_of
from tests.support.gateway import Gateway, Parties, open_gateway
from tests.support.served import Served, serve_gateway_parts

NAME = "Marlon Quillfeather"
PNC = "2009/0190441M"
ASKED = {"purpose": "1", "reason": "To prepare the meeting of 24 November."}
BY_NUMBER = {**ASKED, "system": "1", "number": PNC}


@pytest.fixture(scope="module")
def parties() -> Parties:
    return Parties()


@pytest.fixture
async def gateway(parties: Parties, tmp_path: Path) -> AsyncIterator[Gateway]:
    async with open_gateway(parties, tmp_path) as opened:
        yield opened


@pytest.fixture
async def browser(gateway: Gateway) -> AsyncIterator[Browser]:
    """A co-ordinator's, of an area in which one contribution was sent."""
    await gateway.take(gateway.step("contribution").arrival)
    parts = [
        serve_register(gateway.store, gateway.tools),
        serve_subjects(SubjectView(gateway.store, gateway.tools), SubjectDesk(gateway.store, gateway.tools)),
    ]
    async with serve_gateway_parts(gateway, parts) as served, _open(served) as opened:
        yield opened


def _open(served: Served) -> AbstractAsyncContextManager[Browser]:
    return open_console(
        person_of("Beatrix Holloway-Ash"),
        authority=served.authority,
        gateway=f"localhost:{served.port}",
        names=served.gateway.parties.directory.organisations,
    )


async def _find(browser: Browser) -> str:
    """The address of the case that was found."""
    await browser.get("/cases/")
    found = await browser.post("/cases/", BY_NUMBER)
    page = await browser.get(found.headers["Location"])
    assert NAME in page.text
    return page.text.split('href="/cases/')[-1].split('"')[0]


async def test_a_case_is_found_by_a_number_that_is_in_no_address(browser: Browser) -> None:
    await browser.get("/cases/")
    found = await browser.post("/cases/", BY_NUMBER)
    assert found.status_code == 303
    assert "0190441" not in found.headers["Location"]
    assert NAME in (await browser.get(found.headers["Location"])).text


async def test_a_case_is_masked_until_somebody_says_why(browser: Browser) -> None:
    case = await _find(browser)
    masked = await browser.get(f"/cases/{case}")
    assert "masked" in masked.text
    assert NAME not in masked.text
    assert "contribution" in masked.text.lower()
    shown = await browser.post(f"/cases/{case}", ASKED)
    assert shown.status_code == 303
    page = await browser.get(shown.headers["Location"])
    assert NAME in page.text
    assert ASKED["reason"] in page.text
    assert NAME not in (await browser.get(f"/cases/{case}")).text


async def test_without_a_reason_nobody_is_shown(browser: Browser) -> None:
    case = await _find(browser)
    await browser.get(f"/cases/{case}")
    refused = await browser.post(f"/cases/{case}", {"purpose": "1", "reason": ""})
    assert refused.status_code == 422
    assert "Enter why you need to see this" in refused.text
    assert NAME not in refused.text


async def test_nobody_known_is_said_plainly(browser: Browser) -> None:
    await browser.get("/cases/")
    found = await browser.post("/cases/", {**BY_NUMBER, "number": "2001/0000001A"})
    page = await browser.get(found.headers["Location"])
    assert "Nobody in your area" in page.text


async def test_what_was_asked_in_one_session_is_not_found_in_another(browser: Browser) -> None:
    await browser.get("/cases/")
    found = await browser.post("/cases/", BY_NUMBER)
    browser.sign_in(person_of("Ola Brandt"))
    assert (await browser.get(found.headers["Location"])).status_code == 404


async def test_a_birth_on_no_day_is_said_beside_the_field(browser: Browser) -> None:
    await browser.get("/cases/by-name")
    form = {**ASKED, "given": "Marlon", "family": "Quillfeather", "year": "1987", "month": "2", "day": "31"}
    refused = await browser.post("/cases/by-name", form)
    assert refused.status_code == 422
    assert "That month has no such day" in refused.text
