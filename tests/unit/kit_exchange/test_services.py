import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from publicprotection.documents.v1.custody_pb2 import ReleaseNotice
from publicprotection.exchange.v1 import decision_pb2, hold_service_pb2, inbox_service_pb2, outbox_service_pb2
from publicprotection.exchange.v1.facts_pb2 import ANSWER_YES
from publicprotection.exchange.v1.header_pb2 import Author
from publicprotection.exchange.v1.outcome_pb2 import (
    OUTCOME_KIND_HOLD_DECLINED,
    OUTCOME_KIND_HOLD_GRANTED,
    OUTCOME_KIND_HOLD_REQUESTED,
)

from services.kit.bus import MemoryBus
from services.kit.evidence.derive import POSTCODE_TO_DISTRICT
from services.kit.evidence.opening import OpenedSeal
from services.kit.evidence.statement import AgreementClause, Derived, WithheldTold
from services.kit.exchange.errors import DeliveryExpiredError, HoldAnsweredError, UnknownPartError
from services.kit.exchange.notices import verify_acknowledgement
from services.kit.rpc.errors import NotFoundError, RequestReusedError
from tests.support.exchanging import (
    CONTEXT,
    DESK,
    NOW,
    RECIPIENT,
    SENDER,
    Change,
    GatewayStandIn,
    Member,
    World,
    hold_requested,
    unchanged,
    write_header,
    write_notice,
)

AUTHOR = Author(name="Jo Park", role="DUTY_OFFICER")
POSTCODE = "document.release_address.postcode"


@pytest.fixture
async def opened(sender: Member, gateway: GatewayStandIn, gateway_bus: MemoryBus) -> OpenedSeal:
    await sender.outbox.submit(write_header(), write_notice())
    await sender.relay.publish_waiting()
    return gateway.open_seal(await gateway.take(gateway_bus, SENDER))


async def deliver(
    recipient: Member,
    gateway: GatewayStandIn,
    opened: OpenedSeal,
    paths: Sequence[str] | None = None,
    change: Change = unchanged,
) -> str:
    delivery = gateway.release(opened, paths, change)
    await recipient.intake.receive(gateway.received(RECIPIENT, delivery=delivery))
    return delivery.delivery_id


async def get(recipient: Member, delivery_id: str) -> inbox_service_pb2.Delivery:
    request = inbox_service_pb2.GetDeliveryRequest(delivery_id=delivery_id, victim_reason="To warn her.")
    return (await recipient.inbox_service.GetDelivery(request, CONTEXT)).delivery


async def list_ids(recipient: Member, **request: Any) -> list[str]:
    listed = await recipient.inbox_service.ListDeliveries(
        inbox_service_pb2.ListDeliveriesRequest(**request), CONTEXT
    )
    return [summary.delivery_id for summary in listed.deliveries]


def acknowledging(delivery_id: str, kind: Any) -> inbox_service_pb2.AcknowledgeDeliveryRequest:
    return inbox_service_pb2.AcknowledgeDeliveryRequest(delivery_id=delivery_id, kind=kind, author=AUTHOR)


async def test_a_document_is_built_from_what_was_released_and_derived_and_nothing_else(
    recipient: Member, gateway: GatewayStandIn, opened: OpenedSeal
) -> None:
    paths = ["type", "header.purpose", "document.subject.name.family", "document.staff_at_risk"]
    change: dict[str, Any] = {
        "derived": (Derived(path=POSTCODE, function=POSTCODE_TO_DISTRICT, value="ZZ1"),),
        "withheld_told": (
            WithheldTold(category="SUBJECT_RISK"),
            WithheldTold(category="VICTIM_RISK", rule="TEST-1", reason="Not needed."),
        ),
        "agreement": AgreementClause(id="a-1", version="2", clause="4.1"),
        "not_after": NOW + timedelta(days=1),
    }
    delivery_id = await deliver(
        recipient, gateway, opened, paths, lambda statement: statement.model_copy(update=change)
    )
    found = await get(recipient, delivery_id)
    document = ReleaseNotice()
    assert found.document.Unpack(document)
    expected: dict[str, Any] = {
        "subject": {"name": {"family": "Marsh"}},
        "release_address": {"postcode": "ZZ1"},
        "staff_at_risk": True,
    }
    assert document == ReleaseNotice(**expected)
    assert [field.name for field, _ in found.header.ListFields()] == ["recipients", "purpose"]
    assert [(item.category, item.rule.rule, item.rule.reason) for item in found.withheld] == [
        ("SUBJECT_RISK", "", ""),
        ("VICTIM_RISK", "TEST-1", "Not needed."),
    ]
    assert (found.agreement.agreement, found.agreement.version, found.agreement.clause) == ("a-1", "2", "4.1")
    assert list(found.flags) == [decision_pb2.DECISION_FLAG_NO_AGREEMENT]
    assert found.rulebook == "2026.1"
    assert found.not_after.ToDatetime(NOW.tzinfo) == NOW + timedelta(days=1)
    assert found.seal.startswith(opened.seal.jwt)
    assert (found.summary.sender, found.summary.document_type) == (SENDER, "ReleaseNotice")


