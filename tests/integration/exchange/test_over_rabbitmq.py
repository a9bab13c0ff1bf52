"""The kit's exchange over the real broker; the gateway is a stand-in that releases what it is told to."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from publicprotection.exchange.v1.inbox_service_pb2 import GetDeliveryRequest, ListDeliveriesRequest
from publicprotection.exchange.v1.outbox_service_pb2 import (
    EXCHANGE_STATE_DECIDED,
    EXCHANGE_STATE_SENT,
    GetExchangeRequest,
    GetExchangeResponse,
)

from services.kit.bus import Bus
from services.kit.evidence.opening import OpenedSeal
from tests.support.broker import TestBroker
from tests.support.exchanging import (
    CONTEXT,
    RECIPIENT,
    SENDER,
    GatewayStandIn,
    Member,
    World,
    open_member,
    write_header,
    write_notice,
)

PATIENCE_S = 30


@asynccontextmanager
async def member(world: World, broker: TestBroker, organisation: str, folder: Path) -> AsyncIterator[Member]:
    async with AsyncExitStack() as stack:
        bus = await stack.enter_async_context(Bus(broker.settings(organisation)))
        yield await stack.enter_async_context(open_member(world, organisation, bus, folder))


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def gateway(world: World) -> GatewayStandIn:
    return GatewayStandIn(world)


@pytest.fixture
async def gateway_bus(broker: TestBroker) -> AsyncIterator[Bus]:
    async with Bus(broker.settings("gateway")) as bus:
        yield bus


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not await holds():
            await asyncio.sleep(0.05)


async def look(sender: Member, exchange_id: str) -> GetExchangeResponse:
    request = GetExchangeRequest(exchange_id=exchange_id)
    return await sender.outbox_service.GetExchange(request, CONTEXT)


async def received(recipient: Member) -> list[str]:
    listed = await recipient.inbox_service.ListDeliveries(ListDeliveriesRequest(), CONTEXT)
    return [summary.delivery_id for summary in listed.deliveries]


async def submitted(sender: Member, gateway: GatewayStandIn, bus: Bus) -> OpenedSeal:
    await sender.outbox.submit(write_header(), write_notice())
    return gateway.open_seal(await gateway.take(bus, SENDER))


async def test_one_exchange_from_sender_to_recipient_and_back(
    world: World, broker: TestBroker, gateway: GatewayStandIn, gateway_bus: Bus, tmp_path: Path
) -> None:
    async with (
        member(world, broker, SENDER, tmp_path) as sender,
        member(world, broker, RECIPIENT, tmp_path) as recipient,
        sender.running(),
        recipient.running(),
    ):
        opened = await submitted(sender, gateway, gateway_bus)
        delivery = gateway.release(opened, ["type", "document.subject.name.family"])
        await gateway.send(gateway_bus, RECIPIENT, delivery=delivery)
        await gateway.send(gateway_bus, SENDER, outcome=gateway.outcome(opened, delivery.statement))
        packet = await gateway.take(gateway_bus, RECIPIENT)
        assert packet.receipt.receipt

        async def decided() -> bool:
            return (await look(sender, opened.exchange_id)).exchange.state == EXCHANGE_STATE_DECIDED

        await until(decided)
        assert list((await look(sender, opened.exchange_id)).alarms) == []
        request = GetDeliveryRequest(delivery_id=delivery.delivery_id)
        found = await recipient.inbox_service.GetDelivery(request, CONTEXT)
        assert found.delivery.document.type_url.endswith(".ReleaseNotice")
    assert broker.depth(f"to.{RECIPIENT}") == 0
    assert broker.depth(f"to.{SENDER}") == 0


async def test_what_was_committed_and_not_acknowledged_comes_again_and_has_effect_once(
    world: World, broker: TestBroker, gateway: GatewayStandIn, gateway_bus: Bus, tmp_path: Path
) -> None:
    async with member(world, broker, SENDER, tmp_path) as sender, sender.running():
        opened = await submitted(sender, gateway, gateway_bus)
    delivery = gateway.release(opened)
    await gateway.send(gateway_bus, RECIPIENT, delivery=delivery)
    async with (
        member(world, broker, RECIPIENT, tmp_path) as first,
        first.bus.subscribe([f"to.{RECIPIENT}"]) as subscription,
    ):
        (message,) = (await subscription.take(1)).messages
        assert await first.intake.receive(message)
        # here the process dies: committed, and never acknowledged
    async with member(world, broker, RECIPIENT, tmp_path) as second, second.running():

        async def settled() -> bool:
            return await asyncio.to_thread(broker.depth, f"to.{RECIPIENT}") == 0

        packet = await gateway.take(gateway_bus, RECIPIENT)
        assert packet.receipt.receipt
        await until(settled)
        await asyncio.sleep(0.3)
        assert await received(second) == [delivery.delivery_id]
        assert [kind for kind, _ in await second.packets()] == ["receipt"]
    assert broker.depth(f"from.{RECIPIENT}") == 0
    assert broker.depth(f"to.{RECIPIENT}.dead") == 0


async def test_garbage_on_the_queue_is_set_aside_and_does_not_stop_the_rest(
    world: World, broker: TestBroker, gateway: GatewayStandIn, gateway_bus: Bus, tmp_path: Path
) -> None:
    async with (
        member(world, broker, SENDER, tmp_path) as sender,
        member(world, broker, RECIPIENT, tmp_path) as recipient,
        sender.running(),
        recipient.running(),
    ):
        opened = await submitted(sender, gateway, gateway_bus)
        await asyncio.to_thread(broker.put, f"to.{RECIPIENT}", b"\x00garbage")
        await gateway.send(gateway_bus, RECIPIENT, delivery=gateway.release(opened))
        assert (await gateway.take(gateway_bus, RECIPIENT)).receipt.receipt
        assert len(await received(recipient)) == 1
        assert await recipient.alarms() == ["WRONG_PUBLISHER"]

    async def dead() -> bool:
        return await asyncio.to_thread(broker.depth, f"to.{RECIPIENT}.dead") == 1

    await until(dead)


async def test_what_is_accepted_while_the_broker_is_down_goes_once_it_is_up(
    world: World, broker: TestBroker, gateway: GatewayStandIn, tmp_path: Path
) -> None:
    async with member(world, broker, SENDER, tmp_path) as sender, sender.running():
        await sender.bus.wait_connected(PATIENCE_S)
        await asyncio.to_thread(broker.node.stop)
        try:
            acceptance = await sender.outbox.submit(write_header(), write_notice())
            assert not acceptance.repeated_request
        finally:
            broker.node.start()  # not in a thread: the kernel ends the node with the thread that started it

        async def sent() -> bool:
            return (await look(sender, acceptance.exchange_id)).exchange.state == EXCHANGE_STATE_SENT

        await until(sent)
    async with Bus(broker.settings("gateway")) as bus:
        assert gateway.open_seal(await gateway.take(bus, SENDER)).exchange_id == acceptance.exchange_id
