"""The sender's check: the gateway may withhold, and may release nothing else."""

from typing import Any

import pytest
from publicprotection.exchange.v1 import decision_pb2
from publicprotection.exchange.v1.outbox_service_pb2 import (
    ALARM_KIND_LEAF_NOT_SENT,
    ALARM_KIND_STATEMENT_INVALID,
    ALARM_KIND_VALUE_ALTERED,
    EXCHANGE_STATE_DECIDED,
    EXCHANGE_STATE_REJECTED,
    EXCHANGE_STATE_SENT,
    GetExchangeRequest,
    GetExchangeResponse,
)
from publicprotection.exchange.v1.outcome_pb2 import OUTCOME_KIND_RECEIPTED, OUTCOME_KIND_REJECTED

from services.kit.bus import MemoryBus
from services.kit.evidence.derive import POSTCODE_TO_DISTRICT
from services.kit.evidence.opening import OpenedSeal
from services.kit.evidence.statement import Derived, Recipient
from tests.support.exchanging import (
    CONTEXT,
    DESK,
    RECIPIENT,
    SENDER,
    Change,
    GatewayStandIn,
    Member,
    World,
    write_header,
    write_notice,
)

POSTCODE = "document.release_address.postcode"


@pytest.fixture
async def opened(sender: Member, gateway: GatewayStandIn, gateway_bus: MemoryBus) -> OpenedSeal:
    await sender.outbox.submit(write_header(), write_notice())
    await sender.relay.publish_waiting()
    return gateway.open_seal(await gateway.take(gateway_bus, SENDER))


async def look(sender: Member, opened: OpenedSeal) -> GetExchangeResponse:
    request = GetExchangeRequest(exchange_id=opened.exchange_id, victim_reason="To see what went.")
    return await sender.outbox_service.GetExchange(request, CONTEXT)


def with_(**changes: Any) -> Change:
    return lambda statement: statement.model_copy(update=changes)


async def test_a_redaction_and_a_generalisation_raise_no_alarm(
    sender: Member, gateway: GatewayStandIn, opened: OpenedSeal
) -> None:
    derived = (Derived(path=POSTCODE, function=POSTCODE_TO_DISTRICT, value="ZZ1"),)
    delivery = gateway.release(opened, ["type"], with_(derived=derived))
    await sender.intake.receive(gateway.received(SENDER, outcome=gateway.outcome(opened, delivery.statement)))
    found = await look(sender, opened)
    assert list(found.alarms) == []
    assert found.exchange.state == EXCHANGE_STATE_DECIDED
    assert [list(outcome.statements) for outcome in found.outcomes] == [[delivery.statement]]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            with_(disclosed=("document.health_needs", "type")),
            (ALARM_KIND_LEAF_NOT_SENT, "document.health_needs"),
        ),
        (
            with_(derived=(Derived(path=POSTCODE, function=POSTCODE_TO_DISTRICT, value="ZZ2"),)),
            (ALARM_KIND_VALUE_ALTERED, POSTCODE),
        ),
        (
            with_(derived=(Derived(path="document.narrative", function="mask/1", value="x"),)),
            (ALARM_KIND_LEAF_NOT_SENT, "document.narrative"),
        ),
        (with_(seal_hash="f" * 64), (ALARM_KIND_STATEMENT_INVALID, "")),
        (with_(exchange_id="another"), (ALARM_KIND_STATEMENT_INVALID, "")),
        (
            with_(recipient=Recipient(organisation="kent-mappa", desk=DESK)),
            (ALARM_KIND_STATEMENT_INVALID, ""),
        ),
        (
            with_(recipient=Recipient(organisation=RECIPIENT, desk="front-door")),
            (ALARM_KIND_STATEMENT_INVALID, ""),
        ),
    ],
)
async def test_a_release_of_anything_else_is_an_alarm(
    sender: Member, gateway: GatewayStandIn, opened: OpenedSeal, change: Change, expected: tuple[int, str]
) -> None:
    delivery = gateway.release(opened, ["type"], change)
    await sender.intake.receive(gateway.received(SENDER, outcome=gateway.outcome(opened, delivery.statement)))
    (alarm,) = (await look(sender, opened)).alarms
    assert (alarm.kind, alarm.path, alarm.delivery_id) == (*expected, delivery.delivery_id)


async def test_a_statement_that_the_gateway_did_not_sign_is_an_alarm(
    sender: Member, gateway: GatewayStandIn, opened: OpenedSeal, world: World
) -> None:
    delivery = gateway.release(opened, ["type"], key=world.signing[RECIPIENT])
    await sender.intake.receive(gateway.received(SENDER, outcome=gateway.outcome(opened, delivery.statement)))
    assert await sender.alarms(opened.exchange_id) == ["NOT_SIGNED_BY_GATEWAY"]


async def test_a_release_without_a_statement_is_an_alarm(
    sender: Member, gateway: GatewayStandIn, opened: OpenedSeal
) -> None:
    decision = decision_pb2.Decision(outcome=decision_pb2.DECISION_OUTCOME_RELEASED, delivery_id="d-1")
    await sender.intake.receive(
        gateway.received(SENDER, outcome=gateway.outcome(opened, decisions=[decision]))
    )
    assert await sender.alarms(opened.exchange_id) == ["STATEMENT_MISSING"]


async def test_a_statement_about_what_was_never_sent_is_an_alarm(
    sender: Member, gateway: GatewayStandIn, opened: OpenedSeal
) -> None:
    delivery = gateway.release(opened, ["type"])
    outcome = gateway.outcome(opened, delivery.statement, exchange_id="never-sent")
    await sender.intake.receive(gateway.received(SENDER, outcome=outcome))
    assert await sender.alarms("never-sent") == ["UNKNOWN_EXCHANGE"]


async def test_a_rejection_and_a_receipt_are_shown(
    sender: Member, gateway: GatewayStandIn, opened: OpenedSeal
) -> None:
    receipted = gateway.outcome(opened, kind=OUTCOME_KIND_RECEIPTED, delivery_id="d-1")
    await sender.intake.receive(gateway.received(SENDER, outcome=receipted))
    assert (await look(sender, opened)).exchange.state == EXCHANGE_STATE_SENT
    rejected = gateway.outcome(
        opened, kind=OUTCOME_KIND_REJECTED, rejection={"reason": "REQUEST_ID_REUSED", "advice": "New id."}
    )
    await sender.intake.receive(gateway.received(SENDER, outcome=rejected))
    found = await look(sender, opened)
    assert found.exchange.state == EXCHANGE_STATE_REJECTED
    assert [outcome.kind for outcome in found.outcomes] == [OUTCOME_KIND_RECEIPTED, OUTCOME_KIND_REJECTED]
    assert found.outcomes[1].rejection.reason == "REQUEST_ID_REUSED"
