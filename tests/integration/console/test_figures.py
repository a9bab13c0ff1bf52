"""The page of figures over real services: for a co-ordinator, for an officer, and where there is nothing."""

import csv
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.rpc.figures import serve_figures
from gateway.rpc.rulebook import serve_rulebook
from services.kit.access.actor import Person
from services.kit.clock import FixedClock
from tests.support.console import Browser, open_console, person_of
from tests.support.gateway import NOW, Gateway, Parties, open_gateway
from tests.support.rules_served import rulebook_parts
from tests.support.served import serve_gateway_parts

COORDINATOR, OFFICER = "Ola Brandt", "Lysander Quickthorn"


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[Gateway]:
    parties = Parties()
    parties.clock = FixedClock(min(NOW, datetime.now(UTC)) - timedelta(days=8))
    async with open_gateway(parties, tmp_path) as opened:
        yield opened


@asynccontextmanager
async def console(gateway: Gateway, person: Person) -> AsyncIterator[Browser]:
    services = [serve_figures(gateway.store, gateway.tools), serve_rulebook(rulebook_parts(gateway))]
    names = gateway.parties.directory.organisations
    async with (
        serve_gateway_parts(gateway, services) as served,
        open_console(
            person, authority=served.authority, gateway=f"localhost:{served.port}", names=names
        ) as browser,
    ):
        yield browser


async def test_a_co_ordinator_sees_charts_with_their_tables(gateway: Gateway) -> None:
    for step in ("release-notice", "contribution", "section-42"):
        await gateway.take(gateway.step(step).arrival)
    async with console(gateway, person_of(COORDINATOR)) as browser:
        page = await browser.get("/figures/")
    assert page.status_code == 200
    assert "exchanges decided" in page.text
    assert page.text.count('role="img"') == 2 * page.text.count('class="app-chart"') > 0
    assert "Marlfield prison" in page.text
    assert "Release notice" in page.text
    assert "style=" not in page.text


async def test_nothing_says_what_would_be_here(gateway: Gateway) -> None:
    async with console(gateway, person_of(COORDINATOR)) as browser:
        page = await browser.get("/figures/?length=36-months")
    assert page.status_code == 200
    assert "No figures for this period" in page.text
    assert "<svg" not in page.text


async def test_the_file_holds_what_the_page_shows(gateway: Gateway) -> None:
    await gateway.take(gateway.step("contribution").arrival)
    async with console(gateway, person_of(COORDINATOR)) as browser:
        answer = await browser.get("/figures/figures.csv?length=12-months")
    assert answer.mimetype == "text/csv"
    lines = list(csv.DictReader(io.StringIO(answer.text)))
    assert {"part": "total", "name": "", "figure": "EXCHANGE", "count": "1"} in lines
    assert {each["part"] for each in lines} >= {"total", "from", "sent by", "to", "document", "purpose"}


async def test_a_choice_is_kept_from_page_to_page(gateway: Gateway) -> None:
    await gateway.take(gateway.step("contribution").arrival)
    await gateway.take(gateway.step("release-notice").arrival)
    async with console(gateway, person_of(COORDINATOR)) as browser:
        page = await browser.get("/figures/?length=28-days&document=ReleaseNotice")
        assert '<option value="ReleaseNotice" selected>' in page.text
        assert "Agency contribution" not in page.text
        assert "document=ReleaseNotice&amp;length=28-days&amp;to=" in page.text


@pytest.mark.parametrize(
    "query", ["length=x&to=yesterday", "to=9999-12-31", "to=0001-01-01", "length=52-weeks"]
)
async def test_an_address_that_makes_no_sense_shows_the_usual_period(gateway: Gateway, query: str) -> None:
    async with console(gateway, person_of(COORDINATOR)) as browser:
        assert (await browser.get(f"/figures/?{query}")).status_code == 200


async def test_an_officer_sees_what_the_own_organisation_sent_and_got(gateway: Gateway) -> None:
    await gateway.take(gateway.step("contribution").arrival)
    await gateway.take(gateway.step("release-notice").arrival)
    async with console(gateway, person_of(OFFICER)) as browser:
        page = await browser.get("/figures/")
        answer = await browser.get("/figures/figures.csv")
    assert "Exchanges that your organisation sent" in page.text
    assert "What came in" in page.text
    counts = {
        (each["part"], each["figure"]): each["count"] for each in csv.DictReader(io.StringIO(answer.text))
    }
    assert counts["total", "EXCHANGE"] == "1"


async def test_who_has_no_use_for_it_is_told_who_has(gateway: Gateway) -> None:
    async with console(gateway, person_of("Callum Tidewright")) as browser:
        page = await browser.get("/figures/")
    assert page.status_code == 403
    assert "Figures" not in page.text.partition("<main")[0]
