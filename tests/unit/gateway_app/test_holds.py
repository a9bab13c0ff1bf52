"""What waits, who may let it go, and what follows."""

import json

import pytest
from google.protobuf.message import Message
from publicprotection.exchange.v1 import facts_pb2, outcome_pb2
from publicprotection.exchange.v1.decision_pb2 import DECISION_FLAG_SUPPLEMENTARY, DECISION_OUTCOME_REFUSED
from publicprotection.exchange.v1.gateway_documents_pb2 import (
    HOLD_VERDICT_DECLINE,
    HOLD_VERDICT_GRANT,
    FactAssertion,
)
from publicprotection.exchange.v1.header_pb2 import Header

from gateway.app.rows import HoldState
from tests.support.answering import answerer
from tests.support.gateway import Gateway, Sealed, leaf_paths

pytestmark = pytest.mark.both_databases


async def contribute(gateway: Gateway) -> tuple[Sealed, str, outcome_pb2.Outcome]:
    """A contribution whose victim's items wait for the police; what the police are asked."""
    sealed = gateway.step("contribution")
    assert await gateway.take(sealed.arrival) == [None]
    [asked], _ = await gateway.received(gateway.parties.of_kind("POLICE"))
    assert asked.kind == outcome_pb2.OUTCOME_KIND_HOLD_REQUESTED
    return sealed, asked.decisions[0].held[0].hold_id, asked


async def test_owner_is_asked_without_paths(gateway: Gateway) -> None:
    sealed, _, asked = await contribute(gateway)
    held = asked.decisions[0].held[0]
    assert (asked.sender, asked.document_type) == (sealed.organisation, "AgencyContribution")
    assert held.prerequisite == "OWNER_AGREES"
    assert "VICTIM_LOCATION" in held.categories
    assert list(held.paths) == []
    [decided], _ = await gateway.received(sealed.organisation)
    assert list(decided.decisions[0].held[0].paths)


async def test_grant_brings_a_supplement_with_only_what_is_new(gateway: Gateway) -> None:
    sealed, hold_id, _ = await contribute(gateway)
    unit_name, police = gateway.parties.of_kind("MAPPA_COORDINATION_UNIT"), gateway.parties.of_kind("POLICE")
    _, [(first, first_release)] = await gateway.received(unit_name)
    await gateway.received(sealed.organisation)
    answer = gateway.answer(police, hold_id, HOLD_VERDICT_GRANT)
    assert await gateway.take(answer.arrival) == [None]
    _, [(second, release)] = await gateway.received(unit_name)
    assert release.statement.supplementary_to == first.delivery_id
    assert release.opened.seal_hash == first_release.opened.seal_hash
    assert "SUPPLEMENTARY" in release.statement.flags
    fresh = leaf_paths([(second, release)])
    assert fresh
    assert fresh.isdisjoint(leaf_paths([(first, first_release)]))
    assert all("victims" in path for path in fresh)
    assert "type" in release.leaves
    [told], _ = await gateway.received(sealed.organisation)
    assert told.kind == outcome_pb2.OUTCOME_KIND_HOLD_GRANTED
    assert DECISION_FLAG_SUPPLEMENTARY in told.decisions[0].flags
    assert len(told.statements) == 1
    [confirmed], _ = await gateway.received(police)
    assert (confirmed.exchange_id, confirmed.kind) == (
        answer.exchange_id,
        outcome_pb2.OUTCOME_KIND_HOLD_GRANTED,
    )
    assert confirmed.decisions[0].held[0].hold_id == hold_id
    kinds = [row.type for row in await gateway.records()]
    assert kinds == ["COLLECTION", "DISCLOSURE", "SUBJECT_LINKED", "HOLD_GRANTED", "DISCLOSURE"]


async def test_decline_withholds_and_says_so(gateway: Gateway) -> None:
    sealed, hold_id, _ = await contribute(gateway)
    unit_name, police = gateway.parties.of_kind("MAPPA_COORDINATION_UNIT"), gateway.parties.of_kind("POLICE")
    await gateway.received(unit_name)
    await gateway.received(sealed.organisation)
    await gateway.take(gateway.answer(police, hold_id, HOLD_VERDICT_DECLINE).arrival)
    assert await gateway.received(unit_name) == ([], [])
    [told], _ = await gateway.received(sealed.organisation)
    assert told.kind == outcome_pb2.OUTCOME_KIND_HOLD_DECLINED
    [decision] = told.decisions
    assert not decision.held
    assert "VICTIM_LOCATION" in {item.category for item in decision.withheld}


