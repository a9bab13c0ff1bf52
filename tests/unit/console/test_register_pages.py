"""The exchange register as pages: filters, pages, saved filters, files, and an exchange as a story."""

import csv
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from publicprotection.exchange.v1.gateway_documents_pb2 import HOLD_VERDICT_GRANT
from publicprotection.exchange.v1.inbox_service_pb2 import ACKNOWLEDGEMENT_KIND_UNDERSTOOD
from publicprotection.oversight.v1 import register_service_pb2 as pb2

from gateway.rpc.oversight import serve_register
from services.console.pages.register.export import CUT_OFF, safe_cell, write_csv, write_json
from tests.support.console import Browser, open_console, person_of
from tests.support.gateway import Gateway, Parties, Sealed, open_gateway
from tests.support.served import Served, serve_gateway_parts

COORDINATOR, OFFICER = "Beatrix Holloway-Ash", "Idris Fallowfield"


@dataclass
class Register:
    """A gateway with its register served, and what was sent through it."""

    gateway: Gateway
    served: Served
    contribution: Sealed
    section_42: Sealed

    @asynccontextmanager
    async def console(self, name: str) -> AsyncIterator[Browser]:
        async with open_console(
            person_of(name),
            authority=self.served.authority,
            gateway=f"localhost:{self.served.port}",
            names=self.gateway.parties.directory.organisations,
        ) as browser:
            yield browser


@pytest.fixture
async def empty(tmp_path: Path) -> AsyncIterator[tuple[Gateway, Served]]:
    async with (
        open_gateway(Parties(), tmp_path) as gateway,
        serve_gateway_parts(gateway, [serve_register(gateway.store, gateway.tools)]) as served,
    ):
        yield gateway, served


@pytest.fixture
async def register(empty: tuple[Gateway, Served]) -> Register:
    """A contribution of which a part was held, granted, received and acknowledged; and a referral."""
    gateway, served = empty
    contribution, section_42 = gateway.step("contribution"), gateway.step("section-42")
    await gateway.take(contribution.arrival)
    police, unit = gateway.parties.of_kind("POLICE"), gateway.parties.of_kind("MAPPA_COORDINATION_UNIT")
    [asked], _ = await gateway.received(police)
    gateway.parties.clock.advance(timedelta(minutes=20))
    hold_id = asked.decisions[0].held[0].hold_id
    await gateway.take(gateway.answer(police, hold_id, HOLD_VERDICT_GRANT).arrival, section_42.arrival)
    _, [(first, _), _] = await gateway.received(unit)
    await gateway.take(gateway.receipt(unit, first))
    await gateway.take(gateway.acknowledgement(unit, first, ACKNOWLEDGEMENT_KIND_UNDERSTOOD))
    return Register(gateway, served, contribution, section_42)


def documents_in(page: str) -> list[str]:
    return re.findall(r'href="/exchanges/([^"]+)"', page)


async def test_the_register_lists_what_the_area_exchanged_newest_first(register: Register) -> None:
    async with register.console(COORDINATOR) as browser:
        page = await browser.get("/register/")
    assert page.status_code == 200
    assert documents_in(page.text) == [register.section_42.exchange_id, register.contribution.exchange_id]
    for words in ("Kent and Medway Probation", "not acknowledged", "OFFICIAL-SENSITIVE", "Apply filters"):
        assert words in page.text, words
    assert "Pennyroyal" not in page.text


async def test_an_empty_register_says_what_would_be_there(empty: tuple[Gateway, Served]) -> None:
    gateway, served = empty
    async with open_console(
        person_of(COORDINATOR),
        authority=served.authority,
        gateway=f"localhost:{served.port}",
        names=gateway.parties.directory.organisations,
    ) as browser:
        assert "No exchanges yet" in (await browser.get("/register/")).text
        assert "No exchanges meet these filters" in (await browser.get("/register/?result=4")).text


async def test_a_filter_goes_by_post_and_comes_back_as_codes(register: Register) -> None:
    async with register.console(COORDINATOR) as browser:
        await browser.get("/register/")
        form = {"document": "", "results": "3", "part": "0", "organisation": "", "purpose": ""}
        form |= {"rule": " MAPPA-22.20 ", "victim": "y"}
        answer = await browser.post("/register/", form)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/register/?result=3&rule=MAPPA-22.20&victim=yes"


