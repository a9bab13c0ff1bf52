"""Nobody is refused for a directory that is late: what names a key not known yet is kept, and tried again."""

import asyncio
from datetime import timedelta

import pytest
from publicprotection.exchange.v1.inbox_service_pb2 import ListDeliveriesRequest
from publicprotection.transport.v1.packet_pb2 import ReceiptClaims
from structlog.testing import capture_logs

from services.kit.bus import MemoryBus
from services.kit.directory import GATEWAY
from services.kit.evidence.opening import OpenedSeal
from services.kit.exchange.notices import verify_receipt
from services.kit.exchange.waiting import Waiting
from tests.support.exchanging import (
    CONTEXT,
    NOW,
    RECIPIENT,
    SENDER,
    GatewayStandIn,
    Member,
    World,
    write_header,
    write_notice,
)

LONGEST = timedelta(minutes=15)


@pytest.fixture
async def opened(sender: Member, gateway: GatewayStandIn, gateway_bus: MemoryBus) -> OpenedSeal:
    """One exchange, sent and opened at the gateway."""
    await sender.outbox.submit(write_header(), write_notice())
    await sender.relay.publish_waiting()
    return gateway.open_seal(await gateway.take(gateway_bus, SENDER))


@pytest.fixture
def waiting(recipient: Member) -> Waiting:
    return Waiting(recipient.participant, recipient.records, recipient.intake, longest=LONGEST)


async def kept(member: Member) -> list[tuple[str, bool]]:
    async with member.records.store.read() as connection:
        return [(message.code, message.overdue) for message in await member.records.waiting.list(connection)]


async def inbox(member: Member) -> list[str]:
    listed = await member.inbox_service.ListDeliveries(ListDeliveriesRequest(), CONTEXT)
    return [summary.delivery_id for summary in listed.deliveries]


async def receipts(
    member: Member, gateway: GatewayStandIn, bus: MemoryBus, count: int
) -> list[ReceiptClaims]:
    await member.relay.publish_waiting()
    packets = [await gateway.take(bus, RECIPIENT) for _ in range(count)]
    keys = gateway.world.directory.keys.verifying_at(NOW)
    return [verify_receipt(packet.receipt.receipt, keys=keys) for packet in packets]


async def test_a_delivery_under_a_key_not_known_yet_is_stored_once_the_directory_is_there(
    recipient: Member, waiting: Waiting, opened: OpenedSeal, world: World
) -> None:
    newer = world.rotated(GATEWAY)
    delivery = GatewayStandIn(newer).release(opened)
    message = GatewayStandIn(world).received(RECIPIENT, delivery=delivery)
    assert await recipient.intake.receive(message)
    assert await recipient.intake.receive(message)  # the broker may bring it twice
    await waiting.try_all()
    assert await kept(recipient) == [("KEY_UNKNOWN", False)]
    assert (await inbox(recipient), await recipient.packets(), await recipient.alarms()) == ([], [], [])
    world.directory = newer.directory
    await waiting.try_all()
    assert await inbox(recipient) == [delivery.delivery_id]
    assert await kept(recipient) == []
    assert await recipient.packets() == [("receipt", False)]


async def test_it_asks_for_a_newer_directory_before_anything_waits(
    recipient: Member, opened: OpenedSeal, world: World
) -> None:
    newer = world.rotated(GATEWAY)

    def look() -> bool:
        changed = world.directory is not newer.directory
        world.directory = newer.directory
        return changed

    object.__setattr__(recipient.participant, "look", look)
    delivery = GatewayStandIn(newer).release(opened)
    assert await recipient.intake.receive(GatewayStandIn(world).received(RECIPIENT, delivery=delivery))
    assert await inbox(recipient) == [delivery.delivery_id]
    assert await kept(recipient) == []


async def test_after_the_time_allowed_it_is_refused_and_its_sender_learns(
    recipient: Member, waiting: Waiting, gateway: GatewayStandIn, gateway_bus: MemoryBus, opened: OpenedSeal
) -> None:
    world = gateway.world
    delivery = GatewayStandIn(world.rotated(GATEWAY)).release(opened)
    message = gateway.received(RECIPIENT, delivery=delivery)
    await recipient.intake.receive(message)
    world.clock.advance(LONGEST)
    await waiting.try_all()
    assert (await kept(recipient), await recipient.alarms()) == ([], ["KEY_UNKNOWN"])
    (claims,) = await receipts(recipient, gateway, gateway_bus, 1)
    assert (claims.delivery_id, claims.refused) == (delivery.delivery_id, "KEY_UNKNOWN")


