"""What an export of the register left in the disclosure log, as pages tell it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from publicprotection.common.v1.organisation_pb2 import MARKING_OFFICIAL_SENSITIVE
from publicprotection.exchange.v1.header_pb2 import Purpose
from publicprotection.oversight.v1.register_service_pb2 import ExportExchangesRequest, RegisterFilter

from gateway.app.oversight import RegisterView
from tests.support.acting import officer
from tests.support.console import Browser, person_of
from tests.support.gateway import Parties, open_gateway
from tests.support.watching import have_witnessed, put_in_order, watch

ASKED = RegisterFilter(
    organisations=["kent-police", "of-nobody"],
    document_types=["ReleaseNotice"],
    purposes=[Purpose.values()[1]],
    markings=[MARKING_OFFICIAL_SENSITIVE],
    rules=["Nobody-1"],
)


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    """At a gateway whose register was exported once."""
    async with open_gateway(Parties(), tmp_path) as gateway, watch(gateway) as watched:
        exported = RegisterView(gateway.store, gateway.tools).export(
            officer(), ExportExchangesRequest(filter=ASKED)
        )
        assert [piece async for piece in exported]
        await put_in_order(gateway)
        await have_witnessed(gateway)
        async with watched.console(person_of("Ola Brandt")) as opened:
            yield opened


async def test_the_record_says_in_words_what_the_file_was_narrowed_by(browser: Browser) -> None:
    page = await browser.get("/log/records/0")
    assert "Register exported" in page.text
    assert "Organisation: Kent and Medway Police, Unknown" in page.text
    assert "Document: Release notice" in page.text
    assert "Marking: OFFICIAL-SENSITIVE" in page.text
    assert "Rule: Unknown" in page.text
    assert "Area oversight" in page.text
    assert "of-nobody" not in page.text


async def test_it_stands_among_the_readings_with_who_took_it(browser: Browser) -> None:
    page = await browser.get("/readers/")
    assert "File of the exchange register: some" in page.text
    assert officer().require_person().name in page.text