async def test_only_the_one_asked_may_answer(gateway: Gateway) -> None:
    sealed, hold_id, _ = await contribute(gateway)
    unit_name = gateway.parties.of_kind("MAPPA_COORDINATION_UNIT")
    await gateway.received(unit_name)
    for intruder in (unit_name, sealed.organisation):
        answer = gateway.answer(intruder, hold_id, HOLD_VERDICT_GRANT)
        assert await gateway.take(answer.arrival) == [None]
        outcomes, releases = await gateway.received(intruder)
        assert outcomes[-1].exchange_id == answer.exchange_id
        assert outcomes[-1].rejection.reason == "HOLD_UNKNOWN"
        assert releases == []
    async with gateway.store.reading() as unit:
        hold = await unit.holds.find(hold_id)
    assert hold is not None
    assert hold.state is HoldState.OPEN
    assert len(await gateway.records("REJECTION")) == 2


async def test_unknown_hold_and_anothers_look_the_same(gateway: Gateway) -> None:
    _, hold_id, _ = await contribute(gateway)
    dwp = gateway.parties.of_kind("DWP")
    for asked in (hold_id, "no-such-hold"):
        await gateway.take(gateway.answer(dwp, asked, HOLD_VERDICT_GRANT).arrival)
    first, second = (await gateway.received(dwp))[0]
    assert first.rejection == second.rejection


async def test_hold_is_answered_once(gateway: Gateway) -> None:
    _, hold_id, _ = await contribute(gateway)
    police = gateway.parties.of_kind("POLICE")
    first = gateway.answer(police, hold_id, HOLD_VERDICT_DECLINE)
    second = gateway.answer(police, hold_id, HOLD_VERDICT_GRANT)
    await gateway.take(first.arrival, first.arrival, second.arrival)
    confirmed, rejected = (await gateway.received(police))[0]
    assert confirmed.kind == outcome_pb2.OUTCOME_KIND_HOLD_DECLINED
    assert rejected.rejection.reason == "HOLD_CLOSED"


async def test_held_ciphertext_stays_until_the_hold_is_answered(gateway: Gateway) -> None:
    sealed, hold_id, _ = await contribute(gateway)
    unit_name, police = gateway.parties.of_kind("MAPPA_COORDINATION_UNIT"), gateway.parties.of_kind("POLICE")
    _, [(first, _)] = await gateway.received(unit_name)
    await gateway.take(gateway.receipt(unit_name, first))
    async with gateway.store.reading() as unit:
        kept = await unit.submissions.find(sealed.exchange_id)
    assert kept is not None
    assert kept.ciphertext is not None
    assert sealed.seal[:40].encode() not in kept.ciphertext
    await gateway.take(gateway.answer(police, hold_id, HOLD_VERDICT_DECLINE).arrival)
    async with gateway.store.reading() as unit:
        kept = await unit.submissions.find(sealed.exchange_id)
    assert kept is not None
    assert kept.ciphertext is None


FACT = facts_pb2.Fact(answer=facts_pb2.ANSWER_YES)


def without_facts(header: Header, _document: Message) -> None:
    header.ClearField("facts")


def later(sealed: Sealed) -> FactAssertion:
    facts = facts_pb2.Facts(mappa_managed=FACT, offender_informed=FACT, dwp_contact_consulted=FACT)
    who = answerer(sealed.organisation)
    return FactAssertion(exchange_id=sealed.exchange_id, facts=facts, answerer=who)


