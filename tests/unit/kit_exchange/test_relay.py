import asyncio
from pathlib import Path

import pytest
from publicprotection.exchange.v1.outbox_service_pb2 import (
    EXCHANGE_STATE_ACCEPTED,
    EXCHANGE_STATE_SENT,
    GetExchangeRequest,
)

from services.kit.bus import MemoryBroker, MemoryBus
from services.kit.exchange.relay import Relay, RelaySettings
from tests.support.broker import SMALL, SMALL_MESSAGES
from tests.support.databases import NewDatabase
from tests.support.exchanging import (
    CONTEXT,
    SENDER,
    GatewayStandIn,
    Member,
    World,
    memory_member,
    write_header,
    write_notice,
)

pytestmark = pytest.mark.both_databases


async def submit(member: Member, count: int) -> list[str]:
    numbers = range(count)
    accepted = [
        await member.outbox.submit(write_header(f"request-{number:04}"), write_notice()) for number in numbers
    ]
    return [acceptance.exchange_id for acceptance in accepted]


async def state(member: Member, exchange_id: str) -> int:
    found = await member.outbox_service.GetExchange(GetExchangeRequest(exchange_id=exchange_id), CONTEXT)
    return int(found.exchange.state)


async def until_published(member: Member, count: int) -> None:
    async with asyncio.timeout(10):
        while [published for _, published in await member.packets()].count(True) < count:
            await asyncio.sleep(0.01)


async def test_packets_go_out_in_order_and_only_once(
    sender: Member, gateway: GatewayStandIn, gateway_bus: MemoryBus, broker: MemoryBroker
) -> None:
    ids = await submit(sender, 5)
    assert await state(sender, ids[0]) == EXCHANGE_STATE_ACCEPTED
    assert await sender.relay.publish_waiting()
    assert await sender.relay.publish_waiting()
    assert broker.depth(f"from.{SENDER}") == 5
    taken = [gateway.open_seal(await gateway.take(gateway_bus, SENDER)).exchange_id for _ in ids]
    assert taken == ids
    assert await state(sender, ids[0]) == EXCHANGE_STATE_SENT


async def test_a_batch_is_bounded_by_size(sender: Member, broker: MemoryBroker) -> None:
    await submit(sender, 3)
    relay = Relay(sender.participant, sender.records, sender.bus, RelaySettings(batch_octets=1))
    assert await relay.publish_waiting()
    assert broker.depth(f"from.{SENDER}") == 3


async def test_the_ciphertext_is_dropped_once_confirmed(sender: Member) -> None:
    await submit(sender, 1)
    await sender.relay.publish_waiting()
    async with sender.records.store.read() as connection:
        assert (await connection.exec_driver_sql("SELECT body FROM packet")).scalar() is None


async def test_a_commit_wakes_the_relay(sender: Member) -> None:
    async with sender.running():
        await asyncio.sleep(0.05)  # it has found nothing, and waits
        await submit(sender, 1)
        async with asyncio.timeout(2):  # less than its interval
            await until_published(sender, 1)


async def test_what_is_accepted_without_a_broker_goes_when_there_is_one(
    sender: Member, broker: MemoryBroker
) -> None:
    broker.disconnect()
    async with sender.running():
        ids = await submit(sender, 3)
        await asyncio.sleep(0.1)
        assert await state(sender, ids[0]) == EXCHANGE_STATE_ACCEPTED
        broker.reconnect()
        await until_published(sender, 3)
    assert broker.depth(f"from.{SENDER}") == 3


async def test_what_a_full_queue_does_not_take_is_tried_again(  # noqa: PLR0917  # both ends
    world: World,
    broker: MemoryBroker,
    gateway: GatewayStandIn,
    gateway_bus: MemoryBus,
    tmp_path: Path,
    databases: NewDatabase,
) -> None:
    async with memory_member(world, broker, SMALL, tmp_path, databases) as small:
        ids = await submit(small, SMALL_MESSAGES + 2)
        assert not await small.relay.publish_waiting()
        assert await state(small, ids[-1]) == EXCHANGE_STATE_ACCEPTED
        async with small.running():
            taken = [gateway.open_seal(await gateway.take(gateway_bus, SMALL)).exchange_id for _ in ids]
            await until_published(small, len(ids))
    assert sorted(taken) == sorted(ids)


async def test_a_packet_that_waits_survives_the_process(
    world: World, broker: MemoryBroker, tmp_path: Path, databases: NewDatabase
) -> None:
    async with memory_member(world, broker, SENDER, tmp_path, databases) as first:
        await submit(first, 1)
    async with memory_member(world, broker, SENDER, tmp_path, databases) as second:
        assert await second.packets() == [("submission", False)]
        await second.relay.publish_waiting()
    assert broker.depth(f"from.{SENDER}") == 1
