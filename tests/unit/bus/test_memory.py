"""What the bus in memory has and RabbitMQ has not: it can be cut off at will."""

import pytest

from deploy.broker.definitions import Account, define
from services.kit.bus import BusUnavailableError, MemoryBroker, MemoryBus, Message, Publication, PublishResult

KENT = "kent-police"
SUBMISSION = Publication("submissions", f"from.{KENT}", Message(b"x", "m-1", "submission"))


@pytest.fixture
def broker() -> MemoryBroker:
    return MemoryBroker(define([Account(KENT, "hash")], Account("gateway", "hash")))


async def test_an_unreachable_broker_confirms_nothing(broker: MemoryBroker) -> None:
    async with MemoryBus(broker, KENT) as bus:
        broker.disconnect()
        assert not bus.health.connected
        assert await bus.publish_many([SUBMISSION], timeout_s=0.01) == [PublishResult.UNCONFIRMED]
        with pytest.raises(BusUnavailableError):
            await bus.wait_connected(timeout_s=0.01)
        broker.reconnect()
        assert await bus.publish_many([SUBMISSION]) == [PublishResult.CONFIRMED]
    assert broker.depth(f"from.{KENT}") == 1


async def test_after_an_outage_messages_come_again_and_old_tags_are_ignored(broker: MemoryBroker) -> None:
    async with MemoryBus(broker, KENT) as bus, MemoryBus(broker, "gateway") as gateway:
        await bus.publish_many([SUBMISSION])
        async with gateway.subscribe([f"from.{KENT}"]) as subscription:
            stale = await subscription.take(1)
            broker.disconnect()
            broker.reconnect()
            subscription.ack(stale.messages)
            fresh = await subscription.take(1)
            assert fresh.messages[0].redelivered
            assert broker.depth(f"from.{KENT}") == 1
            subscription.ack(fresh.messages)
    assert broker.depth(f"from.{KENT}") == 0