@pytest.mark.parametrize("who", ["nobody", "an auditor", "somebody of another organisation"])
async def test_a_fact_that_lifts_a_hold_counts_from_whoever_might_have_answered(
    gateway: Gateway, who: str
) -> None:
    sealed = gateway.step("restrictions", change=without_facts)
    await gateway.take(sealed.arrival)
    assertion = later(sealed)
    if who == "nobody":
        assertion.ClearField("answerer")
    elif who == "an auditor":
        assertion.answerer.roles[:] = ["AUDITOR"]
    else:
        assertion.answerer.organisation = gateway.parties.of_kind("DWP")
    assert await gateway.take(gateway.to_gateway(sealed.organisation, assertion).arrival) == [None]
    _, releases = await gateway.received(gateway.parties.of_kind("DWP"))
    assert releases == []
    [row] = await gateway.records("FACTS_RECORDED")
    entry = json.loads(row.entry or "")
    assert entry["facts"] == ["offender_informed"]
    assert entry["facts_ignored"] == ["dwp_contact_consulted", "mappa_managed"]
    async with gateway.store.reading() as unit:
        assert [fact.name for fact in await unit.facts.of_exchange(sealed.exchange_id)] == [
            "offender_informed"
        ]


async def test_fact_asserted_later_lifts_what_waits_for_it(gateway: Gateway) -> None:
    sealed = gateway.step("restrictions", change=without_facts)
    await gateway.take(sealed.arrival)
    dwp = gateway.parties.of_kind("DWP")
    _, releases = await gateway.received(dwp)
    assert releases == []
    await gateway.received(sealed.organisation)
    assertion = gateway.to_gateway(sealed.organisation, later(sealed))
    assert await gateway.take(assertion.arrival) == [None]
    _, releases = await gateway.received(dwp)
    assert len(releases) == 1
    outcomes, _ = await gateway.received(sealed.organisation)
    assert [outcome.kind for outcome in outcomes] == [
        outcome_pb2.OUTCOME_KIND_HOLD_LIFTED,
        outcome_pb2.OUTCOME_KIND_HOLD_LIFTED,
        outcome_pb2.OUTCOME_KIND_HOLD_LIFTED,
        outcome_pb2.OUTCOME_KIND_FACTS_RECORDED,
        outcome_pb2.OUTCOME_KIND_DECIDED,
    ]
    [row] = await gateway.records("FACTS_RECORDED")
    assert json.loads(row.entry or "")["facts"] == [
        "dwp_contact_consulted",
        "mappa_managed",
        "offender_informed",
    ]


async def test_declining_what_the_whole_exchange_waits_for_refuses_it(gateway: Gateway) -> None:
    sealed = gateway.step("contribution", change=without_facts)
    await gateway.take(sealed.arrival)
    outcomes, _ = await gateway.received(sealed.organisation)
    asked = [each for each in outcomes if each.kind == outcome_pb2.OUTCOME_KIND_HOLD_REQUESTED]
    [held] = [held for each in asked for held in each.decisions[0].held]
    assert held.whole_exchange
    assert [row.type for row in await gateway.records()] == ["COLLECTION", "HOLD", "SUBJECT_LINKED"]
    await gateway.take(gateway.answer(sealed.organisation, held.hold_id, HOLD_VERDICT_DECLINE).arrival)
    outcomes, _ = await gateway.received(sealed.organisation)
    told = next(each for each in outcomes if each.exchange_id == sealed.exchange_id)
    assert told.kind == outcome_pb2.OUTCOME_KIND_HOLD_DECLINED
    assert told.decisions[0].outcome == DECISION_OUTCOME_REFUSED
    assert [row.type for row in await gateway.records()] == [
        "COLLECTION",
        "HOLD",
        "SUBJECT_LINKED",
        "HOLD_DECLINED",
        "REFUSAL",
        "HOLD_ENDED",
    ]
    assert await gateway.received(gateway.parties.of_kind("MAPPA_COORDINATION_UNIT")) == ([], [])
    async with gateway.store.reading() as unit:
        kept = await unit.submissions.find(sealed.exchange_id)
    assert kept is not None
    assert kept.ciphertext is None


async def test_assertion_by_a_stranger_is_rejected(gateway: Gateway) -> None:
    sealed = gateway.step("restrictions", change=without_facts)
    await gateway.take(sealed.arrival)
    stranger = gateway.parties.of_kind("CHILDRENS_SERVICES")
    await gateway.take(gateway.to_gateway(stranger, later(sealed)).arrival)
    [outcome], _ = await gateway.received(stranger)
    assert outcome.rejection.reason == "EXCHANGE_UNKNOWN"
    _, releases = await gateway.received(gateway.parties.of_kind("DWP"))
    assert releases == []