async def test_a_supplement_names_what_it_adds_to(
    recipient: Member, gateway: GatewayStandIn, opened: OpenedSeal
) -> None:
    first = await deliver(recipient, gateway, opened, ["type"])
    second = await deliver(
        recipient,
        gateway,
        opened,
        change=lambda statement: statement.model_copy(update={"supplementary_to": first}),
    )
    assert (await get(recipient, second)).summary.supplementary_to == first


async def test_an_expired_delivery_is_not_surfaced(
    recipient: Member, gateway: GatewayStandIn, opened: OpenedSeal, world: World
) -> None:
    until = NOW + timedelta(hours=1)
    short = await deliver(
        recipient,
        gateway,
        opened,
        change=lambda statement: statement.model_copy(update={"not_after": until}),
    )
    lasting = await deliver(recipient, gateway, opened)
    assert await list_ids(recipient) == [short, lasting]
    world.clock.moment = until
    assert await list_ids(recipient) == [lasting]
    with pytest.raises(DeliveryExpiredError) as refused:
        await get(recipient, short)
    assert refused.value.reason == "DELIVERY_EXPIRED"
    request = acknowledging(short, inbox_service_pb2.ACKNOWLEDGEMENT_KIND_RECEIVED)
    with pytest.raises(DeliveryExpiredError):
        await recipient.inbox_service.AcknowledgeDelivery(request, CONTEXT)


async def test_what_is_not_there_is_not_found(recipient: Member) -> None:
    with pytest.raises(NotFoundError):
        await get(recipient, "nothing")
    with pytest.raises(NotFoundError):
        await recipient.outbox_service.GetExchange(
            outbox_service_pb2.GetExchangeRequest(exchange_id="nothing"), CONTEXT
        )
    with pytest.raises(NotFoundError):
        await recipient.inbox_service.AcknowledgeDelivery(acknowledging("nothing", 1), CONTEXT)
    with pytest.raises(NotFoundError):
        await recipient.hold_service.GrantHold(granting("nothing"), CONTEXT)


async def test_deliveries_are_listed_by_page_desk_and_exchange(
    recipient: Member, gateway: GatewayStandIn, opened: OpenedSeal
) -> None:
    ids = [await deliver(recipient, gateway, opened) for _ in range(3)]
    assert await list_ids(recipient, page_size=2) == ids[:2]
    assert await list_ids(recipient, after_position=2) == ids[2:]
    assert await list_ids(recipient, desk=DESK) == ids
    assert await list_ids(recipient, desk="front-door") == []
    assert await list_ids(recipient, exchange_id=opened.exchange_id) == ids
    assert await list_ids(recipient, exchange_id="another") == []


async def test_the_newest_deliveries_are_listed_first_and_by_type(
    recipient: Member, gateway: GatewayStandIn, opened: OpenedSeal
) -> None:
    ids = [await deliver(recipient, gateway, opened) for _ in range(3)]
    assert await list_ids(recipient, newest_first=True, page_size=2) == ids[:0:-1]
    assert await list_ids(recipient, newest_first=True, before_position=2) == ids[:1]
    ask = inbox_service_pb2.ListDeliveriesRequest(page_size=1)
    listed = await recipient.inbox_service.ListDeliveries(ask, CONTEXT)
    assert await list_ids(recipient, document_types=[listed.deliveries[0].document_type]) == ids
    assert await list_ids(recipient, document_types=["ReleaseNoticeOfNobody"]) == []


async def take(stream: AsyncIterator[Any], count: int) -> list[Any]:
    async with asyncio.timeout(5):
        return [await anext(stream) for _ in range(count)]


async def test_a_watch_tells_what_was_there_and_what_comes(
    recipient: Member, gateway: GatewayStandIn, opened: OpenedSeal
) -> None:
    first = await deliver(recipient, gateway, opened)
    stream = recipient.inbox_service.WatchDeliveries(inbox_service_pb2.WatchDeliveriesRequest(), CONTEXT)
    (seen,) = await take(stream, 1)
    assert seen.delivery.delivery_id == first
    waiting = asyncio.create_task(take(stream, 1))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    second = await deliver(recipient, gateway, opened)
    assert (await waiting)[0].delivery.delivery_id == second


