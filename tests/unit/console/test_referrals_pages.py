"""The referral inbox as pages: ten days, a decision that is sent for real, and what is linked to it."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from publicprotection.exchange.v1.inbox_service_pb2 import ListDeliveriesRequest

from tests.support.clocks import Exchanging, rule_all
from tests.support.console import Browser, person_of
from tests.support.gateway import Parties, Sealed, open_gateway
from tests.support.working_day import WorkingDay, work_together

COORDINATOR, SERGEANT = "Beatrix Holloway-Ash", "Hester Quenby"
UNIT, PROBATION = "kent-mappa-unit", "kent-probation"
REFUSED = {"accepted": "no", "reasons": "Level 1 is enough.", "category": "3"}
ACCEPTED = {"accepted": "yes", "level": "2", "category": "3", "meeting": ["15", "12", "2026"]}
ANSWER = {"desk": "sentence-management", "necessity": "They referred him."}


@pytest.fixture
async def day(tmp_path: Path) -> AsyncIterator[WorkingDay]:
    async with (
        open_gateway(Parties(), tmp_path, decide_by=rule_all()) as gateway,
        work_together(gateway, tmp_path, UNIT, "kent-police", PROBATION) as opened,
    ):
        yield opened


@pytest.fixture
async def exchanging(day: WorkingDay) -> Exchanging:
    return Exchanging(day.gateway)


async def refer(day: WorkingDay, exchanging: Exchanging) -> Sealed:
    """A referral that the unit's service has received."""
    sealed = await exchanging.send("LevelReferral", "PROBATION", "MAPPA_COORDINATION_UNIT")
    await day.carry()
    return sealed


@pytest.fixture
async def referral(day: WorkingDay, exchanging: Exchanging) -> str:
    return (await refer(day, exchanging)).exchange_id


async def test_a_referral_waits_with_its_ten_days(
    day: WorkingDay, exchanging: Exchanging, referral: str
) -> None:
    async with day.console(person_of(COORDINATOR)) as browser:
        text = (await browser.get("/referrals/")).text
        assert f"/referrals/{referral}" in text
        assert "Running" in text
        due = (await exchanging.clocks(referral))["MAPPA_REFERRAL_DECISION"].due_at
        assert due is not None
        await exchanging.after(due)
        await day.carry()
        assert "Overdue" in (await browser.get("/referrals/")).text
        page = (await browser.get(f"/referrals/{referral}")).text
        for words in (
            "Decide this referral",
            "Read the referral",
            "Level referral received",
            "only referral",
        ):
            assert words in page, words


async def test_a_unit_without_referrals_reads_what_would_be_here(day: WorkingDay) -> None:
    async with day.console(person_of(COORDINATOR)) as browser:
        assert "No referral waits" in (await browser.get("/referrals/")).text
        assert "No referral has been decided yet" in (await browser.get("/referrals/?show=decided")).text
        assert (await browser.get("/referrals/nothing")).status_code == 404


async def test_nobody_else_has_an_inbox_of_referrals(day: WorkingDay, referral: str) -> None:
    async with day.console(person_of(SERGEANT)) as browser:
        assert "/referrals/" not in (await browser.get("/holds/ours")).text
        assert (await browser.get(f"/referrals/{referral}")).status_code in {403, 404}
        assert (await browser.get(f"/referrals/{referral}/decide")).status_code in {403, 404}


async def decide(browser: Browser, referral: str, decision: dict[str, Any]) -> Any:
    shown = await browser.get(f"/referrals/{referral}/decide")
    assert shown.status_code == 200
    found = re.search(r'name="request_id"[^>]*value="([^"]+)"', shown.text)
    assert found
    return await browser.post(f"/referrals/{referral}/decide", {**ANSWER, **decision, "request_id": found[1]})


GAPS: list[tuple[dict[str, Any], str]] = [
    ({"accepted": ""}, "Say whether the referral is accepted"),
    ({"level": ""}, "Give the level"),
    ({"meeting": ["", "", ""]}, "Give the day of the meeting"),
    ({"meeting": ["31", "2", "2027"]}, "Enter a real day"),
    ({"accepted": "no"}, "Give the reasons for refusing the referral"),
    ({"necessity": " "}, "Say why they need this answer"),
    ({"desk": "elsewhere"}, "Not a valid choice"),
]


async def test_a_decision_with_gaps_is_not_sent(day: WorkingDay, referral: str) -> None:
    async with day.console(person_of(COORDINATOR)) as browser:
        for changes, said in GAPS:
            answer = await decide(browser, referral, ACCEPTED | changes)
            assert answer.status_code == 422, changes
            assert said in answer.text
            assert "Added value" in answer.text
        await day.carry()
        assert "Running" in (await browser.get(f"/referrals/{referral}")).text


@pytest.mark.parametrize(
    ("decision", "outcome", "words"),
    [(REFUSED, "Refused", "Level 1 is enough."), (ACCEPTED, "Accepted", "15 December 2026")],
)
async def test_a_decision_ends_the_ten_days_and_is_read_again_for_a_reason(
    day: WorkingDay, referral: str, decision: dict[str, Any], outcome: str, words: str
) -> None:
    async with day.console(person_of(COORDINATOR)) as browser:
        sent = await decide(browser, referral, decision)
        assert (sent.status_code, sent.location) == (303, f"/referrals/{referral}")
        await day.carry()
        page = (await browser.get(f"/referrals/{referral}")).text
        assert "In time" in page
        assert "Decide this referral" not in page
        late = await browser.get(f"/referrals/{referral}/decide")
        assert (late.status_code, late.location) == (303, f"/referrals/{referral}")
        assert "This referral was decided before" in (await browser.get(late.location)).text
        assert referral in (await browser.get("/referrals/?show=decided")).text
        found = re.search(rf'href="(/referrals/{referral}/decision/[^"]+)"', page)
        assert found
        await browser.get(found[1])
        assert (await browser.post(found[1], {"reason": ""})).status_code == 422
        asked = await browser.post(found[1], {"reason": "Probation rang about it."})
        assert asked.status_code == 303
        read = (await browser.get(asked.location)).text
        assert outcome in read
        assert words in read
    [arrived] = await deliveries(day, "LevelReferralDecision")
    assert arrived == referral


async def deliveries(day: WorkingDay, document: str) -> list[str]:
    """What the deliveries of a document at probation answer."""
    inbox = day.members[PROBATION].inbox_service
    found = await inbox.ListDeliveries(ListDeliveriesRequest(), None)  # type: ignore[arg-type]
    return [each.in_reply_to for each in found.deliveries if each.document_type == document]


async def test_a_person_referred_again_is_linked(
    day: WorkingDay, exchanging: Exchanging, referral: str
) -> None:
    async with day.console(person_of(COORDINATOR)) as browser:
        await decide(browser, referral, REFUSED)
        await day.carry()
        day.gateway.parties.clock.advance(timedelta(hours=1))
        again = (await refer(day, exchanging)).exchange_id
        assert f"/referrals/{referral}" in (await browser.get(f"/referrals/{again}")).text
        assert f"/referrals/{again}" in (await browser.get(f"/referrals/{referral}")).text
