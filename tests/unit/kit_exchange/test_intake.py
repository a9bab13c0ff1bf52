from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from publicprotection.exchange.v1.inbox_service_pb2 import ListDeliveriesRequest
from publicprotection.transport.v1.packet_pb2 import ReceiptClaims, Submission
from structlog.testing import capture_logs

from services.kit.bus import MemoryBroker, MemoryBus
from services.kit.evidence.opening import OpenedSeal
from services.kit.evidence.seal import seal
from services.kit.evidence.statement import Recipient
from services.kit.exchange.notices import verify_receipt
from services.kit.exchange.packets import hash_of
from services.kit.logs import ALLOWED_KEYS
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
    unchanged,
    write_header,
    write_notice,
)

pytestmark = pytest.mark.both_databases


@pytest.fixture
async def opened(sender: Member, gateway: GatewayStandIn, gateway_bus: MemoryBus) -> OpenedSeal:
    """One exchange, sent and opened at the gateway."""
    await sender.outbox.submit(write_header(), write_notice())
    await sender.relay.publish_waiting()
    return gateway.open_seal(await gateway.take(gateway_bus, SENDER))


async def receipt(recipient: Member, gateway: GatewayStandIn, bus: MemoryBus) -> ReceiptClaims:
    await recipient.relay.publish_waiting()
    packet = await gateway.take(bus, RECIPIENT)
    keys = gateway.world.directory.keys.verifying_at(gateway.world.clock.now())
    return verify_receipt(packet.receipt.receipt, keys=keys)


async def deliveries(recipient: Member) -> list[str]:
    listed = await recipient.inbox_service.ListDeliveries(ListDeliveriesRequest(), CONTEXT)
    return [summary.delivery_id for summary in listed.deliveries]


async def test_a_delivery_is_stored_and_receipted(
    recipient: Member, gateway: GatewayStandIn, gateway_bus: MemoryBus, opened: OpenedSeal
) -> None:
    delivery = gateway.release(opened)
    assert await recipient.intake.receive(gateway.received(RECIPIENT, delivery=delivery))
    assert await deliveries(recipient) == [delivery.delivery_id]
    claims = await receipt(recipient, gateway, gateway_bus)
    assert (claims.delivery_id, claims.refused) == (delivery.delivery_id, "")
    assert (claims.recipient.organisation, claims.recipient.desk) == (RECIPIENT, DESK)
    assert claims.statement_hash == hash_of(delivery.statement)
    assert claims.received_at.ToDatetime(NOW.tzinfo) == NOW


async def test_dying_between_commit_and_acknowledgement_has_effect_once(
    recipient: Member, gateway: GatewayStandIn, opened: OpenedSeal
) -> None:
    delivery = gateway.release(opened)
    message = gateway.received(RECIPIENT, delivery=delivery)
    assert await recipient.intake.receive(message)
    assert await recipient.intake.receive(message)
    assert await deliveries(recipient) == [delivery.delivery_id]
    assert await recipient.packets() == [("receipt", False)]


async def test_an_outcome_that_comes_twice_is_noted_once(
    sender: Member, gateway: GatewayStandIn, opened: OpenedSeal
) -> None:
    message = gateway.received(SENDER, outcome=gateway.outcome(opened, "no statement"))
    assert await sender.intake.receive(message)
    assert await sender.intake.receive(message)
    async with sender.records.store.read() as connection:
        assert len(await sender.records.outcomes.of(connection, opened.exchange_id)) == 1
    assert await sender.alarms(opened.exchange_id) == ["MALFORMED"]


def to(organisation: str, desk: str) -> Change:
    recipient = Recipient(organisation=organisation, desk=desk)
    return lambda statement: statement.model_copy(update={"recipient": recipient})


def with_(**changes: Any) -> Change:
    return lambda statement: statement.model_copy(update=changes)


@pytest.mark.parametrize(
    "refusal",
    [
        (to("kent-mappa", DESK), "OTHER_RECIPIENT"),
        (to(RECIPIENT, "no-such-desk"), "UNKNOWN_DESK"),
        (
            to(RECIPIENT, "front-door"),
            "NOT_NAMED_BY_SENDER",
        ),  # the gateway may withhold, and may choose no desk
        (with_(seal_hash="f" * 64), "OTHER_SEAL"),
        (with_(exchange_id="another"), "OTHER_EXCHANGE"),
        (with_(sender="kent-mappa"), "OTHER_SENDER"),
        (with_(disclosed=("type",)), "OTHER_DISCLOSURES"),
        (with_(not_after=NOW), "DELIVERY_EXPIRED"),
    ],
)
async def test_a_delivery_that_is_not_for_us_or_not_true_is_refused_once(
    recipient: Member,
    gateway: GatewayStandIn,
    gateway_bus: MemoryBus,
    opened: OpenedSeal,
    refusal: tuple[Change, str],
) -> None:
    change, code = refusal
    delivery = gateway.release(opened, change=change)
    message = gateway.received(RECIPIENT, delivery=delivery)
    assert await recipient.intake.receive(message)
    assert await recipient.intake.receive(message)
    assert await deliveries(recipient) == []
    assert await recipient.packets() == [("receipt", False)]
    claims = await receipt(recipient, gateway, gateway_bus)
    assert (claims.delivery_id, claims.refused) == (delivery.delivery_id, code)
    exchange_id = "another" if code == "OTHER_EXCHANGE" else opened.exchange_id
    assert await recipient.alarms(exchange_id) == [code]


