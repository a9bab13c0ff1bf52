"""Time limits of exchanges: begun with the decision, ended by what answers it, fired once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from publicprotection.exchange.v1 import clock_pb2, facts_pb2
from publicprotection.exchange.v1.gateway_documents_pb2 import HOLD_VERDICT_DECLINE, FactAssertion
from publicprotection.exchange.v1.inbox_service_pb2 import ACKNOWLEDGEMENT_KIND_RECEIVED

from gateway.adapters.database import open_store
from gateway.app.clocks import firing
from gateway.app.clocks.firing import Timekeeper
from gateway.app.clocks.matters import NewClock, UnknownLimitError, start_clock
from gateway.app.clocks.moving import fire
from gateway.app.clocks.rows import ClockRow
from gateway.app.clocks.tracking import withdraw_clocks
from gateway.app.subject_acts import open_work
from gateway.app.tools import Work
from gateway.core.deadlines.starting import ClockState
from gateway.core.model import Flag, Outcome
from tests.support.answering import answerer
from tests.support.clocks import Exchanging, london, rule_all
from tests.support.databases import FileDatabase, NewDatabase
from tests.support.gateway import NOW, Gateway, Parties, open_gateway

pytestmark = pytest.mark.both_databases

# NOW is Monday 23 November 2026, 09:30.
T_05 = london("2026-11-25T17:00")
T_03 = london("2026-11-24T17:00")
KNOWN = {
    "name": {"family": "Quillfeather", "given": "Marlon"},
    "identifiers": [{"system": "IDENTIFIER_SYSTEM_PNC_ID", "value": "2009/0190441M"}],
}
LATE = "CHILD_REFERRAL_24_HOURS"


@pytest.fixture
async def exchanging(parties: Parties, tmp_path: Path, databases: NewDatabase) -> AsyncIterator[Exchanging]:
    async with open_gateway(parties, tmp_path, databases=databases, decide_by=rule_all()) as gateway:
        yield Exchanging(gateway)


async def refer(exchanging: Exchanging) -> str:
    """A referral about a child, in good time, of which nobody was told anything yet."""
    sealed = await exchanging.send(
        "ChildReferral", "PROBATION", "CHILDRENS_SERVICES", identifiedAt="2026-11-22T11:00:00Z"
    )
    await exchanging.told("PROBATION")
    return sealed.exchange_id


async def test_a_referral_in_time_is_on_record_as_met(exchanging: Exchanging) -> None:
    clocks = await exchanging.clocks(await refer(exchanging))
    assert clocks[LATE].state is ClockState.MET
    assert clocks["CHILD_UNANSWERED"].due_at == T_05
    assert clocks["CHILD_REFERRAL_ACKNOWLEDGED"].state is ClockState.WAITING
    assert await exchanging.at(NOW) == 0


async def test_a_late_referral_is_a_breach_at_once(exchanging: Exchanging) -> None:
    await exchanging.send(
        "ChildReferral", "PROBATION", "CHILDRENS_SERVICES", identifiedAt="2026-11-19T08:00:00Z"
    )
    assert await exchanging.at(NOW) == 1
    assert await exchanging.told("PROBATION") == [
        (LATE, "ESCALATED", "LINE_MANAGER"),
        (LATE, "OVERDUE", "PRACTITIONER"),
    ]


async def test_silence_goes_to_the_line_manager_at_the_limit_and_not_before(exchanging: Exchanging) -> None:
    exchange_id = await refer(exchanging)
    assert await exchanging.at(T_05 - timedelta(seconds=1)) == 1
    assert await exchanging.told("PROBATION") == []
    assert await exchanging.told("CHILDRENS_SERVICES") == [("CHILD_UNANSWERED", "REMINDER", "SOCIAL_WORKER")]
    assert await exchanging.at(T_05) == 1
    assert await exchanging.told("PROBATION") == [("CHILD_UNANSWERED", "ESCALATED", "LINE_MANAGER")]
    assert (await exchanging.clocks(exchange_id))["CHILD_UNANSWERED"].state is ClockState.RUNNING
    assert await exchanging.after(T_05) == 1
    assert await exchanging.told("CHILDRENS_SERVICES") == [("CHILD_UNANSWERED", "OVERDUE", "SOCIAL_WORKER")]
    assert (await exchanging.clocks(exchange_id))["CHILD_UNANSWERED"].state is ClockState.OVERDUE
    assert await exchanging.after(T_05) == 0
    assert await exchanging.at(london("2026-11-27T17:00")) == 1
    assert await exchanging.told("PROBATION") == [("CHILD_UNANSWERED", "ESCALATED", "SAFEGUARDING_LEAD")]


async def test_each_step_is_a_record_without_personal_data(exchanging: Exchanging) -> None:
    exchange_id = await refer(exchanging)
    await exchanging.after(T_05)
    records = [row for row in await exchanging.gateway.records() if row.type.startswith("CLOCK_")]
    assert [row.type for row in records] == ["CLOCK_ESCALATED", "CLOCK_OVERDUE"]
    assert all(row.exchange_id == exchange_id and "CHILD_UNANSWERED" in (row.entry or "") for row in records)
    assert not any("Quillfeather" in (row.entry or "") for row in records)


async def test_an_acknowledgement_ends_the_first_clock_and_starts_the_second(exchanging: Exchanging) -> None:
    exchange_id = await refer(exchanging)
    await exchanging.receive("CHILDRENS_SERVICES", acknowledge=ACKNOWLEDGEMENT_KIND_RECEIVED)
    clocks = await exchanging.clocks(exchange_id)
    assert clocks["CHILD_UNANSWERED"].state is ClockState.MET
    assert clocks["CHILD_REFERRAL_ACKNOWLEDGED"].state is ClockState.MET
    assert clocks["CHILD_REFERRAL_DECIDED"].due_at == T_03
    assert clocks["CHILD_ACKNOWLEDGED_ONLY"].due_at == T_05
    await exchanging.after(T_05)
    assert await exchanging.told("PROBATION") == [("CHILD_ACKNOWLEDGED_ONLY", "ESCALATED", "LINE_MANAGER")]


async def test_a_document_acknowledges_and_another_in_its_thread_answers(exchanging: Exchanging) -> None:
    exchange_id = await refer(exchanging)
    await exchanging.receive("CHILDRENS_SERVICES")
    said = await exchanging.send(
        "ChildSafeguardingAcknowledgement", "CHILDRENS_SERVICES", "PROBATION", exchange_id
    )
    clocks = await exchanging.clocks(exchange_id)
    assert clocks["CHILD_UNANSWERED"].state is ClockState.MET
    assert clocks["CHILD_ACKNOWLEDGED_ONLY"].state is ClockState.RUNNING
    await exchanging.send("ChildReferralDecision", "CHILDRENS_SERVICES", "PROBATION", said.exchange_id)
    clocks = await exchanging.clocks(exchange_id)
    assert {row.state for row in clocks.values() if row.limit_id != LATE} == {ClockState.MET}
    assert await exchanging.after(T_05) == 0


async def test_an_answer_from_anybody_else_ends_nothing(exchanging: Exchanging) -> None:
    exchange_id = await refer(exchanging)
    await exchanging.send("ChildReferral", "POLICE", "CHILDRENS_SERVICES", exchange_id)
    assert (await exchanging.clocks(exchange_id))["CHILD_UNANSWERED"].state is ClockState.RUNNING


async def test_what_comes_late_ends_it_after_the_breach_is_on_record(exchanging: Exchanging) -> None:
    exchange_id = await refer(exchanging)
    exchanging.gateway.parties.clock.moment = T_05 + timedelta(hours=1)  # nothing was fired meanwhile
    await exchanging.send("ChildReferralDecision", "CHILDRENS_SERVICES", "PROBATION", exchange_id)
    assert (await exchanging.clocks(exchange_id))["CHILD_UNANSWERED"].state is ClockState.LATE
    assert await exchanging.told("PROBATION") == [
        ("CHILD_UNANSWERED", "ENDED", "LINE_MANAGER"),
        ("CHILD_UNANSWERED", "ESCALATED", "LINE_MANAGER"),
    ]
    types = [row.type for row in await exchanging.gateway.records() if row.type.startswith("CLOCK_")]
    assert types == ["CLOCK_ESCALATED", "CLOCK_OVERDUE", "CLOCK_ENDED", "CLOCK_ENDED"]


async def test_two_gateways_fire_each_step_once(exchanging: Exchanging) -> None:
    await refer(exchanging)
    exchanging.gateway.parties.clock.moment = T_05
    gateway = exchanging.gateway
    keepers = [Timekeeper(gateway.store, gateway.tools, interval_s=1) for _ in range(4)]
    await asyncio.gather(*(keeper.fire_due() for keeper in keepers))
    assert await exchanging.told("PROBATION") == [("CHILD_UNANSWERED", "ESCALATED", "LINE_MANAGER")]


async def test_a_machine_clock_that_is_put_back_fires_nothing_twice(exchanging: Exchanging) -> None:
    await refer(exchanging)
    await exchanging.after(T_05)
    await exchanging.told("PROBATION")
    assert await exchanging.at(T_05 - timedelta(days=1)) == 0
    assert await exchanging.after(T_05) == 0
    assert await exchanging.told("PROBATION") == []


async def test_a_restart_changes_nothing(parties: Parties, tmp_path: Path, databases: NewDatabase) -> None:
    broker = parties.broker()
    async with open_gateway(
        parties, tmp_path, broker=broker, databases=databases, decide_by=rule_all()
    ) as gateway:
        await refer(Exchanging(gateway))
    async with open_gateway(
        parties, tmp_path, broker=broker, databases=databases, decide_by=rule_all()
    ) as gateway:
        again = Exchanging(gateway)
        await again.at(T_05)
        assert await again.told("PROBATION") == [("CHILD_UNANSWERED", "ESCALATED", "LINE_MANAGER")]


async def test_a_recipient_learns_nothing_of_what_is_held_from_it(
    parties: Parties, tmp_path: Path, databases: NewDatabase
) -> None:
    held = rule_all(Outcome.HELD)
    async with open_gateway(parties, tmp_path, databases=databases, decide_by=held) as gateway:
        exchanging = Exchanging(gateway)
        sealed = await exchanging.send("ChildSafeguardingEnquiry", "PROBATION", "CHILDRENS_SERVICES")
        clocks = await exchanging.clocks(sealed.exchange_id)
        assert not any(row.is_known for row in clocks.values() if row.organisation != sealed.organisation)


async def test_what_went_without_agreement_is_reviewed_in_a_working_day(
    parties: Parties, tmp_path: Path, databases: NewDatabase
) -> None:
    flagged = rule_all(Outcome.RELEASED, Flag.NO_AGREEMENT)
    async with open_gateway(parties, tmp_path, databases=databases, decide_by=flagged) as gateway:
        exchanging = Exchanging(gateway)
        await refer(exchanging)
        await exchanging.after(T_03)
        told = await exchanging.told("MAPPA_COORDINATION_UNIT")
        assert told == [("NO_AGREEMENT", "OVERDUE", "MAPPA_COORDINATOR")]
        sent = await exchanging.told("PROBATION")
        assert ("NO_AGREEMENT", "ESCALATED", "DATA_PROTECTION_OFFICER") in sent


async def test_the_dwp_confirms_by_acknowledging(exchanging: Exchanging) -> None:
    sealed = await exchanging.send("RestrictionNotice", "PROBATION", "DWP")
    await exchanging.receive("DWP")
    clocks = await exchanging.clocks(sealed.exchange_id)
    assert clocks["DWP_CONFIRMS"].due_at == london("2026-11-30T17:00")
    await exchanging.after(london("2026-11-30T17:00"))
    assert await exchanging.told("PROBATION") == [("DWP_CONFIRMS", "ESCALATED", "OFFENDER_MANAGER")]
    assert ("DWP_CONFIRMS", "OVERDUE", "MAPPA_SPOC") in await exchanging.told("DWP")


async def test_a_fact_ends_what_waits_for_it(exchanging: Exchanging) -> None:
    sealed = await exchanging.send("AdultConcern", "PRISON", "ADULT_SERVICES")
    await exchanging.receive("ADULT_SERVICES")
    assert (await exchanging.clocks(sealed.exchange_id))["ADULT_RISK_ASSESSMENT"].state is ClockState.RUNNING
    facts = facts_pb2.Facts(concern_risk_assessed=facts_pb2.Fact(answer=facts_pb2.ANSWER_YES))
    council = exchanging.gateway.parties.of_kind("ADULT_SERVICES")
    said = FactAssertion(exchange_id=sealed.exchange_id, facts=facts, answerer=answerer(council))
    assert await exchanging.gateway.take(exchanging.gateway.to_gateway(council, said).arrival) == [None]
    clocks = await exchanging.clocks(sealed.exchange_id)
    assert clocks["ADULT_RISK_ASSESSMENT"].state is ClockState.MET
    assert clocks["ADULT_TRIAGE"].state is ClockState.RUNNING


async def complete(exchanging: Exchanging, kind: str, clock_id: str) -> list[str]:
    """Has an organisation say that what a clock waits for was done; what became of it."""
    organisation = exchanging.gateway.parties.of_kind(kind)
    document = clock_pb2.ClockCompletion(clock_id=clock_id, reason="She was seen at home.")
    assert await exchanging.gateway.take(exchanging.gateway.to_gateway(organisation, document).arrival) == [
        None
    ]
    outcomes, _ = await exchanging.gateway.received(organisation)
    return [each.rejection.reason or each.clock.limit for each in outcomes[-1:]]


async def test_only_who_owes_it_says_that_it_was_done(exchanging: Exchanging) -> None:
    exchange_id = await refer(exchanging)
    clock = (await exchanging.clocks(exchange_id))["CHILD_UNANSWERED"]
    assert await complete(exchanging, "PROBATION", clock.clock_id) == ["CLOCK_UNKNOWN"]
    assert await complete(exchanging, "CHILDRENS_SERVICES", "no-such-clock") == ["CLOCK_UNKNOWN"]
    assert await complete(exchanging, "CHILDRENS_SERVICES", clock.clock_id) == ["CHILD_UNANSWERED"]
    assert (await exchanging.clocks(exchange_id))["CHILD_UNANSWERED"].state is ClockState.MET
    assert await complete(exchanging, "CHILDRENS_SERVICES", clock.clock_id) == ["CLOCK_ENDED"]
    types = [row.type for row in await exchanging.gateway.records()]
    assert types.count("CLOCK_COMPLETED") == 1


async def test_a_disclosure_by_telephone_is_on_record(exchanging: Exchanging) -> None:
    sealed = await exchanging.send("RestrictionNotice", "PROBATION", "DWP")
    parties = exchanging.gateway.parties
    dwp = parties.of_kind("DWP")
    said = clock_pb2.TelephoneDisclosure(
        exchange_id=sealed.exchange_id, person_told="Duty officer", told="No work with children."
    )
    said.recipient.organisation = dwp
    said.recipient.desk = parties.directory.organisations[dwp].desks[0].desk
    said.told_at.FromDatetime(NOW)
    take, seal = exchanging.gateway.take, exchanging.gateway.to_gateway
    assert await take(seal(sealed.organisation, said).arrival, seal(dwp, said).arrival) == [None, None]
    outcomes, _ = await exchanging.gateway.received(dwp)
    assert [each.rejection.reason for each in outcomes] == ["EXCHANGE_UNKNOWN"]
    (record,) = await exchanging.gateway.records("TELEPHONE_DISCLOSURE")
    assert record.exchange_id == sealed.exchange_id
    assert "Duty officer" not in (record.entry or "")


async def test_a_meeting_that_is_moved_takes_its_clocks_with_it(exchanging: Exchanging) -> None:
    meeting = ("MeetingInvitation", "MAPPA_COORDINATION_UNIT", "PRISON")
    first = await exchanging.send(*meeting, calendar=_on("2026-12-15"), subject=KNOWN)
    second = await exchanging.send(*meeting, calendar=_on("2026-12-17"), subject=KNOWN)
    before = await exchanging.clocks(first.exchange_id)
    after = await exchanging.clocks(second.exchange_id)
    assert before["MAPPA_PRISON_REPORT"].state is ClockState.ENDED
    assert after["MAPPA_PRISON_REPORT"].state is ClockState.RUNNING
    assert after["MAPPA_PRISON_REPORT"].due_at == london("2026-12-15T17:00")


def _on(day: str) -> dict[str, str]:
    return {"subjectName": "Marlon Quillfeather", "starts": f"{day}T10:00:00Z", "ends": f"{day}T11:00:00Z"}


async def test_a_withdrawn_exchange_has_no_clocks(exchanging: Exchanging) -> None:
    exchange_id = await refer(exchanging)
    async with open_work(exchanging.gateway.store, exchanging.gateway.tools) as work:
        await withdraw_clocks(work, exchange_id)
    assert await exchanging.after(T_05) == 0


async def test_only_limits_made_for_it_are_started_by_a_use_case(exchanging: Exchanging) -> None:
    new = NewClock("CHILD_UNANSWERED", "request-1", "kent-police", "kent-police", NOW)
    with pytest.raises(UnknownLimitError):
        async with open_work(exchanging.gateway.store, exchanging.gateway.tools) as work:
            await start_clock(work, new)


async def test_gateways_on_one_database_take_each_step_once(
    parties: Parties, tmp_path: Path, databases: NewDatabase
) -> None:
    """Two processes as far as the database knows: each with connections of its own."""
    if databases is FileDatabase:
        pytest.skip("a file belongs to one process")
    broker = parties.broker()
    async with open_gateway(
        parties, tmp_path, broker=broker, databases=databases, decide_by=rule_all()
    ) as gateway:
        exchanging = Exchanging(gateway)
        await refer(exchanging)
        parties.clock.moment = T_05
        database = databases(tmp_path / "gateway.db")
        async with await open_store(database.url, database.access) as other:
            stores = [gateway.store, other] * 3
            keepers = [Timekeeper(store, gateway.tools, interval_s=1) for store in stores]
            await asyncio.gather(*(keeper.fire_due() for keeper in keepers))
        assert await exchanging.told("PROBATION") == [("CHILD_UNANSWERED", "ESCALATED", "LINE_MANAGER")]


async def hold(gateway: Gateway) -> tuple[str, str]:
    """A contribution whose victim's items wait for the police: the exchange, and the hold."""
    sealed = gateway.step("contribution")
    assert await gateway.take(sealed.arrival) == [None]
    [asked], _ = await gateway.received(gateway.parties.of_kind("POLICE"))
    await gateway.received(sealed.organisation)
    return sealed.exchange_id, asked.decisions[0].held[0].hold_id


