"""Pages of subject access over the agency's real service, from the letter to the sent answer; refusals."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from publicprotection.exchange.v1 import subject_access_service_pb2 as pb2
from werkzeug.test import TestResponse

from services.kit.access.actor import Role
from services.kit.clock import FixedClock
from tests.integration.subject_access.test_journey import decide_texts, owners_answer
from tests.support.access_console import OFFICER, OWNER, WORKER, Desk, find_items, open_desk
from tests.support.console import BASE, person_of
from tests.support.gateway import NOW, TODAY, Parties
from tests.support.subject_access import RECEIVED, marlon

HERE = "/subject-access"
UNPROCESSABLE = 422
REASON = "It would tell him that his words were reported."
PARTS = (
    "", "/identity", "/identity/ask", "/clarification", "/extension", "/data", "/add", "/items", "/masks",
    "/answer", "/history",
)  # fmt: skip


@pytest.fixture(scope="module")
def parties() -> Parties:
    return Parties(clock=FixedClock(NOW))


@pytest.fixture
async def desk(parties: Parties, tmp_path: Path) -> AsyncIterator[Desk]:
    parties.clock = FixedClock(NOW)
    async with open_desk(parties, tmp_path) as opened:
        yield opened


def days(name: str, day: Any) -> dict[str, Any]:
    """The three numbers of a day, as a form sends them."""
    return {name: [str(day.day), str(day.month), str(day.year)]}


LETTER: dict[str, Any] = {
    "requester": "SUBJECT",
    "called": "LETTER",
    "words": "Send me what you said about me.",
    "given": "Marlon",
    "family": "Quillfeather",
    "system": "IDENTIFIER_SYSTEM_PRISON_NUMBER",
    "number": "A0417ZQ",
    "reply_to": "HMP Marlfield\nMerrowhythe",
    **days("born", TODAY.replace(year=1987)),
    **days("received_on", RECEIVED),
}


async def opened(desk: Desk, **changes: Any) -> str:
    """A case that was recorded through the page; its id."""
    await desk.browser.get(f"{HERE}/new")
    page = await desk.browser.post(f"{HERE}/new", LETTER | changes)
    assert page.status_code == 303, page.text
    return str(page.headers["Location"].rsplit("/", 1)[-1])


async def page_of(desk: Desk, path: str, status: int = 200) -> str:
    page = await desk.browser.get(path)
    assert page.status_code == status, page.text
    return str(page.text)


async def fetch(desk: Desk, path: str) -> TestResponse:
    """A file, as it is."""
    return await asyncio.to_thread(desk.browser.client.get, path, base_url=BASE)


async def send(desk: Desk, at: str, form: dict[str, Any], to: str = "") -> str:
    """Opens a page, sends its form, and gives where it leads; or what is wrong with it."""
    await page_of(desk, at)
    page = await desk.browser.post(to or at, form)
    return str(page.headers["Location"]) if page.status_code == 303 else str(page.text)


async def decide_all(desk: Desk, case_id: str) -> None:
    """Owners answer, and somebody decides what is left."""
    await owners_answer(desk.world)
    await decide_texts(desk.agency, case_id)


async def masked(desk: Desk, case_id: str) -> None:
    await desk.agency.call("MaskTexts", case_id=case_id)
    await desk.world.pump()


async def chosen(desk: Desk, case_id: str, items: list[str], action: str = "decide") -> str:
    """The page that choosing items leads to."""
    return await send(desk, f"{HERE}/{case_id}/items", {"item": items, "action": action})


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
    for said in ("Enter what the request says.", "Enter the family name", "Choose what they called it."):
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
    assert "Choose what kind of information it is." in await send(desk, at, form | {"kind": ""})
    assert await send(desk, at, form) == f"{HERE}/{case_id}/items"
    text = await page_of(desk, f"{HERE}/{case_id}/items")
    assert "He kept his appointment." in text


async def test_items_stand_side_by_side_and_others_are_hidden(desk: Desk) -> None:
    case_id = await find_items(desk)
    await owners_answer(desk.world)
    text = ""
    for state in ("given", "withheld", "undecided", "waiting", "all"):
        text += await page_of(desk, f"{HERE}/{case_id}/items?state={state}")
    assert "About somebody else: not shown" in text
    assert "Its owner says" in text
    assert "The rules propose" in text
    assert "Pennyroyal" not in re.sub(r"No contact with Orla Pennyroyal", "", text)
    await page_of(desk, f"{HERE}/{case_id}/items?state=nonsense", 404)
    listed = await desk.agency.call("ListCaseItems", case_id=case_id)
    source = listed.sources[0]
    assert source.title in await page_of(desk, f"{HERE}/{case_id}/items?source={source.exchange_id}")


async def test_many_items_are_read_page_by_page(desk: Desk) -> None:
    case_id = await find_items(desk)
    text = await page_of(desk, f"{HERE}/{case_id}/items")
    found = re.search(r'rel="next" href="([^"]+)"|href="([^"]+after=25[^"]*)"', text)
    assert found is not None
    second = await page_of(desk, (found[1] or found[2]).replace("&amp;", "&"))
    values = [set(re.findall(r'name="item" id="[^"]+" value="([^"]+)"', each)) for each in (text, second)]
    assert len(values[0]) == 25
    assert values[0].isdisjoint(values[1])


async def test_what_is_hidden_is_shown_for_a_reason_each_time_on_record(desk: Desk) -> None:
    case_id = await find_items(desk)
    hidden = [each.item_id for each in (await desk.case(case_id)).items if each.hidden]
    at = await chosen(desk, case_id, hidden, "reveal")
    assert "Enter why you need to see it." in await send(desk, at, {"reason": " "})
    shown = await send(desk, at, {"reason": "To weigh her rights."})
    assert "weigh" not in shown
    text = await page_of(desk, shown)
    assert "Pennyroyal" in text
    assert "To weigh her rights." in text
    events = [each.event for each in (await desk.case(case_id)).history]
    assert events.count("REVEALED") == 1
    assert "To weigh her rights." in await page_of(desk, f"{HERE}/{case_id}/history")


async def test_nothing_chosen_is_said_above_the_list(desk: Desk) -> None:
    case_id = await find_items(desk)
    assert "Choose at least one item." in await send(desk, f"{HERE}/{case_id}/items", {"action": "decide"})


async def test_items_are_decided_several_at_once_each_by_its_law(desk: Desk) -> None:
    case_id = await find_items(desk)
    undecided = [
        each.item_id
        for each in (await desk.case(case_id)).items
        if each.state == pb2.ACCESS_ITEM_STATE_UNDECIDED
    ]
    at = await chosen(desk, case_id, undecided[:2])
    text = await page_of(desk, at)
    assert "Decide 2 items" in text
    assert "DPA 2018 s.45(4)(b)" in text
    assert "Sch. 2 para. 19" not in text  # an exemption of another law is not offered
    missing = await send(desk, at, {"disposition": "WITHHOLD"})
    assert "Choose the exemption." in missing
    assert "Enter why the exemption applies." in missing
    too_much = {"disposition": "WITHHOLD", "law_enforcement": "S45_CRIME", "reason": REASON, "tell": "REASON"}
    refused = await send(desk, at, too_much)
    assert "may not be told that much" in refused
    assert REASON in refused
    back = await send(desk, at, too_much | {"tell": "NOTHING"})
    assert back == f"{HERE}/{case_id}/items?state=all"
    decided = {each.item_id: each for each in (await desk.case(case_id)).items}
    for item in undecided[:2]:
        assert decided[item].by_controller.exemption == "S45_CRIME"
        assert decided[item].by_controller.reason == REASON
    held = await page_of(desk, f"{HERE}/{case_id}/items?state=withheld")
    assert REASON in held
    assert "neither that we hold this nor that we do not" in held
    at = await chosen(desk, case_id, undecided[2:])
    await send(desk, at, {"disposition": "GIVE"})
    assert (await desk.case(case_id)).summary.counts.undecided == 0


async def test_what_is_about_others_is_given_only_when_their_rights_are_weighed(desk: Desk) -> None:
    case_id = await find_items(desk)
    await desk.agency.call(
        "AddItem",
        case_id=case_id,
        record="Notes",
        on={"year": 2026, "month": 11, "day": 2},
        label="Note",
        category="OTHER_NARRATIVE",
        text="His mother says that he may come home.",
        regime="GENERAL",
    )
    item = next(each.item_id for each in (await desk.case(case_id)).items if each.title == "Notes")
    at = await chosen(desk, case_id, [item])
    assert "say whether they agree" in await send(desk, at, {"disposition": "GIVE"})
    weighed = {"consent": "REFUSED", "reasonable": "no", "balance": "She fears him."}
    assert "withhold it" in await send(desk, at, {"disposition": "GIVE", **weighed})
    health = {"disposition": "WITHHOLD", "general": "SCH3_5_HEALTH", "reason": REASON}
    assert "Say whether giving it would be likely" in await send(desk, at, health)
    opinion = {"harm": "yes", "harm_of": "Consultant psychiatrist", "harm_reason": "Relapse."}
    assert "needs a professional opinion" in await send(desk, at, health | opinion)
    await send(desk, at, health | opinion | days("harm_on", TODAY))
    text = await page_of(desk, f"{HERE}/{case_id}/items?state=withheld&source=added.Notes")
    assert "in the opinion of Consultant psychiatrist of 23 November 2026" in text


async def test_a_mask_is_asked_for_widened_and_narrowed_for_a_reason(desk: Desk) -> None:
    case_id = await find_items(desk)
    await decide_all(desk, case_id)
    at = f"{HERE}/{case_id}/masks"
    assert "once everybody else is masked" in await page_of(desk, at)
    assert await send(desk, at, {}) == at
    assert "sent to the gateway" in await page_of(desk, at)
    await desk.world.pump()
    item = next(each for each in (await desk.case(case_id)).items if each.mask.proposed)
    spans = [f"{each.start}-{each.end}" for each in item.mask.proposed]
    one = f"{at}/{item.item_id}"
    assert "Orla Pennyroyal" in await page_of(desk, one)
    assert "stands nowhere in the text" in await send(desk, one, {"span": spans, "phrases": "Nobody here"})
    assert await send(desk, one, {"span": spans, "phrases": "directly"}) == at
    assert "directly" not in _masked(await desk.case(case_id), item.item_id)
    assert "Say why." in await send(desk, one, {"phrases": "directly"})
    assert await send(desk, one, {"reason": "She is the one he lives with."}) == at
    assert "Orla Pennyroyal" in _masked(await desk.case(case_id), item.item_id)
    assert "changed by us" in await page_of(desk, at)


def _masked(case: pb2.AccessCase, item_id: str) -> str:
    return next(each.masked for each in case.items if each.item_id == item_id)


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
    assert "Enter what must be looked at again." in await send(desk, f"{at}/answer", {}, f"{at}/return")
    assert await send(desk, f"{at}/answer", {"reason": "See 2."}, f"{at}/return") == at
    desk.turn_to(WORKER)
    await send(desk, f"{at}/answer", {}, f"{at}/prepare")
    desk.turn_to(OFFICER)
    assert await send(desk, f"{at}/preview", {}, f"{at}/approve") == f"{at}/answer"
    pack = await page_of(desk, f"{at}/pack")
    assert "Proven: ours, and unchanged" in pack
    sending = {"means": "POST", **days("issued_on", TODAY)}
    assert "Choose how you sent it." in await send(
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
    assert (await desk.case(case_id)).summary.state == pb2.ACCESS_CASE_STATE_PREPARED


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
        assert "Choose whether it may be given." in await send(prison, at, {})
        form: dict[str, Any] = {}
        for number, label in rows:
            form[f"disposition-{number}"] = "WITHHOLD" if label == "Intelligence" else "GIVE"
            if label == "Intelligence":
                form |= {f"exemption-{number}": "S45_CRIME", f"tell-{number}": "NOTHING"}
        assert "Enter why the exemption applies." in await send(prison, at, form)
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
