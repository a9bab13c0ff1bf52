"""Answers in the console: prepared, previewed, approved by another, sent, proven."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from publicprotection.exchange.v1 import subject_access_case_pb2 as case_pb2

from services.kit.access.actor import Role
from services.kit.clock import FixedClock
from tests.support.access_console import OFFICER, WORKER, Desk, find_items, open_desk
from tests.support.access_pages import HERE, PARTS, days, decide_all, fetch, masked, page_of, send
from tests.support.gateway import NOW, TODAY, Parties


@pytest.fixture(scope="module")
def parties() -> Parties:
    return Parties(clock=FixedClock(NOW))


@pytest.fixture
async def desk(parties: Parties, tmp_path: Path) -> AsyncIterator[Desk]:
    parties.clock = FixedClock(NOW)
    async with open_desk(parties, tmp_path) as opened_desk:
        yield opened_desk


async def test_the_answer_is_prepared_previewed_approved_by_another_sent_and_proven(desk: Desk) -> None:
    case_id = await find_items(desk)
    at = f"{HERE}/{case_id}"
    assert "There are items to be decided." in await page_of(desk, f"{at}/answer")
    await send(desk, f"{at}/answer", {}, f"{at}/prepare")
    assert "There are items to be decided." in await page_of(desk, f"{at}/answer")
    await decide_all(desk, case_id)
    assert "[This text is not masked yet.]" in await page_of(desk, f"{at}/preview")
    await masked(desk, case_id)
    await send(desk, f"{at}/answer", {}, f"{at}/prepare")
    text = await page_of(desk, f"{at}/preview")
    assert "Your request for your personal data" in text
    assert "Approve and sign" not in text  # a supervisor
    desk.turn_to(OFFICER)
    text = await page_of(desk, f"{at}/preview")
    assert "Approve and sign" in text
    assert "Pennyroyal" not in text
    assert "Enter what must be looked at again" in await send(desk, f"{at}/answer", {}, f"{at}/return")
    assert await send(desk, f"{at}/answer", {"reason": "See 2."}, f"{at}/return") == at
    desk.turn_to(WORKER)
    await send(desk, f"{at}/answer", {}, f"{at}/prepare")
    desk.turn_to(OFFICER)
    assert await send(desk, f"{at}/preview", {}, f"{at}/approve") == f"{at}/answer"
    pack = await page_of(desk, f"{at}/pack")
    assert "Proven: ours, and unchanged" in pack
    sending = {"means": "POST", **days("issued_on", TODAY)}
    assert "Choose how you sent it" in await send(
        desk, f"{at}/answer", days("issued_on", TODAY), f"{at}/issue"
    )
    assert await send(desk, f"{at}/answer", sending, f"{at}/issue") == f"{at}/answer"
    assert case_id[:8] in await page_of(desk, f"{HERE}/answered")
    assert case_id[:8] not in await page_of(desk, f"{HERE}/")
    assert "By post, to be signed for" in await page_of(desk, at)


async def test_the_files_are_what_was_approved_and_are_kept_by_nobody(desk: Desk) -> None:
    case_id = await find_items(desk)
    await decide_all(desk, case_id)
    await masked(desk, case_id)
    at = f"{HERE}/{case_id}"
    preview = await fetch(desk, f"{at}/preview.pdf")
    assert preview.data.startswith(b"%PDF-")
    await page_of(desk, f"{at}/pack", 404)
    await desk.agency.call("PrepareResponse", case_id=case_id)
    await desk.agency.call("ApproveResponse", Role.DATA_PROTECTION_OFFICER, OFFICER, case_id=case_id)
    pdf, file = [await fetch(desk, f"{at}/pack.{kind}") for kind in ("pdf", "json")]
    made = await desk.agency.call("GetResponsePack", case_id=case_id)
    assert (pdf.data, file.data) == (made.pdf, made.json)
    assert json.loads(file.data)["pack"]["reference"] == case_id
    for each in (preview, pdf, file):
        assert each.headers["Cache-Control"] == "no-store"
        assert "Quillfeather" not in each.headers["Content-Disposition"]


async def test_a_pack_that_does_not_verify_says_so(desk: Desk, parties: Parties) -> None:
    case_id = await find_items(desk)
    await decide_all(desk, case_id)
    await masked(desk, case_id)
    await desk.agency.call("PrepareResponse", case_id=case_id)
    await desk.agency.call("ApproveResponse", Role.DATA_PROTECTION_OFFICER, OFFICER, case_id=case_id)
    parties.clock.advance(timedelta(days=3650))
    assert "Not proven" in await page_of(desk, f"{HERE}/{case_id}/pack")


async def test_whoever_prepared_it_is_told_why_they_may_not_approve(desk: Desk) -> None:
    case_id = await find_items(desk)
    await decide_all(desk, case_id)
    await masked(desk, case_id)
    desk.turn_to(OFFICER)
    at = f"{HERE}/{case_id}"
    await send(desk, f"{at}/answer", {}, f"{at}/prepare")
    await send(desk, f"{at}/preview", {}, f"{at}/approve")
    assert "Another officer must approve it." in await page_of(desk, f"{at}/answer")
    assert (await desk.case(case_id)).summary.state == case_pb2.ACCESS_CASE_STATE_PREPARED


async def test_an_answered_request_shows_every_part_and_nothing_to_change(desk: Desk) -> None:
    case_id = await find_items(desk)
    await decide_all(desk, case_id)
    await masked(desk, case_id)
    await desk.agency.call("PrepareResponse", case_id=case_id)
    await desk.agency.call("ApproveResponse", Role.DATA_PROTECTION_OFFICER, OFFICER, case_id=case_id)
    for part in PARTS:
        await page_of(desk, f"{HERE}/{case_id}{part}")
    text = await send(desk, f"{HERE}/{case_id}/clarification", {"reason": "Which?"})
    assert "This request is answered." in text
    assert 'name="item"' not in await page_of(desk, f"{HERE}/{case_id}/items")