async def test_a_hold_that_nobody_answers_goes_to_the_next_step(gateway: Gateway) -> None:
    exchange_id, hold_id = await hold(gateway)
    exchanging = Exchanging(gateway)
    clock = (await exchanging.clocks(exchange_id))["OWNER_AGREES"]
    assert (clock.hold_id, clock.due_at) == (hold_id, T_05)
    await exchanging.at(T_05 - timedelta(hours=1))
    assert [step[:2] for step in await exchanging.told("POLICE")] == [("OWNER_AGREES", "REMINDER")]
    await exchanging.after(T_05)
    known = gateway.parties.world.rulebook.prerequisites["OWNER_AGREES"]
    assert ("OWNER_AGREES", "OVERDUE", known.role) in await exchanging.told("POLICE")
    escalated = await gateway.records("CLOCK_ESCALATED")
    assert len(escalated) == 1
    assert known.escalates_to.role in (escalated[0].entry or "")


async def test_an_answered_hold_has_no_clock_left(gateway: Gateway) -> None:
    exchange_id, hold_id = await hold(gateway)
    police = gateway.parties.of_kind("POLICE")
    assert await gateway.take(gateway.answer(police, hold_id, HOLD_VERDICT_DECLINE).arrival) == [None]
    exchanging = Exchanging(gateway)
    assert (await exchanging.clocks(exchange_id))["OWNER_AGREES"].state is ClockState.MET
    assert await exchanging.after(T_05) == 0


async def test_a_clock_that_cannot_be_fired_keeps_no_other_waiting(
    exchanging: Exchanging, monkeypatch: pytest.MonkeyPatch
) -> None:
    poisoned = await refer(exchanging)
    await exchanging.send("ChildSafeguardingEnquiry", "PROBATION", "CHILDRENS_SERVICES")

    async def faulty(work: Work, row: ClockRow) -> ClockRow:
        if row.matter == poisoned:
            raise RuntimeError
        return await fire(work, row)

    monkeypatch.setattr(firing, "fire", faulty)
    await exchanging.at(T_05)
    assert await exchanging.told("PROBATION") == [("CHILD_UNANSWERED", "ESCALATED", "LINE_MANAGER")]
    monkeypatch.setattr(firing, "fire", fire)
    assert await exchanging.at(T_05 + timedelta(hours=1)) == 2
    told = await exchanging.told("PROBATION")
    assert ("CHILD_UNANSWERED", "ESCALATED", "LINE_MANAGER") in told
