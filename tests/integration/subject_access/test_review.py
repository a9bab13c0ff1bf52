"""Reviewing a case: side by side, what is about others for a reason, masks, the preview, the issue."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from publicprotection.exchange.v1 import subject_access_case_pb2 as case_pb2
from publicprotection.exchange.v1 import subject_access_documents_pb2 as documents
from publicprotection.exchange.v1 import subject_access_result_pb2 as result
from publicprotection.exchange.v1 import subject_access_review_pb2 as review
from publicprotection.exchange.v1 import subject_access_service_pb2 as pb2

from services.kit.access.actor import Role
from services.kit.clock import FixedClock
from services.kit.evidence.derive import MARK
from services.kit.rpc.errors import InvalidRequestError, NotFoundError
from services.kit.subject_access.errors import AccessRefusedError, DecisionsRefusedError, FutureDayError
from services.kit.subject_access.publishing import UNMASKED
from tests.integration.subject_access.test_journey import answered, decide_texts, located, owners_answer
from tests.support.databases import NewDatabase
from tests.support.gateway import NOW, TODAY, Parties
from tests.support.subject_access import OFFICER, AccessWorld, Agency, day, marlon, open_access_world

GIVE = documents.ACCESS_DISPOSITION_GIVE


@pytest.fixture(scope="module")
def parties() -> Parties:
    return Parties(clock=FixedClock(NOW))


@pytest.fixture
async def world(parties: Parties, tmp_path: Path, databases: NewDatabase) -> AsyncIterator[AccessWorld]:
    parties.clock = FixedClock(NOW)
    async with open_access_world(parties, tmp_path, databases=databases) as opened:
        yield opened


async def items(agency: Agency, case_id: str, **fields: Any) -> list[case_pb2.AccessItem]:
    """Every item, page by page."""
    found: list[case_pb2.AccessItem] = []
    token = ""
    while True:
        page = await agency.call("ListCaseItems", case_id=case_id, page_token=token, page_size=7, **fields)
        found += page.items
        token = page.next_page_token
        if not token:
            assert page.total == len(found)
            return found


async def decided(world: AccessWorld) -> tuple[Agency, str]:
    """A case in which everything is decided and nothing is masked."""
    probation, case_id = await located(world)
    await owners_answer(world)
    await decide_texts(probation, case_id)
    return probation, case_id


async def test_pages_hold_every_item_once_and_a_case_needs_none(world: AccessWorld) -> None:
    probation, case_id = await located(world)
    case = await probation.case(case_id)
    listed = await items(probation, case_id)
    assert {each.item_id for each in listed} == {each.item_id for each in case.items}
    assert len(listed) == len(case.items) == case.summary.counts.items
    without = (await probation.call("GetCase", case_id=case_id, without_items=True)).case
    assert list(without.items) == []
    assert sum(each.counts.items for each in without.sources) == len(listed)
    first = without.sources[0]
    of_one = await items(probation, case_id, exchange_id=first.exchange_id)
    assert len(of_one) == first.counts.items
    waiting = await items(probation, case_id, states=[case_pb2.ACCESS_ITEM_STATE_UNDECIDED])
    assert len(waiting) == case.summary.counts.undecided
    with pytest.raises(InvalidRequestError):
        await probation.call("ListCaseItems", case_id=case_id, page_token="x")


async def test_beside_each_item_stands_what_the_person_would_get(world: AccessWorld) -> None:
    probation, case_id = await decided(world)
    by_path = {each.path: each for each in await items(probation, case_id)}
    assert by_path["document.release_date"].gets == review.ACCESS_GETS_TEXT
    words = by_path["document.intelligence"]
    assert (words.gets, words.gets_text) == (review.ACCESS_GETS_CATEGORY, "Withheld.")
    assert words.by_owner.exemption == "S45_CRIME"
    assert words.asked.answered
    assert by_path["document.proposed_actions"].gets == review.ACCESS_GETS_NOTHING
    unmasked = [each for each in by_path.values() if each.gets == review.ACCESS_GETS_UNMASKED]
    await probation.call("MaskTexts", case_id=case_id)
    await world.pump()
    after = {each.path: each for each in await items(probation, case_id, texts=True)}
    for each in unmasked:
        assert after[each.path].gets == review.ACCESS_GETS_TEXT
        assert after[each.path].gets_text == after[each.path].masked


async def test_what_is_about_others_is_shown_for_a_reason_that_goes_on_record(world: AccessWorld) -> None:
    probation, case_id = await located(world)
    hidden = [each for each in await items(probation, case_id) if each.hidden]
    assert {each.value for each in hidden} == {'""'}
    assert any(each.category.startswith("VICTIM_") for each in hidden)
    chosen = [each.item_id for each in hidden[:2]]
    shown = await probation.call(
        "RevealItems", case_id=case_id, item_ids=chosen, reason="To weigh her rights."
    )
    assert [each.item_id for each in shown.items] == chosen
    assert all(json.loads(each.value) for each in shown.items)
    noted = (await probation.case(case_id)).history[-2]
    assert noted.event == "REVEALED"
    assert json.loads(noted.detail) == {"items": chosen, "reason": "To weigh her rights."}
    with pytest.raises(NotFoundError):
        await probation.call("RevealItems", case_id=case_id, item_ids=["none"], reason="Why not?")


async def test_what_is_about_somebody_else_is_given_only_when_their_rights_were_weighed(
    world: AccessWorld,
) -> None:
    probation, case_id = await located(world)
    added = await probation.call(
        "AddItem",
        case_id=case_id,
        record="Supervision notes",
        on=day(TODAY),
        label="Note",
        category="OTHER_NARRATIVE",
        text="His mother says that he may come home.",
        regime="LAW_ENFORCEMENT",
    )
    theirs = next(each for each in await items(probation, case_id) if each.item_id == added.item_id)
    assert theirs.hidden
    plain = pb2.ItemDecision(item_id=theirs.item_id, disposition=GIVE)
    with pytest.raises(DecisionsRefusedError) as refused:
        await probation.call("DecideItems", case_id=case_id, decisions=[plain])
    assert refused.value.violations[0].advice == "THIRD_PARTY_NOT_WEIGHED"
    plain.third_party.consent = review.THIRD_PARTY_CONSENT_GIVEN
    plain.third_party.reason = "She wrote that he may have it."
    await probation.call("DecideItems", case_id=case_id, decisions=[plain])
    after = next(each for each in await items(probation, case_id) if each.item_id == theirs.item_id)
    assert after.state == case_pb2.ACCESS_ITEM_STATE_GIVEN
    assert after.third_party == plain.third_party


async def masked_text(agency: Agency, case_id: str) -> case_pb2.AccessItem:
    """A text in which something is masked."""
    return next(each for each in await items(agency, case_id, texts=True) if each.mask.proposed)


async def test_a_mask_is_widened_freely_and_narrowed_for_a_reason(world: AccessWorld) -> None:
    probation, case_id = await decided(world)
    await probation.call("MaskTexts", case_id=case_id)
    await world.pump()
    item = await masked_text(probation, case_id)
    text = json.loads(item.value)
    assert item.mask.spans == item.mask.proposed
    wider = [*item.mask.proposed, result.TextSpan(start=0, end=2)]
    answer = await probation.call("AmendMask", case_id=case_id, item_id=item.item_id, spans=wider)
    assert answer.item.masked.startswith(MARK)
    assert answer.item.mask.changed
    with pytest.raises(DecisionsRefusedError) as refused:
        await probation.call("AmendMask", case_id=case_id, item_id=item.item_id)
    assert refused.value.violations[0].advice == "REASON_MISSING"
    outside = [result.TextSpan(start=0, end=len(text) + 1)]
    with pytest.raises(DecisionsRefusedError):
        await probation.call("AmendMask", case_id=case_id, item_id=item.item_id, spans=outside)
    shown = await probation.call(
        "AmendMask", case_id=case_id, item_id=item.item_id, reason="It is his own town."
    )
    assert shown.item.gets_text == text
    assert (await probation.case(case_id)).history[-2].event == "MASK_AMENDED"


async def test_a_text_that_was_not_masked_has_no_mask_to_change(world: AccessWorld) -> None:
    probation, case_id = await decided(world)
    item = (await items(probation, case_id, texts=True))[0]
    with pytest.raises(AccessRefusedError) as refused:
        await probation.call("AmendMask", case_id=case_id, item_id=item.item_id)
    assert refused.value.codes == {"obstacle": "NOT_MASKED"}


async def test_whoever_changed_a_mask_does_not_approve(world: AccessWorld) -> None:
    probation, case_id = await decided(world)
    await probation.call("MaskTexts", case_id=case_id)
    await world.pump()
    item = await masked_text(probation, case_id)
    officer = Role.DATA_PROTECTION_OFFICER
    spans = [*item.mask.proposed, result.TextSpan(start=0, end=1)]
    await probation.call("AmendMask", officer, OFFICER, case_id=case_id, item_id=item.item_id, spans=spans)
    await probation.call("PrepareResponse", case_id=case_id)
    with pytest.raises(AccessRefusedError) as refused:
        await probation.call("ApproveResponse", officer, OFFICER, case_id=case_id)
    assert refused.value.codes == {"obstacle": "PREPARED_BY_SAME_PERSON"}


async def test_a_preview_says_what_would_be_sent_and_is_no_answer(world: AccessWorld) -> None:
    probation, case_id = await decided(world)
    early = await probation.call("PreviewResponse", case_id=case_id)
    assert UNMASKED in early.json.decode()
    assert "Orla" not in early.json.decode()
    await probation.call("MaskTexts", case_id=case_id)
    await world.pump()
    shown = await probation.call("PreviewResponse", case_id=case_id)
    file, pdf = await answered(world, probation, case_id)
    assert json.loads(shown.json) == file["pack"]
    assert shown.pdf.startswith(b"%PDF-")
    assert shown.pdf != pdf


async def test_nothing_is_previewed_before_anything_is_gathered(world: AccessWorld) -> None:
    probation = world.of("PROBATION")
    case_id = await probation.open(marlon())
    with pytest.raises(AccessRefusedError) as refused:
        await probation.call("PreviewResponse", case_id=case_id)
    assert refused.value.codes == {"obstacle": "NOT_COLLECTED"}


async def test_the_time_ends_when_the_pack_is_sent(world: AccessWorld) -> None:
    probation, case_id = await decided(world)
    fields: dict[str, Any] = {"case_id": case_id, "means": review.ACCESS_MEANS_POST}
    with pytest.raises(AccessRefusedError) as refused:
        await probation.call("IssueResponse", issued_on=day(TODAY), **fields)
    assert refused.value.codes == {"obstacle": "NOT_APPROVED"}
    await answered(world, probation, case_id)
    with pytest.raises(FutureDayError):
        await probation.call("IssueResponse", issued_on=day(TODAY + timedelta(days=1)), **fields)
    with pytest.raises(AccessRefusedError) as refused:
        await probation.call("IssueResponse", issued_on=day(TODAY - timedelta(days=1)), **fields)
    assert refused.value.codes == {"obstacle": "BEFORE_APPROVAL"}
    assert [each.case_id for each in (await probation.call("ListCases")).cases] == [case_id]
    world.parties.clock.advance(timedelta(days=60))
    late = (await probation.call("ListCases")).cases[0]
    assert late.clock.overdue
    assert late.clock.days_left < 0
    sent = await probation.call("IssueResponse", issued_on=day(TODAY + timedelta(days=60)), **fields)
    assert (sent.summary.state, sent.summary.clock.overdue) == (case_pb2.ACCESS_CASE_STATE_ISSUED, False)
    assert list((await probation.call("ListCases")).cases) == []
    with pytest.raises(AccessRefusedError):
        await probation.call("IssueResponse", issued_on=day(TODAY + timedelta(days=60)), **fields)
    assert (await probation.case(case_id)).letter.means == review.ACCESS_MEANS_POST


async def test_issued_cases_are_listed_page_by_page_newest_first(world: AccessWorld) -> None:
    dwp = world.of("DWP")
    opened = []
    for _ in range(3):
        case_id = await dwp.open(marlon())
        opened.append(case_id)
        await dwp.establish(case_id)
        await dwp.call("LocateData", case_id=case_id)
        await world.pump()
        await dwp.call("CollectItems", case_id=case_id)
        await answered(world, dwp, case_id)
        await dwp.call("IssueResponse", case_id=case_id, issued_on=day(TODAY), means=review.ACCESS_MEANS_POST)
    first = await dwp.call("ListCases", only_issued=True, page_size=2)
    rest = await dwp.call("ListCases", only_issued=True, page_size=2, page_token=first.next_page_token)
    assert [each.case_id for each in (*first.cases, *rest.cases)] == opened[::-1]
    with pytest.raises(InvalidRequestError):
        await dwp.call("ListCases", page_token="x")


async def test_the_queue_tells_how_each_case_stands(world: AccessWorld) -> None:
    probation, case_id = await located(world)
    waiting = await probation.open(marlon())
    await probation.call("AskIdentity", case_id=waiting, reason="No number.")
    world.parties.clock.advance(timedelta(days=26))
    running, still = (await probation.call("ListCases")).cases
    assert (running.case_id, running.located, running.collected) == (case_id, True, True)
    assert running.clock.reminders_due == 2
    assert running.clock.days_left == 3
    assert "ITEM_UNDECIDED" in running.open_points
    assert running.counts.items == len((await probation.case(case_id)).items)
    assert still.clock.stands_still_for == "IDENTITY"
    assert still.clock.stands_still_since == day(TODAY)


async def test_a_reading_is_noted_once_while_somebody_goes_from_page_to_page(world: AccessWorld) -> None:
    probation, case_id = await located(world)

    async def readings() -> int:
        return sum(each.event == "READ" for each in (await probation.case(case_id)).history)

    before = await readings()
    await items(probation, case_id)
    assert await readings() == before
    world.parties.clock.advance(timedelta(minutes=6))
    assert await readings() == before + 1
    await probation.call("GetCase", Role.DATA_PROTECTION_OFFICER, OFFICER, case_id=case_id)
    assert await readings() == before + 3


async def test_the_rules_are_those_that_the_service_goes_by(world: AccessWorld) -> None:
    rules = await world.of("DWP").call("GetAccessRules")
    health = next(each for each in rules.exemptions if each.code == "SCH3_5_HEALTH")
    assert (health.regime, health.test, health.paragraph) == (
        "GENERAL",
        "SERIOUS_HARM",
        "DPA 2018 Sch. 3 para. 5",
    )
    assert {each.requester for each in rules.evidence} == {1, 2, 3}