async def test_a_statement_of_somebody_else_is_refused(
    recipient: Member, gateway: GatewayStandIn, gateway_bus: MemoryBus, opened: OpenedSeal, world: World
) -> None:
    delivery = gateway.release(opened, key=world.signing[SENDER])
    await recipient.intake.receive(gateway.received(RECIPIENT, delivery=delivery))
    assert (await receipt(recipient, gateway, gateway_bus)).refused == "NOT_SIGNED_BY_GATEWAY"
    assert await recipient.alarms() == ["NOT_SIGNED_BY_GATEWAY"]


async def test_a_tampered_statement_is_refused(
    recipient: Member, gateway: GatewayStandIn, gateway_bus: MemoryBus, opened: OpenedSeal
) -> None:
    delivery = gateway.release(opened)
    head, payload, signature = delivery.statement.split(".")
    delivery.statement = f"{head}.{payload}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"
    await recipient.intake.receive(gateway.received(RECIPIENT, delivery=delivery))
    assert (await receipt(recipient, gateway, gateway_bus)).refused == "SIGNATURE_REFUSED"
    assert await deliveries(recipient) == []


async def test_a_delivery_named_otherwise_than_its_statement_is_refused(
    recipient: Member, gateway: GatewayStandIn, gateway_bus: MemoryBus, opened: OpenedSeal
) -> None:
    delivery = gateway.release(opened)
    delivery.delivery_id = "another"
    await recipient.intake.receive(gateway.received(RECIPIENT, delivery=delivery))
    assert (await receipt(recipient, gateway, gateway_bus)).refused == "OTHER_DELIVERY"


async def test_a_second_release_under_the_same_id_is_an_alarm_and_changes_nothing(
    recipient: Member, gateway: GatewayStandIn, opened: OpenedSeal
) -> None:
    first = gateway.release(opened)
    second = gateway.release(opened, ["type"], with_(delivery_id=first.delivery_id))
    await recipient.intake.receive(gateway.received(RECIPIENT, delivery=first))
    assert await recipient.intake.receive(gateway.received(RECIPIENT, delivery=second))
    assert await deliveries(recipient) == [first.delivery_id]
    assert await recipient.packets() == [("receipt", False)]
    assert await recipient.alarms(opened.exchange_id) == ["DELIVERY_ID_REUSED"]


@pytest.mark.parametrize(
    "refusal",
    [
        ({"type": "NoSuchDocument"}, "DOCUMENT_TYPE_UNKNOWN"),
        ({"header.purpose": "PURPOSE_PLAN_RELEASE"}, "DOCUMENT_TYPE_UNKNOWN"),
        ({"type": "ReleaseNotice", "document.no_such_field": "x"}, "UNKNOWN_PATH"),
        ({"type": "ReleaseNotice", "header.sender.organisation": "kent-mappa"}, "OTHER_SENDER"),
    ],
)
async def test_a_document_that_cannot_be_read_here_is_refused_so_that_its_sender_learns(
    recipient: Member,
    gateway: GatewayStandIn,
    gateway_bus: MemoryBus,
    world: World,
    refusal: tuple[dict[str, Any], str],
) -> None:
    named, code = refusal
    entry = f"header.recipients[{'0' * 20}]"
    leaves = {f"{entry}.organisation": RECIPIENT, f"{entry}.desk": DESK, **named}
    made = seal(leaves, exchange_id="e-1", issued_at=NOW, key=world.signing[SENDER])
    opened = OpenedSeal(made, leaves, SENDER, "e-1", NOW, world.signing[SENDER].public)
    await recipient.intake.receive(gateway.received(RECIPIENT, delivery=gateway.release(opened)))
    assert (await receipt(recipient, gateway, gateway_bus)).refused == code
    assert await deliveries(recipient) == []


Malformed = Callable[[GatewayStandIn, OpenedSeal], dict[str, Any]]


def for_another(gateway: GatewayStandIn, opened: OpenedSeal) -> dict[str, Any]:
    return {"body": gateway.close("kent-mappa", delivery=gateway.release(opened))}


