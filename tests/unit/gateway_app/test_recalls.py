"""Recalls: what has not left is stopped, whoever has it is told and must confirm, all of it on record."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from publicprotection.exchange.v1 import outcome_pb2, recall_pb2
from publicprotection.exchange.v1.gateway_documents_pb2 import HOLD_VERDICT_GRANT

from gateway.app.clocks.firing import Timekeeper
from gateway.app.recalls.recalling import CLOCK, clock_matter
from gateway.app.redecide import redecide
from gateway.app.rows import HoldState
from gateway.app.subject_acts import open_work
from gateway.core.deadlines.starting import ClockState
from tests.support.clocks import rule_all
from tests.support.databases import NewDatabase
from tests.support.gateway import Gateway, Parties, Sealed, open_gateway

pytestmark = pytest.mark.both_databases

REASON = "The address was that of a neighbour."


@pytest.fixture
async def gateway(parties: Parties, tmp_path: Path, databases: NewDatabase) -> AsyncIterator[Gateway]:
    """Everything goes to everybody."""
    async with open_gateway(parties, tmp_path, databases=databases, decide_by=rule_all()) as opened:
        yield opened


async def send(gateway: Gateway) -> Sealed:
    sealed = gateway.step("contribution")
    assert await gateway.take(sealed.arrival) == [None]
    return sealed


def sender_of(gateway: Gateway) -> str:
    return gateway.parties.of_kind("PROBATION")


def recipient_of(gateway: Gateway) -> str:
    return gateway.parties.of_kind("MAPPA_COORDINATION_UNIT")


async def recall(
    gateway: Gateway, exchange_id: str, organisation: str = "", replaced_by: str = ""
) -> tuple[Sealed, outcome_pb2.Outcome]:
    """Recalls, and returns what came back."""
    who = organisation or sender_of(gateway)
    document = recall_pb2.ExchangeRecall(
        recalled_exchange_id=exchange_id, kind=recall_pb2.RECALL_KIND_SENT_IN_ERROR, reason=REASON
    )
    if replaced_by:
        document.kind, document.replaced_by = recall_pb2.RECALL_KIND_CORRECTED, replaced_by
    sealed = gateway.to_gateway(who, document)
    assert await gateway.take(sealed.arrival) == [None]
    return sealed, await told(gateway, who)


async def told(gateway: Gateway, organisation: str) -> outcome_pb2.Outcome:
    """The last outcome that an organisation got."""
    outcomes, _ = await gateway.received(organisation)
    return outcomes[-1]


async def confirm(gateway: Gateway, recall_id: str, organisation: str, *passed_on: str) -> None:
    document = recall_pb2.RecallConfirmation(
        recall_id=recall_id,
        action=recall_pb2.RECALL_ACTION_DESTROYED,
        reason="Deleted from the case file.",
        passed_on_in=passed_on,
    )
    sealed = gateway.to_gateway(organisation, document)
    assert await gateway.take(sealed.arrival) == [None]


async def clock_state(gateway: Gateway, recall_id: str) -> ClockState:
    async with open_work(gateway.store, gateway.tools) as work:
        matter = clock_matter(recall_id, recipient_of(gateway))
        (row,) = await work.unit.clocks.of_matters([matter])
        assert row.limit_id == CLOCK
        return row.state


async def test_what_has_not_left_never_leaves(gateway: Gateway) -> None:
    sealed = await send(gateway)
    _, outcome = await recall(gateway, sealed.exchange_id)
    assert outcome.kind == outcome_pb2.OUTCOME_KIND_RECALLED
    assert [each.state for each in outcome.recall.recipients] == [recall_pb2.RECALL_STATE_STOPPED]
    outcomes, deliveries = await gateway.received(recipient_of(gateway))
    assert deliveries == []
    assert all(each.kind != outcome_pb2.OUTCOME_KIND_RECALL_TOLD for each in outcomes)
    types = [row.type for row in await gateway.records()]
    assert types.index("EXCHANGE_RECALLED") < types.index("DELIVERY_WITHDRAWN")


async def test_whoever_has_it_is_told_why_by_code_and_until_when_to_confirm(gateway: Gateway) -> None:
    sealed = await send(gateway)
    await gateway.received(recipient_of(gateway))
    recalled, outcome = await recall(gateway, sealed.exchange_id)
    assert [each.state for each in outcome.recall.recipients] == [recall_pb2.RECALL_STATE_TOLD]
    notice = await told(gateway, recipient_of(gateway))
    assert notice.kind == outcome_pb2.OUTCOME_KIND_RECALL_TOLD
    assert notice.recall.recall_id == recalled.exchange_id
    assert notice.recall.recalled_exchange_id == sealed.exchange_id
    assert notice.recall.kind == recall_pb2.RECALL_KIND_SENT_IN_ERROR
    assert notice.recall.HasField("confirm_by")
    assert REASON.encode() not in notice.SerializeToString()
    assert await clock_state(gateway, recalled.exchange_id) is ClockState.RUNNING


async def test_a_confirmation_ends_the_clock_and_both_sides_learn_of_it(gateway: Gateway) -> None:
    sealed = await send(gateway)
    await gateway.received(recipient_of(gateway))
    recalled, _ = await recall(gateway, sealed.exchange_id)
    await confirm(gateway, recalled.exchange_id, recipient_of(gateway))
    assert await clock_state(gateway, recalled.exchange_id) is ClockState.MET
    for organisation in (sender_of(gateway), recipient_of(gateway)):
        outcomes, _ = await gateway.received(organisation)
        said = [each for each in outcomes if each.kind == outcome_pb2.OUTCOME_KIND_RECALL_CONFIRMED]
        assert [each.recall.action for each in said] == [recall_pb2.RECALL_ACTION_DESTROYED]
    (row,) = await gateway.records("RECALL_CONFIRMED")
    entry = json.loads(row.entry or "{}")
    assert (entry["organisation"], entry["change"]) == (recipient_of(gateway), "DESTROYED")


async def test_a_recall_that_nobody_confirms_goes_back_to_its_sender(gateway: Gateway) -> None:
    sealed = await send(gateway)
    await gateway.received(recipient_of(gateway))
    recalled, _ = await recall(gateway, sealed.exchange_id)
    gateway.parties.clock.advance(timedelta(days=3))
    await Timekeeper(gateway.store, gateway.tools, interval_s=60).fire_due()
    assert await clock_state(gateway, recalled.exchange_id) is ClockState.OVERDUE
    outcomes, _ = await gateway.received(sender_of(gateway))
    assert outcome_pb2.OUTCOME_KIND_CLOCK_ESCALATED in {each.kind for each in outcomes}


async def test_a_correction_names_what_takes_its_place_to_whoever_was_sent_that(gateway: Gateway) -> None:
    wrong, right = await send(gateway), await send(gateway)
    await gateway.received(recipient_of(gateway))
    await recall(gateway, wrong.exchange_id, replaced_by=right.exchange_id)
    notice = await told(gateway, recipient_of(gateway))
    assert notice.recall.replaced_by == right.exchange_id
    assert notice.recall.kind == recall_pb2.RECALL_KIND_CORRECTED


async def test_a_correction_by_what_there_is_not_is_rejected_and_stops_nothing(gateway: Gateway) -> None:
    wrong = await send(gateway)
    for other in ("no-such-exchange", wrong.exchange_id):
        _, outcome = await recall(gateway, wrong.exchange_id, replaced_by=other)
        assert outcome.rejection.reason == "REPLACEMENT_UNKNOWN"
    _, deliveries = await gateway.received(recipient_of(gateway))
    assert len(deliveries) == 1


async def test_another_s_exchange_is_as_unknown_as_none(gateway: Gateway) -> None:
    sealed = await send(gateway)
    said = []
    for exchange_id in (sealed.exchange_id, "no-such-exchange"):
        _, outcome = await recall(gateway, exchange_id, organisation=gateway.parties.of_kind("POLICE"))
        said.append((outcome.kind, outcome.rejection.reason, outcome.rejection.advice))
    assert said[0] == said[1]
    assert said[0][1] == "EXCHANGE_UNKNOWN"
    _, deliveries = await gateway.received(recipient_of(gateway))
    assert len(deliveries) == 1


async def test_what_was_recalled_is_not_recalled_again(gateway: Gateway) -> None:
    sealed = await send(gateway)
    await recall(gateway, sealed.exchange_id)
    _, outcome = await recall(gateway, sealed.exchange_id)
    assert outcome.rejection.reason == "ALREADY_RECALLED"


async def test_only_who_was_told_confirms_and_once(gateway: Gateway) -> None:
    sealed = await send(gateway)
    await gateway.received(recipient_of(gateway))
    recalled, _ = await recall(gateway, sealed.exchange_id)
    stranger = gateway.parties.of_kind("POLICE")
    await confirm(gateway, recalled.exchange_id, stranger)
    assert (await told(gateway, stranger)).rejection.reason == "RECALL_UNKNOWN"
    await confirm(gateway, recalled.exchange_id, recipient_of(gateway))
    await confirm(gateway, recalled.exchange_id, recipient_of(gateway))
    assert (await told(gateway, recipient_of(gateway))).rejection.reason == "RECALL_CONFIRMED"


async def test_what_was_passed_on_must_be_one_s_own(gateway: Gateway) -> None:
    sealed = await send(gateway)
    await gateway.received(recipient_of(gateway))
    recalled, _ = await recall(gateway, sealed.exchange_id)
    await confirm(gateway, recalled.exchange_id, recipient_of(gateway), sealed.exchange_id)
    assert (await told(gateway, recipient_of(gateway))).rejection.reason == "PASSED_ON_UNKNOWN"


async def test_what_waited_is_never_released_and_whoever_was_asked_is_told(
    parties: Parties, tmp_path: Path, databases: NewDatabase
) -> None:
    async with open_gateway(parties, tmp_path, databases=databases) as gateway:
        sealed, police = await send(gateway), parties.of_kind("POLICE")
        [asked], _ = await gateway.received(police)
        assert asked.kind == outcome_pb2.OUTCOME_KIND_HOLD_REQUESTED
        await recall(gateway, sealed.exchange_id)
        assert (await told(gateway, police)).kind == outcome_pb2.OUTCOME_KIND_HOLD_LIFTED
        async with open_work(gateway.store, gateway.tools) as work:
            holds = await work.unit.holds.of_exchange(sealed.exchange_id)
            assert {hold.state for hold in holds} == {HoldState.WITHDRAWN}
            assert await redecide(work, sealed.exchange_id, "0" * 64) == []
        answer = gateway.answer(police, asked.decisions[0].held[0].hold_id, HOLD_VERDICT_GRANT)
        assert await gateway.take(answer.arrival) == [None]
        assert (await told(gateway, police)).rejection.reason == "HOLD_CLOSED"
        # What left before the recall; no supplement follows it.
        _, [(_, release)] = await gateway.received(recipient_of(gateway))
        assert release.statement.supplementary_to is None