async def test_a_name_typed_into_a_filter_never_stands_in_an_address(register: Register) -> None:
    async with register.console(COORDINATOR) as browser:
        await browser.get("/register/")
        answer = await browser.post(
            "/register/", {"case": "Tobias Pennyroyal", "rule": "Pennyroyal", "part": "0"}
        )
        assert answer.status_code == 422
        assert "Enter the made-up id of a case" in answer.text
        assert "Enter the id of a rule" in answer.text
        assert 'value="Tobias Pennyroyal"' in answer.text, "nothing typed is lost"
        page = await browser.get("/register/?case=Pennyroyal&rule=Pennyroyal&result=99&since=yesterday")
    assert page.status_code == 200
    assert "Pennyroyal" not in page.text
    assert len(documents_in(page.text)) == 2


async def test_filters_narrow_and_each_can_be_taken_away(register: Register) -> None:
    async with register.console(COORDINATOR) as browser:
        rows = {
            query: documents_in((await browser.get(f"/register/?{query}")).text)
            for query in (
                "waiting=yes",
                "organisation=kent-police",
                "document=NoSuchDocument",
                "since=2026-11-24",
            )
        }
        page = (await browser.get("/register/?document=MappaReferral&organisation=kent-police&part=1")).text
    assert rows["waiting=yes"] == [register.contribution.exchange_id], "what followed is not acknowledged"
    assert rows["document=NoSuchDocument"] == rows["since=2026-11-24"] == []
    assert "Sent by" in page
    assert 'href="/register/?document=MappaReferral"' in page
    assert 'href="/register/?organisation=kent-police&amp;part=1"' in page


async def test_pages_go_on_and_back(register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.console.pages.register.routes.PAGE", 1)
    async with register.console(COORDINATOR) as browser:
        first = (await browser.get("/register/?marking=2")).text
        older = re.search(r'href="(/register/\?[^"]*cursor=[^"]+)"[^>]*rel="next"', first)
        assert older is not None
        second = (await browser.get(older[1].replace("&amp;", "&"))).text
        newer = re.search(r'href="(/register/\?[^"]*cursor=[^"]+)"[^>]*rel="prev"', second)
        assert newer is not None
        again = (await browser.get(newer[1].replace("&amp;", "&"))).text
        strange = await browser.get("/register/?cursor=bm9uZQ")
    assert documents_in(first) == documents_in(again) == [register.section_42.exchange_id]
    assert documents_in(second) == [register.contribution.exchange_id]
    assert "marking=2" in older[1]
    assert strange.status_code == 422


async def test_a_filter_is_saved_used_and_removed(register: Register) -> None:
    async with register.console(COORDINATOR) as browser:
        await browser.get("/register/?result=3&rule=MAPPA-22.20")
        saved = await browser.post("/register/saved?result=3&rule=MAPPA-22.20", {"name": "Held for owners"})
        assert saved.headers["Location"] == "/register/?result=3&rule=MAPPA-22.20"
        page = (await browser.get("/register/")).text
        assert "Held for owners" in page
        assert 'href="/register/?result=3&amp;rule=MAPPA-22.20"' in page
        [remove] = re.findall(r'action="(/register/saved/[0-9a-f]+/remove)"', page)
        assert (await browser.post(remove, {})).status_code == 303
        page = (await browser.get("/register/")).text
        assert "Held for owners" not in page
        gone = await browser.post(remove, {}, follow_redirects=True)
    assert "removed before" in gone.text


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "Enter a name"),
        ("x" * 61, "60 characters"),
        ("Rings 07700 900123", "without numbers that identify"),
    ],
)
async def test_a_filter_is_not_saved_under_what_tells(register: Register, name: str, words: str) -> None:
    async with register.console(COORDINATOR) as browser:
        await browser.get("/register/?result=3")
        answer = await browser.post("/register/saved?result=3", {"name": name})
        assert answer.status_code == 422
        assert words in answer.text
        assert "Your saved filters" in answer.text


