"""Readers, exports, breach cases, legal holds, erasure and likenesses as pages, over real services."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.kit.evidence.bundle import verify_bundle
from services.kit.log_trust import trust_in
from tests.support.console import Browser, person_of
from tests.support.gateway import Parties, Sealed, open_gateway
from tests.support.watching import Watched, have_witnessed, put_in_order, watch

OFFICER = "Ola Brandt"
OPENED = {"kind": "1", "day": "20/11/2026", "clock": "9.30am", "reason": "An email went astray"}


@pytest.fixture
async def watched(tmp_path: Path) -> AsyncIterator[Watched]:
    async with open_gateway(Parties(), tmp_path) as gateway, watch(gateway) as opened:
        yield opened


@pytest.fixture
async def sealed(watched: Watched) -> Sealed:
    taken = watched.gateway.step("contribution")
    await watched.gateway.take(taken.arrival)
    await put_in_order(watched.gateway)
    await have_witnessed(watched.gateway)
    return taken


@pytest.fixture
async def browser(watched: Watched, sealed: Sealed) -> AsyncIterator[Browser]:  # noqa: ARG001  # there is one
    async with watched.console(person_of(OFFICER)) as opened:
        yield opened


async def test_who_read_the_log_is_listed_with_name_and_reason(browser: Browser, watched: Watched) -> None:
    await browser.get("/log/")
    await put_in_order(watched.gateway)
    page = await browser.get("/readers/")
    assert page.status_code == 200
    assert "Ola Brandt" in page.text
    assert page.text.count("Monthly check, reference 2026/11") == 2
    assert "For self-monitoring" in page.text


async def test_what_one_person_read_is_found_by_name_and_the_name_is_in_no_address(
    browser: Browser, watched: Watched
) -> None:
    await browser.get("/log/")
    await put_in_order(watched.gateway)
    await browser.get("/readers/")
    found = await browser.post("/readers/person", {"name": "ola  BRANDT"})
    assert "rand" not in found.location.lower()
    assert "/log/records/" in (await browser.get(found.location)).text
    await browser.get("/readers/")
    other = await browser.post("/readers/person", {"name": "Somebody Else"})
    assert "/log/records/" not in (await browser.get(other.location)).text


async def test_an_export_verifies(browser: Browser, watched: Watched) -> None:
    await browser.get("/export/")
    answer = await browser.post("/export/", {"scope": "everything"}, buffered=True)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    trust = trust_in(watched.gateway.parties.directory)
    now = watched.gateway.parties.clock.now()
    assert verify_bundle(answer.data.splitlines(), lambda _: trust, now=now).records >= 3
    await browser.get("/export/")
    wrong = await browser.post("/export/", {"scope": "period", "since": "2/5/2026", "until": "1/5/2026"})
    assert wrong.status_code == 422
    assert "not before the first" in wrong.text


async def test_a_breach_case_is_opened_worked_on_and_closed(browser: Browser, sealed: Sealed) -> None:
    assert "No open cases" in (await browser.get("/breaches/")).text
    await browser.get("/breaches/open")
    assert (await browser.post("/breaches/open", {"kind": "1"})).status_code == 422
    opened = await browser.post("/breaches/open", OPENED)
    case = opened.location
    page = await browser.get(case)
    assert "Case opened" in page.text
    assert page.text.count("To do") == 4
    await browser.get(f"{case}/find")
    found = await browser.post(
        f"{case}/find", {"scope": "exchange", "exchange": sealed.exchange_id, "reason": "Named in the email"}
    )
    assert found.status_code == 303
    assert sealed.exchange_id in (await browser.get(case)).text
    for step in ("COMMISSIONER_NOTIFIED", "SUBJECTS_NOT_NEEDED", "PARTIES_TOLD", "CAUSE_RECORDED"):
        await browser.get(f"{case}/step")
        noted = {"step": step, "day": "21/11/2026", "clock": "10am", "reason": "Reference 17"}
        assert (await browser.post(f"{case}/step", noted)).status_code == 303
    page = await browser.get(case)
    assert "Case closed" in page.text
    assert page.text.count("Settled") >= 4
    await browser.get(f"{case}/export")
    file = await browser.post(f"{case}/export", {"reason": "For the Commissioner"}, buffered=True)
    assert sealed.exchange_id.encode() in file.data


async def test_a_moment_to_come_is_no_moment_of_a_breach(browser: Browser) -> None:
    await browser.get("/breaches/open")
    page = await browser.post("/breaches/open", {**OPENED, "day": "20/11/2099"})
    assert page.status_code == 422
    assert "Enter a time that has passed" in page.text


async def test_a_legal_hold_stops_an_erasure_until_it_is_lifted(browser: Browser, sealed: Sealed) -> None:
    held = {"exchange": sealed.exchange_id, "authority": "Crown Court", "reason": "Trial"}
    await browser.get("/retention/place")
    assert (await browser.post("/retention/place", {**held, "exchange": "nobody"})).status_code == 422
    assert (await browser.post("/retention/place", held)).status_code == 303
    listed = await browser.get("/retention/")
    assert "Authority: Crown Court. Trial" in listed.text
    await browser.get("/retention/erase")
    planned = await browser.post("/retention/erase", held)
    assert "This cannot be erased now" in (await browser.get(planned.location)).text
    lift = re.search(r'href="(/retention/holds/[^"]+/lift)"', listed.text)
    assert lift
    await browser.get(lift[1])
    assert (await browser.post(lift[1], {"reason": "Over"})).status_code == 422
    assert (await browser.post(lift[1], {"authority": "Crown Court", "reason": "Over"})).status_code == 303
    assert "No legal holds" in (await browser.get("/retention/")).text


async def test_an_erasure_says_what_it_comes_to_and_who_must_be_told(
    browser: Browser, sealed: Sealed, watched: Watched
) -> None:
    asked = {"exchange": sealed.exchange_id, "authority": "DPO", "reason": "Out of time"}
    await browser.get("/retention/erase")
    planned = (await browser.post("/retention/erase", asked)).location
    assert sealed.exchange_id not in planned
    page = await browser.get(planned)
    assert "This cannot be undone" in page.text
    assert "Who received what is erased" in page.text
    assert "Stop what has not left yet" in page.text
    told = {"authority": "DPO", "reason": "Out of time"}
    unread = await browser.post(planned, told)
    assert unread.status_code == 422
    assert await watched.gateway.records("EXCHANGE_ERASED") == []
    done = await browser.post(planned, {**told, "understood": "y", "recall": "y"})
    assert done.status_code == 303
    assert "Tell them now" in (await browser.get(done.location)).text
    assert len(await watched.gateway.records("EXCHANGE_ERASED")) == 1


async def test_what_is_due_is_listed_for_a_time_ahead(browser: Browser) -> None:
    assert (await browser.get("/retention/due?within=365")).status_code == 200


async def test_conflicts_and_likenesses_are_shown_for_a_purpose(browser: Browser, watched: Watched) -> None:
    first = await browser.get("/candidates/")
    assert first.status_code == 303
    await browser.get(first.location)
    assert (await browser.post(first.location, {})).status_code == 422
    begun = await browser.post(first.location, {"purpose": "1", "reason": "Weekly look"})
    assert begun.location == "/candidates/"
    assert "No conflicts wait" in (await browser.get("/candidates/")).text
    async with watched.gateway.store.reading() as unit:
        row = (await unit.register.page(0, 1))[0]
    page = await browser.get(f"/candidates/people/{row.subject_id}")
    assert page.status_code == 200
    assert "Who else may be the same person" in page.text
    assert (await browser.get("/candidates/people/nobody")).status_code == 404


async def test_an_agency_officer_is_told_who_may_hold_and_erase(watched: Watched) -> None:
    async with watched.console(person_of("Idris Fallowfield")) as browser:
        assert (await browser.get("/retention/")).status_code == 403
        await browser.get("/export/")
        assert (await browser.post("/export/", {"scope": "everything"})).status_code == 403
        assert "No readings" in (await browser.get("/readers/")).text