async def test_a_watch_of_outcomes_goes_on_after_a_position(
    sender: Member, gateway: GatewayStandIn, opened: OpenedSeal
) -> None:
    for outcome_id in ("o-1", "o-2"):
        outcome = gateway.outcome(opened, outcome_id=outcome_id)
        await sender.intake.receive(gateway.received(SENDER, outcome=outcome))
    stream = sender.outbox_service.WatchOutcomes(
        outbox_service_pb2.WatchOutcomesRequest(after_position=1), CONTEXT
    )
    (seen,) = await take(stream, 1)
    assert (seen.outcome.outcome_id, seen.position) == ("o-2", 2)


async def test_exchanges_are_listed_by_position(sender: Member) -> None:
    for number in range(3):
        await sender.outbox.submit(write_header(f"request-{number:04}"), write_notice())
    request = outbox_service_pb2.ListExchangesRequest(after_position=1, page_size=1)
    (found,) = (await sender.outbox_service.ListExchanges(request, CONTEXT)).exchanges
    assert (found.request_id, found.position) == ("request-0001", 2)


async def test_an_acknowledgement_is_signed_and_only_goes_further(
    recipient: Member, gateway: GatewayStandIn, gateway_bus: MemoryBus, opened: OpenedSeal, world: World
) -> None:
    delivery_id = await deliver(recipient, gateway, opened)
    answers = [
        await recipient.inbox_service.AcknowledgeDelivery(acknowledging(delivery_id, kind), CONTEXT)
        for kind in (1, 1, 2, 1)
    ]
    assert [answer.acknowledged for answer in answers] == [1, 1, 2, 2]
    kinds = [kind for kind, _ in await recipient.packets()]
    assert kinds == ["receipt", "acknowledgement", "acknowledgement"]
    assert (await get(recipient, delivery_id)).summary.acknowledged == 2
    await recipient.relay.publish_waiting()
    packets = [await gateway.take(gateway_bus, RECIPIENT) for _ in kinds]
    claims = verify_acknowledgement(
        packets[2].acknowledgement.acknowledgement, keys=world.directory.keys.verifying_at(NOW)
    )
    assert (claims.delivery_id, claims.kind, claims.person) == (delivery_id, 2, "Jo Park")
    assert (claims.recipient.organisation, claims.recipient.desk) == (RECIPIENT, DESK)


def granting(hold_id: str, request_id: str = "grant-0001") -> hold_service_pb2.GrantHoldRequest:
    return hold_service_pb2.GrantHoldRequest(
        hold_id=hold_id, request_id=request_id, author=AUTHOR, reason="She agrees.", evidence_reference="M-7"
    )


async def ask(recipient: Member, gateway: GatewayStandIn, opened: OpenedSeal, hold_id: str) -> None:
    decisions = [hold_requested(hold_id, RECIPIENT), hold_requested("not-ours", "kent-mappa")]
    await settle(
        recipient, gateway, opened, kind=OUTCOME_KIND_HOLD_REQUESTED, decisions=decisions, sender=SENDER
    )


async def settle(recipient: Member, gateway: GatewayStandIn, opened: OpenedSeal, **outcome: Any) -> None:
    told = gateway.outcome(opened, addressee=RECIPIENT, **outcome)
    assert await recipient.intake.receive(gateway.received(RECIPIENT, outcome=told))


async def holds(recipient: Member, *, answered: bool = True) -> list[tuple[str, int]]:
    request = hold_service_pb2.ListHoldsRequest(include_answered=answered)
    listed = await recipient.hold_service.ListHolds(request, CONTEXT)
    return [(hold.held.hold_id, hold.state) for hold in listed.holds]


