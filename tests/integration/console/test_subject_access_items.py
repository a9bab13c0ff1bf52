"""Items of a request in the console: side by side, decided, masked, shown for a reason."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from publicprotection.exchange.v1 import subject_access_case_pb2 as case_pb2

from services.kit.clock import FixedClock
from tests.integration.subject_access.test_journey import owners_answer
from tests.support.access_console import Desk, find_items, open_desk
from tests.support.access_pages import HERE, REASON, chosen, days, decide_all, page_of, send
from tests.support.gateway import NOW, TODAY, Parties


@pytest.fixture(scope="module")
def parties() -> Parties:
    return Parties(clock=FixedClock(NOW))


@pytest.fixture
async def desk(parties: Parties, tmp_path: Path) -> AsyncIterator[Desk]:
    parties.clock = FixedClock(NOW)
    async with open_desk(parties, tmp_path) as opened_desk:
        yield opened_desk


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
    assert "Enter why you need to see it" in await send(desk, at, {"reason": " "})
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
    assert "Choose at least one item" in await send(desk, f"{HERE}/{case_id}/items", {"action": "decide"})


async def test_items_are_decided_several_at_once_each_by_its_law(desk: Desk) -> None:
    case_id = await find_items(desk)
    undecided = [
        each.item_id
        for each in (await desk.case(case_id)).items
        if each.state == case_pb2.ACCESS_ITEM_STATE_UNDECIDED
    ]
    at = await chosen(desk, case_id, undecided[:2])
    text = await page_of(desk, at)
    assert "Decide 2 items" in text
    assert "DPA 2018 s.45(4)(b)" in text
    assert "Sch. 2 para. 19" not in text  # an exemption of another law is not offered
    missing = await send(desk, at, {"disposition": "WITHHOLD"})
    assert "Choose the exemption" in missing
    assert "Enter why the exemption applies" in missing
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


def _masked(case: case_pb2.AccessCase, item_id: str) -> str:
    return next(each.masked for each in case.items if each.item_id == item_id)