async def test_what_cannot_be_answered_by_a_stale_directory_goes_on_waiting(
    recipient: Member, waiting: Waiting, gateway: GatewayStandIn, opened: OpenedSeal
) -> None:
    """Of the same cause as the wait: no directory came. The process must outlive that."""
    world = gateway.world
    delivery = GatewayStandIn(world.rotated(GATEWAY)).release(opened)
    await recipient.intake.receive(gateway.received(RECIPIENT, delivery=delivery))
    world.clock.moment = world.directory.valid_until
    running = asyncio.create_task(waiting.run())
    with capture_logs() as told:
        await asyncio.wait([running], timeout=0.5)
    assert not running.done()
    assert [entry["reason"] for entry in told if entry["event"] == "waiting_messages_wait"] == [
        "GATEWAY_KEY_MISSING"
    ]
    assert await kept(recipient) == [("KEY_UNKNOWN", False)]
    running.cancel()
    await asyncio.wait([running])


async def test_what_a_revoked_key_signed_is_refused_at_once_and_each_time_it_is_sent(
    recipient: Member, gateway: GatewayStandIn, gateway_bus: MemoryBus, opened: OpenedSeal, world: World
) -> None:
    delivery = gateway.release(opened)
    message = gateway.received(RECIPIENT, delivery=delivery)
    newer = world.rotated(GATEWAY, revoked_at=NOW - timedelta(hours=1))
    world.directory = newer.directory
    await recipient.intake.receive(message)
    await recipient.intake.receive(message)
    found = await receipts(recipient, GatewayStandIn(newer), gateway_bus, 2)
    assert {claims.refused for claims in found} == {"KEY_REVOKED"}
    assert await recipient.alarms() == ["KEY_REVOKED"]
    assert await kept(recipient) == []


async def test_what_came_before_the_key_was_revoked_stands(
    recipient: Member, gateway: GatewayStandIn, opened: OpenedSeal, world: World
) -> None:
    delivery = gateway.release(opened)
    message = gateway.received(RECIPIENT, delivery=delivery)
    world.directory = world.rotated(GATEWAY, revoked_at=NOW + timedelta(hours=1)).directory
    assert await recipient.intake.receive(message)
    assert await inbox(recipient) == [delivery.delivery_id]


async def test_a_message_to_a_key_of_ours_that_is_not_here_yet_waits_however_long(
    recipient: Member, waiting: Waiting, opened: OpenedSeal, world: World
) -> None:
    newer = world.rotated(RECIPIENT)
    gateway = GatewayStandIn(newer)
    delivery = gateway.release(opened)
    assert await recipient.intake.receive(gateway.received(RECIPIENT, delivery=delivery))
    assert await kept(recipient) == [("KEY_UNKNOWN", False)]
    world.clock.advance(2 * LONGEST)
    for _ in range(3):
        await waiting.try_all()
    assert await kept(recipient) == [("KEY_UNKNOWN", True)]
    assert await recipient.alarms() == ["KEY_UNKNOWN"]
    world.directory = newer.directory
    world.opened_by[RECIPIENT] = [newer.decryption[RECIPIENT]]
    await waiting.try_all()
    assert await inbox(recipient) == [delivery.delivery_id]
    assert await kept(recipient) == []


async def test_what_waits_in_the_outbox_is_encrypted_to_the_key_of_the_day_it_leaves(
    sender: Member, gateway_bus: MemoryBus, world: World
) -> None:
    await sender.outbox.submit(write_header(), write_notice())
    newer = world.rotated(GATEWAY)
    world.directory = newer.directory
    await sender.relay.publish_waiting()
    newer.opened_by.clear()  # the old key is destroyed
    assert (await GatewayStandIn(newer).take(gateway_bus, SENDER)).submission.seal


async def test_nothing_leaves_by_a_directory_without_a_key_of_the_gateway(
    sender: Member, world: World, gateway_bus: MemoryBus, gateway: GatewayStandIn
) -> None:
    await sender.outbox.submit(write_header(), write_notice())
    good = world.directory
    world.clock.advance(timedelta(days=60))
    assert not await sender.relay._try()
    assert await sender.packets() == [("submission", False)]
    world.clock.moment = NOW
    world.directory = good
    assert await sender.relay._try()
    assert (await gateway.take(gateway_bus, SENDER)).submission.seal
