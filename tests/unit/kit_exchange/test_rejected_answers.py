"""An answer to a hold that the gateway would not take: what waits must not wait for ever."""

from typing import Any

import pytest
from publicprotection.exchange.v1 import hold_service_pb2
from publicprotection.exchange.v1.header_pb2 import Author
from publicprotection.exchange.v1.outcome_pb2 import (
    OUTCOME_KIND_HOLD_GRANTED,
    OUTCOME_KIND_HOLD_REQUESTED,
    OUTCOME_KIND_REJECTED,
    Rejection,
)

from services.kit.bus import MemoryBus
from services.kit.evidence.opening import OpenedSeal
from tests.support.exchanging import (
    CONTEXT,
    RECIPIENT,
    SENDER,
    GatewayStandIn,
    Member,
    hold_requested,
    write_header,
    write_notice,
)

HOLD = "h-1"


@pytest.fixture
async def opened(sender: Member, gateway: GatewayStandIn, gateway_bus: MemoryBus) -> OpenedSeal:
    await sender.outbox.submit(write_header(), write_notice())
    await sender.relay.publish_waiting()
    return gateway.open_seal(await gateway.take(gateway_bus, SENDER))


@pytest.fixture
async def answer(recipient: Member, gateway: GatewayStandIn, opened: OpenedSeal) -> str:
    """Exchange id of the answer to a hold that the recipient was asked about."""
    decisions = [hold_requested(HOLD, RECIPIENT)]
    await tell(
        recipient, gateway, opened, kind=OUTCOME_KIND_HOLD_REQUESTED, decisions=decisions, sender=SENDER
    )
    request = hold_service_pb2.GrantHoldRequest(
        hold_id=HOLD,
        request_id="grant-0001",
        author=Author(name="Jo Park", role="DUTY_OFFICER"),
        reason="She agrees.",
    )
    response = await recipient.hold_service.GrantHold(request, CONTEXT)
    return response.acceptance.exchange_id


async def tell(recipient: Member, gateway: GatewayStandIn, opened: OpenedSeal, **outcome: Any) -> None:
    told = gateway.outcome(opened, addressee=RECIPIENT, **outcome)
    assert await recipient.intake.receive(gateway.received(RECIPIENT, outcome=told))


def rejected(exchange_id: str, reason: str) -> dict[str, Any]:
    rejection = Rejection(reason=reason)
    return {"exchange_id": exchange_id, "kind": OUTCOME_KIND_REJECTED, "rejection": rejection}


async def state_of(recipient: Member) -> int:
    request = hold_service_pb2.ListHoldsRequest(include_answered=True)
    (hold,) = (await recipient.hold_service.ListHolds(request, CONTEXT)).holds
    return hold.state


async def test_a_hold_that_still_waits_can_be_answered_again(
    recipient: Member, gateway: GatewayStandIn, opened: OpenedSeal, answer: str
) -> None:
    await tell(recipient, gateway, opened, **rejected(answer, "GATEWAY_FAULT"))
    assert await state_of(recipient) == hold_service_pb2.HOLD_STATE_OPEN


async def test_a_hold_that_waits_no_more_is_not_opened_again(
    recipient: Member, gateway: GatewayStandIn, opened: OpenedSeal, answer: str
) -> None:
    for reason in ("HOLD_CLOSED", "HOLD_UNKNOWN", "REQUEST_REPEATED"):
        await tell(recipient, gateway, opened, **rejected(answer, reason))
        assert await state_of(recipient) == hold_service_pb2.HOLD_STATE_ANSWERED


async def test_a_hold_that_was_settled_since_stays_settled(
    recipient: Member, gateway: GatewayStandIn, opened: OpenedSeal, answer: str
) -> None:
    granted: dict[str, Any] = {"decisions": [hold_requested(HOLD, RECIPIENT)], "document_type": "HoldAnswer"}
    await tell(recipient, gateway, opened, kind=OUTCOME_KIND_HOLD_GRANTED, **granted)
    await tell(recipient, gateway, opened, **rejected(answer, "GATEWAY_FAULT"))
    assert await state_of(recipient) == hold_service_pb2.HOLD_STATE_GRANTED


async def test_the_rejection_of_another_exchange_opens_nothing(
    recipient: Member, gateway: GatewayStandIn, opened: OpenedSeal, answer: str
) -> None:
    assert answer != opened.exchange_id
    await tell(recipient, gateway, opened, **rejected(opened.exchange_id, "GATEWAY_FAULT"))
    assert await state_of(recipient) == hold_service_pb2.HOLD_STATE_ANSWERED
