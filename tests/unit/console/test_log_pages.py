"""The disclosure log as pages: asked what for, searched, and proven in front of whoever looks."""

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from publicprotection.oversight.v1.disclosure_log_service_pb2 import GetRecordRequest, GetRecordResponse

from gateway.app.log_view import LogView
from services.kit.access.actor import Actor
from tests.support.console import Browser, person_of
from tests.support.gateway import Parties, Sealed, open_gateway
from tests.support.watching import PURPOSE, Watched, have_witnessed, put_in_order, watch

OFFICER = "Ola Brandt"
"""Of the co-ordination unit, and a co-ordinator."""
AGENCY_OFFICER = "Idris Fallowfield"


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


@pytest.mark.usefixtures("sealed")
async def test_what_for_is_asked_before_anything_is_shown(watched: Watched) -> None:
    before = len(await watched.gateway.records())
    async with watched.console(person_of(OFFICER), asked=False) as browser:
        first = await browser.get("/log/")
        assert first.status_code == 303
        assert first.location.startswith("/log/purpose?then=")
        assert (await browser.get(first.location)).status_code == 200
        assert len(await watched.gateway.records()) == before
        empty = await browser.post(first.location, {})
        assert empty.status_code == 422
        assert "Select what you need the log for" in empty.text
        then = await browser.post(first.location, PURPOSE)
        assert then.location == "/log/"
        assert PURPOSE["reason"] in (await browser.get(then.location)).text


async def test_the_newest_come_first_and_each_search_is_on_record(browser: Browser, watched: Watched) -> None:
    page = await browser.get("/log/")
    indexes = [int(each) for each in re.findall(r"/log/records/(\d+)", page.text)]
    assert indexes == sorted(indexes, reverse=True)
    assert "Exchange taken" in page.text
    (query,) = await watched.gateway.records("LOG_QUERY")
    assert '"purpose":"SELF_MONITORING"' in (query.entry or "")


async def test_a_record_is_proven_step_by_step(browser: Browser) -> None:
    page = await browser.get("/log/records/0")
    assert page.status_code == 200
    assert "Verified on this page" in page.text
    assert page.text.count("Verified: ") == 6
    assert "Failed: " not in page.text
    assert page.text.count(">Cosigned<") >= 3


async def test_names_and_reasons_are_shown_for_the_asking_and_match(browser: Browser) -> None:
    assert "Kept apart from the log" in (await browser.get("/log/records/1")).text
    page = await browser.get("/log/records/1?names=1")
    assert "the very ones that the record commits to" in page.text


FORGERIES: dict[str, Callable[[GetRecordResponse], None]] = {
    "The record shown is not the one": lambda found: setattr(
        found.record, "entry", found.record.entry.replace('"type":"', '"type":"X')
    ),
    "proof_refused|path_too_short|root_mismatch": lambda found: found.proof.hashes.__delitem__(0),
    "checkpoint_refused|malformed": lambda found: setattr(
        found.proof, "checkpoint", found.proof.checkpoint.replace("\n\n", "\n\n\n")
    ),
    "another place in the log": lambda found: setattr(found.proof, "index", 2),
    "Too few cosigned": lambda found: setattr(found.witnessed, "checkpoint", found.proof.checkpoint),
}


@pytest.mark.parametrize("wrong", sorted(FORGERIES))
async def test_a_forged_proof_is_shown_as_one(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, wrong: str, watched: Watched
) -> None:
    await put_in_order(watched.gateway)  # the search is on record too, and no witness has seen that
    honest = LogView.get

    async def forge(view: LogView, actor: Actor, request: GetRecordRequest) -> GetRecordResponse:
        found = await honest(view, actor, request)
        if wrong == "Too few cosigned":
            lines = found.proof.checkpoint.splitlines(keepends=True)
            found.proof.checkpoint = "".join(line for line in lines if "kent-" not in line)
        FORGERIES[wrong](found)
        return found

    monkeypatch.setattr(LogView, "get", forge)
    page = await browser.get("/log/records/1")
    assert page.status_code == 200
    assert "This record is not proven" in page.text
    assert "Failed: " in page.text
    assert re.search(wrong, page.text), page.text


async def test_a_console_without_the_directory_proves_nothing(browser: Browser) -> None:
    browser.app.extensions.pop("evidence")
    page = await browser.get("/log/records/0")
    assert "This record is not proven" in page.text
    assert "Not reached: " in page.text


async def test_an_identifier_stands_in_no_address(browser: Browser) -> None:
    await browser.get("/log/")
    found = await browser.post("/log/people", {"system": "1", "value": "2009/0190441M"})
    assert found.status_code == 303
    assert "0190441" not in found.location
    page = await browser.get(found.location)
    assert page.status_code == 200
    assert "0190441" not in page.text
    assert (await browser.post("/log/people", {"system": "", "value": ""})).status_code == 422


async def test_an_agency_sees_excerpts_and_is_told_so(watched: Watched, sealed: Sealed) -> None:
    officer = replace(person_of(AGENCY_OFFICER), organisation=sealed.organisation)
    async with watched.console(officer) as browser:
        page = await browser.get("/log/")
        assert "You see the records of what" in page.text
        indexes = re.findall(r"/log/records/(\d+)", page.text)
        shown = await browser.get(f"/log/records/{indexes[0]}")
        assert "You see an excerpt" in shown.text
        assert "Verified on this page" in shown.text


async def test_a_record_that_there_is_not_is_not_found(browser: Browser) -> None:
    assert (await browser.get("/log/records/4711")).status_code == 404


async def test_a_wrong_date_is_said_and_nothing_is_searched(browser: Browser, watched: Watched) -> None:
    page = await browser.get("/log/?since=30/2/2026")
    assert page.status_code == 422
    assert "Enter a date" in page.text
    assert await watched.gateway.records("LOG_QUERY") == []


async def test_a_rule_that_bore_on_a_decision_is_linked_to_what_it_says(browser: Browser) -> None:
    page = await browser.get("/log/records/1")
    assert re.search(r'href="/rulebook/[^"]+">[^<]+</a>: ', page.text) is not None