async def test_a_person_keeps_twenty_filters(register: Register) -> None:
    async with register.console(COORDINATOR) as browser:
        await browser.get("/register/?result=3")
        for number in range(20):
            await browser.post("/register/saved?result=3", {"name": f"Filter {number}"})
        answer = await browser.post("/register/saved?result=3", {"name": "One more"})
    assert answer.status_code == 409
    assert "as many filters as one may" in answer.text


async def test_files_hold_every_exchange_with_a_line_for_each_recipient(register: Register) -> None:
    async with register.console(COORDINATOR) as browser:
        table = await browser.get("/register/export.csv", buffered=True)
        lines = list(csv.DictReader(StringIO(table.text.removeprefix("\ufeff"))))
        everything = json.loads((await browser.get("/register/export.json", buffered=True)).text)
        none = json.loads((await browser.get("/register/export.json?result=5", buffered=True)).text)
        other = await browser.get("/register/export.xlsx")
    assert table.headers["Content-Disposition"] == 'attachment; filename="exchanges.csv"'
    assert {line["Exchange id"] for line in lines} == {
        register.contribution.exchange_id,
        register.section_42.exchange_id,
    }
    assert lines[-1]["Sender"] == "Kent and Medway Probation"
    assert lines[-1]["Left (UTC)"].startswith("2026-11-23T")
    assert not lines[-1]["Acknowledged (UTC)"], "what followed is not acknowledged yet"
    assert [each["exchange_id"] for each in everything["exchanges"]] == [
        register.section_42.exchange_id,
        register.contribution.exchange_id,
    ]
    assert everything["complete"] is True
    assert none == {"exchanges": [], "complete": True}
    assert other.status_code == 404


@pytest.mark.parametrize("filter_", ["result=99", "purpose=x", "since=yesterday", "result=3&waiting=no"])
async def test_a_filter_that_cannot_be_read_is_said_to_be_left_out_and_no_file_is_made(
    register: Register, filter_: str
) -> None:
    async with register.console(COORDINATOR) as browser:
        page = await browser.get(f"/register/?{filter_}")
        file = await browser.get(f"/register/export.csv?{filter_}")
        fine = await browser.get("/register/?result=3&since=2026-11-23&organisation=")
    assert "could not be read, and was left out" in page.text
    assert file.status_code == 400
    assert "could not be read, and was left out" not in fine.text


async def test_an_exchange_is_told_as_a_story(register: Register) -> None:
    async with register.console(COORDINATOR) as browser:
        page = await browser.get(f"/exchanges/{register.contribution.exchange_id}")
        missing = await browser.get("/exchanges/0000000000000000000000000000dead")
    assert page.status_code == 200
    text = page.text
    told = [
        "sent a document",
        "Asked:",
        "Agreed:",
        "Granted:",
        "Left for",
        "Received by",
        "Acknowledged by",
    ]
    for words in told:
        assert words in text, words
    times = re.findall(r'moj-timeline__date"><time datetime="([^"]+)"', text)
    assert times == sorted(times)
    assert "[MAPPA" in text or "app-cite" in text
    assert "/cases/" in text
    assert "Pennyroyal" not in text
    assert missing.status_code == 404


async def test_a_recipients_officer_sees_what_it_got_and_no_decision(register: Register) -> None:
    """The police were asked about a hold, and got nothing of this: they find no exchange."""
    async with register.console(OFFICER) as browser:
        page = await browser.get("/register/")
        story = await browser.get(f"/exchanges/{register.contribution.exchange_id}")
        assert "Case id" not in page.text
        assert documents_in(page.text) == []
        assert story.status_code == 404
        # A subject in the address is asked of the gateway, which shows this officer none.
        assert (await browser.get("/register/?case=0123456789abcdef01")).status_code == 422


def test_no_cell_begins_a_formula() -> None:
    for text in ("=1+1", "+44", "-1", "@SUM", "\tx", "\rx"):
        assert safe_cell(text) == f"'{text}"
    assert safe_cell("kent-police") == "kent-police"


def test_a_file_that_was_cut_off_says_so() -> None:
    piece = pb2.ExportExchangesResponse(cut_off=True)
    assert CUT_OFF in "".join(write_csv([piece]))
    assert json.loads("".join(write_json([piece]))) == {"exchanges": [], "complete": False}
