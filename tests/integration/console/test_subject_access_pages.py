"""Pages of subject access over the agency's real service: the queue, a request, enquiries; refusals."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.kit.clock import FixedClock
from tests.support.access_console import OWNER, Desk, find_items, open_desk
from tests.support.access_pages import HERE, LETTER, PARTS, REASON, days, opened, page_of, send
from tests.support.console import person_of
from tests.support.gateway import NOW, TODAY, Parties
from tests.support.subject_access import RECEIVED, marlon


@pytest.fixture(scope="module")
def parties() -> Parties:
    return Parties(clock=FixedClock(NOW))


@pytest.fixture
async def desk(parties: Parties, tmp_path: Path) -> AsyncIterator[Desk]:
    parties.clock = FixedClock(NOW)
    async with open_desk(parties, tmp_path) as opened_desk:
        yield opened_desk


async def test_with_nothing_to_do_the_queue_says_what_would_appear(desk: Desk) -> None:
    for path in ("/", "/answered", "/enquiries", "/enquiries?show=answered"):
        assert "appears here when" in await page_of(desk, HERE + path)


async def test_a_letter_opens_a_case_and_nothing_of_it_stands_in_an_address(desk: Desk) -> None:
    case_id = await opened(desk)
    text = await page_of(desk, f"{HERE}/{case_id}")
    assert "Marlon Quillfeather" in text
    assert "Send me what you said about me." in text
    assert "22 December 2026" in text
    assert "Next: establish who asks" in text
    assert re.findall(r"(?:href|action)=\"[^\"]*(?:Quillfeather|A0417ZQ)", text) == []
    assert "<title>Request" in text


async def test_a_letter_that_lacks_something_is_shown_again_with_what_was_entered(desk: Desk) -> None:
    text = await send(desk, f"{HERE}/new", LETTER | {"words": "", "family": "", "called": ""})
    assert "There is a problem" in text
    for said in ("Enter what the request says", "Enter the family name", "Choose what they called it"):
        assert said in text
    assert 'value="Marlon"' in text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"requester": "OTHER"}, "This is no subject access"),
        ({"called": "ABBREVIATION"}, "safeguarding adult review"),
        (days("received_on", TODAY + timedelta(days=1)), "The day must be today or in the past."),
        ({"received_on": ["31", "2", "2026"]}, "Enter a real day"),
    ],
)
async def test_what_is_no_subject_access_is_refused_in_words(
    desk: Desk, changes: dict[str, Any], said: str
) -> None:
    assert said in await send(desk, f"{HERE}/new", LETTER | changes)


async def test_the_same_letter_sent_twice_opens_one_case(desk: Desk) -> None:
    text = await page_of(desk, f"{HERE}/new")
    found = re.search(r'name="request_id" value="([^"]+)"', text)
    assert found is not None
    for _ in range(2):
        await desk.browser.post(f"{HERE}/new", LETTER | {"request_id": found[1]})
    assert len((await desk.agency.call("ListCases")).cases) == 1


async def test_the_most_urgent_request_stands_first(desk: Desk) -> None:
    still = await opened(desk)
    late = await opened(desk, **days("received_on", RECEIVED - timedelta(days=40)))
    soon = await opened(desk, **days("received_on", RECEIVED - timedelta(days=26)))
    await desk.agency.call("AskIdentity", case_id=still, reason="No number.")
    text = await page_of(desk, f"{HERE}/")
    assert [text.index(each[:8]) for each in (late, soon, still)] == sorted(
        text.index(each[:8]) for each in (late, soon, still)
    )
    assert "Overdue by 10 days" in text
    assert "4 days left" in text
    assert "Reminder 2 of 2 reached" in text
    assert "waiting to hear who asks since 23 November 2026" in text
    assert "Quillfeather" not in text


async def test_the_clock_stops_and_runs_again(desk: Desk) -> None:
    case_id = await opened(desk)
    at = f"{HERE}/{case_id}"
    assert await send(desk, f"{at}/identity/ask", {"reason": "No number."}) == at
    assert "Clock stopped" in await page_of(desk, at)
    evidence = {"evidence": ["PHOTOGRAPHIC_DOCUMENT"], **days("received_on", TODAY)}
    assert await send(desk, f"{at}/identity", evidence) == at
    assert "23 December 2026" in await page_of(desk, at)
    assert await send(desk, f"{at}/clarification", {"reason": "Which years?"}) == at
    assert "waiting to hear what is meant" in await page_of(desk, at)
    assert await send(desk, f"{at}/clarification", days("received_on", TODAY)) == at
    extension = {"ground": "COMPLEXITY", "reason": "Nine years of records.", **days("told_on", TODAY)}
    assert await send(desk, f"{at}/extension", extension) == at
    assert "23 February 2027" in await page_of(desk, at)
    assert "It can be extended once" in await send(desk, f"{at}/extension", extension)


async def test_evidence_that_is_not_enough_is_refused_beside_what_is(desk: Desk) -> None:
    case_id = await opened(desk, requester="REPRESENTATIVE", representative="Alder and Finch")
    form = {"evidence": ["PROOF_OF_ADDRESS"], **days("received_on", TODAY)}
    text = await send(desk, f"{HERE}/{case_id}/identity", form)
    assert "This evidence does not show that they may ask." in text
    assert "signed authority of the person" in text


async def test_data_is_located_gathered_and_its_owners_asked(desk: Desk) -> None:
    await desk.world.send_step("release-notice")
    case_id = await opened(desk)
    await desk.agency.establish(case_id)
    at = f"{HERE}/{case_id}/data"
    assert await send(desk, at, {}, f"{HERE}/{case_id}/locate") == at
    assert "Its answer comes within a minute" in await page_of(desk, at)
    await desk.world.pump()
    assert "Release notice" in await page_of(desk, at)
    assert await send(desk, at, {}, f"{HERE}/{case_id}/collect") == at
    text = await page_of(desk, at)
    assert "Asked for their own: Marlfield prison." in text
    assert "Owners that were asked" in text


async def test_before_it_is_known_who_asks_nothing_is_searched(desk: Desk) -> None:
    case_id = await opened(desk)
    at = f"{HERE}/{case_id}/data"
    assert "Nothing is searched yet" in await page_of(desk, at)
    await send(desk, at, {}, f"{HERE}/{case_id}/locate")
    assert "It is not established who asks." in await page_of(desk, at)


async def test_an_item_from_another_system_is_added(desk: Desk) -> None:
    case_id = await opened(desk)
    await desk.agency.establish(case_id)
    at = f"{HERE}/{case_id}/add"
    form = {
        "record": "Supervision notes",
        "label": "Note",
        "about": "SUBJECT",
        "kind": "NARRATIVE",
        "text": "He kept his appointment.",
        "regime": "LAW_ENFORCEMENT",
        **days("on", TODAY),
    }
    assert "Choose what kind of information it is" in await send(desk, at, form | {"kind": ""})
    assert await send(desk, at, form) == f"{HERE}/{case_id}/items"
    text = await page_of(desk, f"{HERE}/{case_id}/items")
    assert "He kept his appointment." in text


async def test_an_owner_answers_an_enquiry_item_by_item(parties: Parties, tmp_path: Path) -> None:
    parties.clock = FixedClock(NOW)
    async with open_desk(parties, tmp_path, OWNER) as prison:
        probation = prison.world.of("PROBATION")
        case_id = await find_items(Desk(prison.world, probation, prison.browser))
        text = await page_of(prison, f"{HERE}/enquiries")
        assert "10 days left" in text
        found = re.search(rf"{HERE}/enquiries/[0-9a-f]+", text)
        assert found is not None
        at = found[0]
        rows = re.findall(r"<h2[^>]*id=\"row-(\d+)\">([^<]+)<", await page_of(prison, at))
        assert "Choose whether it may be given" in await send(prison, at, {})
        form: dict[str, Any] = {}
        for number, label in rows:
            form[f"disposition-{number}"] = "WITHHOLD" if label == "Intelligence" else "GIVE"
            if label == "Intelligence":
                form |= {f"exemption-{number}": "S45_CRIME", f"tell-{number}": "NOTHING"}
        assert "Enter why the exemption applies" in await send(prison, at, form)
        number = next(number for number, label in rows if label == "Intelligence")
        assert await send(prison, at, form | {f"reason-{number}": REASON}) == f"{HERE}/enquiries"
        await prison.world.pump()
        items = (await probation.case(case_id)).items
        said = next(each.by_owner for each in items if each.path == "document.intelligence")
        assert said.reason == REASON
        assert "You answered this enquiry." in await page_of(prison, at)


async def test_whoever_may_not_is_told_so_and_learns_nothing(desk: Desk) -> None:
    case_id = await desk.agency.open(marlon())
    desk.browser.sign_in(person_of("Callum Tidewright"))  # a practitioner
    for path in (f"{HERE}/", f"{HERE}/{case_id}", f"{HERE}/{case_id}/items"):
        text = await page_of(desk, path, 403)
        assert "Quillfeather" not in text


async def test_what_is_not_there_is_not_found(desk: Desk) -> None:
    for part in PARTS:
        await page_of(desk, f"{HERE}/{'0' * 32}{part}", 404)
    case_id = await find_items(desk)
    await page_of(desk, f"{HERE}/{case_id}/decide/none", 404)
    await page_of(desk, f"{HERE}/{case_id}/masks/none", 404)


async def test_a_form_without_its_token_changes_nothing(desk: Desk) -> None:
    case_id = await find_items(desk)
    desk.browser.last = ""
    page = await desk.browser.post(f"{HERE}/{case_id}/prepare", {"csrf_token": "forged"})
    assert page.status_code == 400