def with_a_long_id(gateway: GatewayStandIn, opened: OpenedSeal) -> dict[str, Any]:
    return {"outcome": gateway.outcome(opened, addressee=RECIPIENT, outcome_id="x" * 65)}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (lambda _gateway, _opened: {"body": b"not a packet"}, "MALFORMED"),
        (lambda _gateway, _opened: {"body": b"\xff\xfe"}, "MALFORMED"),
        (lambda _gateway, _opened: {}, "UNEXPECTED_CONTENT"),
        (lambda _gateway, _opened: {"submission": Submission(seal="x")}, "UNEXPECTED_CONTENT"),
        (lambda gateway, opened: {"user": SENDER, "delivery": gateway.release(opened)}, "WRONG_PUBLISHER"),
        (lambda gateway, opened: {"user": None, "delivery": gateway.release(opened)}, "WRONG_PUBLISHER"),
        (for_another, "KEY_UNKNOWN"),
        (lambda gateway, opened: {"outcome": gateway.outcome(opened)}, "OTHER_ADDRESSEE"),
        (with_a_long_id, "MALFORMED"),
    ],
)
async def test_what_can_never_be_used_is_set_aside_with_an_alarm(
    recipient: Member, gateway: GatewayStandIn, opened: OpenedSeal, content: Malformed, code: str
) -> None:
    message = gateway.received(RECIPIENT, **content(gateway, opened))
    assert not await recipient.intake.receive(message)
    assert not await recipient.intake.receive(message)
    assert await recipient.alarms() == [code]
    assert await recipient.packets() == []


async def test_a_whole_exchange_over_the_bus_with_a_bad_message_in_the_way(
    sender: Member, recipient: Member, gateway: GatewayStandIn, gateway_bus: MemoryBus, broker: MemoryBroker
) -> None:
    async with sender.running(), recipient.running():
        await sender.outbox.submit(write_header(), write_notice())
        opened = gateway.open_seal(await gateway.take(gateway_bus, SENDER))
        await gateway.send(gateway_bus, RECIPIENT)
        delivery = gateway.release(opened)
        await gateway.send(gateway_bus, RECIPIENT, delivery=delivery)
        taken = await gateway.take(gateway_bus, RECIPIENT)
    assert taken.receipt.receipt
    assert await deliveries(recipient) == [delivery.delivery_id]
    assert broker.depth(f"to.{RECIPIENT}.dead") == 1
    assert broker.depth(f"to.{RECIPIENT}") == 0


async def test_a_fault_of_ours_gives_the_message_back_and_loses_nothing(
    recipient: Member,
    gateway: GatewayStandIn,
    gateway_bus: MemoryBus,
    opened: OpenedSeal,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    failures = [OSError("the disk is full")]
    add = recipient.records.inbox.add

    async def fail_once(*arguments: Any) -> None:
        if failures:
            raise failures.pop()
        await add(*arguments)

    monkeypatch.setattr(type(recipient.records.inbox), "add", staticmethod(fail_once))
    delivery = gateway.release(opened, change=unchanged)
    async with recipient.running():
        await gateway.send(gateway_bus, RECIPIENT, delivery=delivery)
        taken = await gateway.take(gateway_bus, RECIPIENT)
    assert not failures
    assert taken.receipt.receipt
    assert await deliveries(recipient) == [delivery.delivery_id]
    assert [kind for kind, _ in await recipient.packets()] == ["receipt"]


async def test_an_expiry_that_is_still_to_come_does_not_keep_a_delivery_out(
    recipient: Member, gateway: GatewayStandIn, opened: OpenedSeal
) -> None:
    delivery = gateway.release(opened, change=with_(not_after=NOW + timedelta(hours=1)))
    await recipient.intake.receive(gateway.received(RECIPIENT, delivery=delivery))
    assert await deliveries(recipient) == [delivery.delivery_id]


async def test_an_alarm_is_logged_by_code_and_without_a_path(
    sender: Member, gateway: GatewayStandIn, opened: OpenedSeal
) -> None:
    false = gateway.release(opened, ["type"], with_(disclosed=("document.health_needs", "type")))
    outcome = gateway.outcome(opened, false.statement)
    with capture_logs() as lines:
        await sender.intake.receive(gateway.received(SENDER, outcome=outcome))
        await sender.intake.receive(gateway.received(SENDER, outcome=outcome))
    (line,) = lines
    assert (line["event"], line["code"], line["exchange_id"]) == (
        "alarm",
        "LEAF_NOT_SENT",
        opened.exchange_id,
    )
    assert line.keys() - {"event", "log_level"} <= ALLOWED_KEYS
    assert "health" not in str(lines)