async def test_a_hold_asked_of_us_is_listed_answered_once_and_closed(
    recipient: Member, gateway: GatewayStandIn, gateway_bus: MemoryBus, opened: OpenedSeal
) -> None:
    await ask(recipient, gateway, opened, "h-1")
    (hold,) = (await recipient.hold_service.ListHolds(hold_service_pb2.ListHoldsRequest(), CONTEXT)).holds
    assert (hold.held.prerequisite, hold.sender, hold.exchange_id) == (
        "OWNER_AGREES",
        SENDER,
        opened.exchange_id,
    )

    first = await recipient.hold_service.GrantHold(granting("h-1"), CONTEXT)
    again = await recipient.hold_service.GrantHold(granting("h-1"), CONTEXT)
    assert again.acceptance.exchange_id == first.acceptance.exchange_id
    assert again.acceptance.repeated_request
    with pytest.raises(HoldAnsweredError):
        await recipient.hold_service.GrantHold(granting("h-1", "grant-0002"), CONTEXT)
    declining = hold_service_pb2.DeclineHoldRequest(
        hold_id="h-1", request_id="grant-0001", author=AUTHOR, reason="She does not."
    )
    with pytest.raises(RequestReusedError):
        await recipient.hold_service.DeclineHold(declining, CONTEXT)
    assert await recipient.packets() == [("submission", False)]
    assert await holds(recipient) == [("h-1", hold_service_pb2.HOLD_STATE_ANSWERED)]
    assert await holds(recipient, answered=False) == []

    await recipient.relay.publish_waiting()
    leaves = gateway.open_seal(await gateway.take(gateway_bus, RECIPIENT)).leaves
    assert leaves["document.verdict"] == "HOLD_VERDICT_GRANT"
    assert leaves["document.evidence_reference"] == "M-7"
    granted: dict[str, Any] = {
        "kind": OUTCOME_KIND_HOLD_GRANTED,
        "decisions": [hold_requested("h-1", RECIPIENT)],
    }
    await settle(recipient, gateway, opened, **granted)  # about an exchange: h-1 still waits there
    assert await holds(recipient) == [("h-1", hold_service_pb2.HOLD_STATE_ANSWERED)]
    await settle(recipient, gateway, opened, document_type="HoldAnswer", **granted)
    assert await holds(recipient) == [("h-1", hold_service_pb2.HOLD_STATE_GRANTED)]


async def test_a_declined_hold_is_shown_as_declined(
    recipient: Member, gateway: GatewayStandIn, opened: OpenedSeal
) -> None:
    await ask(recipient, gateway, opened, "h-2")
    request = hold_service_pb2.DeclineHoldRequest(
        hold_id="h-2", request_id="decline-001", author=AUTHOR, reason="She does not."
    )
    assert (await recipient.hold_service.DeclineHold(request, CONTEXT)).acceptance.exchange_id
    declined: dict[str, Any] = {
        "kind": OUTCOME_KIND_HOLD_DECLINED,
        "decisions": [hold_requested("h-2", RECIPIENT)],
    }
    await settle(recipient, gateway, opened, document_type="HoldAnswer", **declined)
    assert await holds(recipient) == [("h-2", hold_service_pb2.HOLD_STATE_DECLINED)]


def asserting(exchange_id: str, party: str) -> hold_service_pb2.AssertFactRequest:
    facts: Any = {
        "mappa_managed": {"answer": ANSWER_YES},
        "owner_agrees": [{"party": party, "fact": {"answer": ANSWER_YES}}],
    }
    return hold_service_pb2.AssertFactRequest(
        exchange_id=exchange_id, request_id="assert-0001", author=AUTHOR, facts=facts
    )


async def asserted_party(member: Member, gateway: GatewayStandIn, bus: MemoryBus) -> str:
    await member.relay.publish_waiting()
    packet = await gateway.take(bus, member.participant.organisation)
    while not packet.HasField("submission"):
        packet = await gateway.take(bus, member.participant.organisation)
    leaves = gateway.open_seal(packet).leaves
    assert leaves["document.facts.mappa_managed.organisation"] == member.participant.organisation
    assert leaves["document.answerer.name"] == "Jo Park"
    assert leaves["document.answerer.organisation"] == member.participant.organisation
    (party,) = (value for path, value in leaves.items() if path.endswith(".party"))
    return str(party)


async def test_facts_name_parts_of_the_exchange_that_was_sent(
    sender: Member, gateway: GatewayStandIn, gateway_bus: MemoryBus, opened: OpenedSeal
) -> None:
    await sender.fact_service.AssertFact(asserting(opened.exchange_id, "document.victims[1]"), CONTEXT)
    party = await asserted_party(sender, gateway, gateway_bus)
    assert opened.leaves[f"{party}.person.name.given"] == "Una"


async def test_facts_name_parts_of_the_exchange_as_it_was_received(
    recipient: Member, gateway: GatewayStandIn, gateway_bus: MemoryBus, opened: OpenedSeal
) -> None:
    una = next(path for path, value in opened.leaves.items() if value == "Una")
    await deliver(recipient, gateway, opened, ["type", una])
    await recipient.fact_service.AssertFact(asserting(opened.exchange_id, "document.victims[0]"), CONTEXT)
    party = await asserted_party(recipient, gateway, gateway_bus)
    assert una == f"{party}.person.name.given"


async def test_a_fact_about_a_part_that_is_not_known_is_refused(recipient: Member) -> None:
    with pytest.raises(UnknownPartError):
        await recipient.fact_service.AssertFact(asserting("elsewhere", "document.victims[0]"), CONTEXT)
    labelled = f"document.victims[{'0' * 20}]"
    accepted = await recipient.fact_service.AssertFact(asserting("elsewhere", labelled), CONTEXT)
    assert accepted.acceptance.exchange_id
