"""The bus in memory and the bus over RabbitMQ behave alike: the same tests run over both."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from deploy.broker.definitions import GATEWAY
from services.kit.bus import (
    Batch,
    Bus,
    BusClosedError,
    BusPort,
    MemoryBroker,
    MemoryBus,
    Message,
    Publication,
    PublishResult,
    QueueRefusedError,
)
from tests.support.broker import OPERATOR, ORGANISATIONS, SMALL, SMALL_MESSAGES, definitions

Connect = Callable[[str], AbstractAsyncContextManager[BusPort]]
KENT, OTHER = "kent-police", "kent-prison"
TRACEPARENT = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}


@pytest.fixture(params=["memory", "rabbitmq"])
def connect(request: pytest.FixtureRequest) -> Connect:
    """How a user gets a started bus."""
    if request.param == "memory":
        memory = MemoryBroker(definitions(dict.fromkeys((*ORGANISATIONS, GATEWAY, OPERATOR), "x")))
        return lambda user: MemoryBus(memory, user)
    broker = request.getfixturevalue("broker")
    return lambda user: Bus(broker.settings(user))


def submission(sender: str, number: int = 1, **changes: Any) -> Publication:
    values: dict[str, Any] = {"body": b"body %d" % number, "message_id": f"m-{number}", "type": "submission"}
    return Publication("submissions", f"from.{sender}", Message(**(values | changes)))


def delivery(recipient: str, number: int = 1) -> Publication:
    return Publication(
        "deliveries", f"to.{recipient}", Message(b"body %d" % number, f"m-{number}", "delivery")
    )


def bodies(batch: Batch) -> list[bytes]:
    return [received.message.body for received in batch.messages]


async def nothing_arrives(bus: BusPort, queue: str) -> bool:
    async with bus.subscribe([queue]) as subscription:
        try:
            async with asyncio.timeout(0.5):
                await subscription.take(1)
        except TimeoutError:
            return True
    return False


async def test_a_message_arrives_as_it_was_sent_and_in_the_name_of_its_sender(connect: Connect) -> None:
    async with connect(KENT) as sender, connect(GATEWAY) as gateway:
        assert await sender.publish_many([submission(KENT, headers=TRACEPARENT)]) == [PublishResult.CONFIRMED]
        async with gateway.subscribe([f"from.{KENT}"]) as subscription:
            (received,) = (await subscription.take(10)).messages
            subscription.ack([received])
    assert received.message == submission(KENT, headers=TRACEPARENT).message
    assert (received.user_id, received.queue, received.redelivered) == (KENT, f"from.{KENT}", False)


async def test_a_batch_keeps_its_order_and_each_message_its_result(connect: Connect) -> None:
    async with connect(GATEWAY) as gateway, connect(KENT) as recipient:
        batch = [delivery(KENT, 1), delivery("nobody-here", 2), delivery(KENT, 3)]
        assert await gateway.publish_many(batch) == [
            PublishResult.CONFIRMED,
            PublishResult.UNROUTABLE,
            PublishResult.CONFIRMED,
        ]
        async with recipient.subscribe([f"to.{KENT}"]) as subscription:
            assert bodies(await subscription.take(2, max_wait_s=5)) == [b"body 1", b"body 3"]


async def test_nobody_publishes_in_anothers_place_and_its_companions_do_not_suffer(connect: Connect) -> None:
    async with connect(KENT) as sender, connect(GATEWAY) as gateway:
        batch = [submission(KENT, 1), submission(OTHER, 2), submission(KENT, 3), delivery(OTHER, 4)]
        results = await sender.publish_many(batch)
        assert results == [
            PublishResult.CONFIRMED,
            PublishResult.REFUSED,
            PublishResult.CONFIRMED,
            PublishResult.REFUSED,
        ]
        assert not any(result.retry for result in results)
        assert await nothing_arrives(gateway, f"from.{OTHER}")
        assert await sender.publish_many([submission(KENT, 5)]) == [PublishResult.CONFIRMED]


async def test_an_oversized_message_is_not_sent(connect: Connect) -> None:
    async with connect(KENT) as sender:
        large = submission(KENT, body=b"x" * (8 * 1024**2 + 1))
        assert await sender.publish_many([large, submission(KENT)]) == [
            PublishResult.OVERSIZED,
            PublishResult.CONFIRMED,
        ]


async def test_a_full_queue_rejects(connect: Connect) -> None:
    async with connect(GATEWAY) as gateway:
        results = []
        for number in range(SMALL_MESSAGES + 10):
            results += await gateway.publish_many([delivery(SMALL, number)])
        assert results[:SMALL_MESSAGES] == [PublishResult.CONFIRMED] * SMALL_MESSAGES
        assert results[-1] is PublishResult.REJECTED
        assert results[-1].retry


@pytest.mark.parametrize("queue", ["to.kent-prison", "from.kent-police", "to.kent-prison.dead"])
async def test_nobody_reads_anothers_queue(connect: Connect, queue: str) -> None:
    async with connect(KENT) as bus, bus.subscribe([queue]) as subscription:
        with pytest.raises(QueueRefusedError, match=queue):
            await subscription.take(1)


async def test_a_queue_that_does_not_exist_is_refused(connect: Connect) -> None:
    async with connect(GATEWAY) as bus, bus.subscribe(["from.nobody-here"]) as subscription:
        with pytest.raises(QueueRefusedError, match="nobody-here"):
            await subscription.take(1)


async def test_cancelling_a_take_loses_nothing(connect: Connect) -> None:
    queue = f"from.{KENT}"
    async with (
        connect(KENT) as sender,
        connect(GATEWAY) as gateway,
        gateway.subscribe([queue]) as subscription,
    ):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(subscription.take(5, max_wait_s=60), timeout=0.2)
        await sender.publish_many([submission(KENT, 1)])
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(subscription.take(5, max_wait_s=60), timeout=0.5)
        assert bodies(await subscription.take(5)) == [b"body 1"]


async def test_a_rejected_message_goes_to_the_dead_letter_queue(connect: Connect) -> None:
    async with connect(KENT) as sender, connect(GATEWAY) as gateway:
        await sender.publish_many([submission(KENT, 1), submission(KENT, 2)])
        async with gateway.subscribe([f"from.{KENT}"]) as subscription:
            batch = await subscription.take(2, max_wait_s=5)
            subscription.reject(batch.messages[:1])
            subscription.ack(batch.messages[1:])
        async with gateway.subscribe([f"from.{KENT}.dead"]) as subscription:
            (dead,) = (await subscription.take(10, max_wait_s=0.5)).messages
            assert (dead.message.body, dead.user_id) == (b"body 1", KENT)
        assert await nothing_arrives(gateway, f"from.{KENT}")


async def test_a_requeued_message_comes_again_and_says_so(connect: Connect) -> None:
    async with connect(KENT) as sender, connect(GATEWAY) as gateway:
        await sender.publish_many([submission(KENT)])
        async with gateway.subscribe([f"from.{KENT}"]) as subscription:
            first = await subscription.take(1)
            subscription.requeue(first.messages)
            second = await subscription.take(1)
            assert (bodies(first), bodies(second)) == ([b"body 1"], [b"body 1"])
            assert second.messages[0].redelivered


async def test_what_was_not_settled_is_delivered_again(connect: Connect) -> None:
    async with connect(KENT) as sender, connect(GATEWAY) as gateway:
        await sender.publish_many([submission(KENT, number) for number in range(4)])
        async with gateway.subscribe([f"from.{KENT}"]) as subscription:
            batch = await subscription.take(4, max_wait_s=5)
            subscription.ack(batch.messages[:2])
        async with gateway.subscribe([f"from.{KENT}"]) as subscription:
            again = await subscription.take(4, max_wait_s=0.5)
            assert bodies(again) == [b"body 2", b"body 3"]
            assert all(received.redelivered for received in again.messages)


async def test_settling_twice_or_after_the_subscription_ended_does_nothing(connect: Connect) -> None:
    async with connect(KENT) as sender, connect(GATEWAY) as gateway:
        await sender.publish_many([submission(KENT)])
        async with gateway.subscribe([f"from.{KENT}"]) as subscription:
            stale = await subscription.take(1)
        async with gateway.subscribe([f"from.{KENT}"]) as subscription:
            subscription.ack(stale.messages)
            fresh = await subscription.take(1)
            subscription.ack(stale.messages)
            subscription.ack(fresh.messages)
            subscription.ack(fresh.messages)
            subscription.reject(fresh.messages)
        assert await nothing_arrives(gateway, f"from.{KENT}")
        assert await nothing_arrives(gateway, f"from.{KENT}.dead")


async def test_a_busy_queue_does_not_keep_the_others_waiting(connect: Connect) -> None:
    async with connect(KENT) as busy, connect(OTHER) as quiet, connect(GATEWAY) as gateway:
        await busy.publish_many([submission(KENT, number) for number in range(60)])
        await quiet.publish_many([submission(OTHER, 99)])
        async with gateway.subscribe([f"from.{KENT}", f"from.{OTHER}"], prefetch=50) as subscription:
            await asyncio.sleep(0.3)  # let both arrive
            served = []
            for _ in range(4):
                batch = await subscription.take(10, max_wait_s=1)
                served.append((batch.queue, len(batch.messages)))
                subscription.ack(batch.messages)
    assert sorted(served[:2]) == [(f"from.{KENT}", 10), (f"from.{OTHER}", 1)]
    assert served[2:] == [(f"from.{KENT}", 10), (f"from.{KENT}", 10)]


async def test_no_more_than_the_prefetch_is_held_unsettled(connect: Connect) -> None:
    async with connect(KENT) as sender, connect(GATEWAY) as gateway:
        await sender.publish_many([submission(KENT, number) for number in range(8)])
        async with gateway.subscribe([f"from.{KENT}"], prefetch=5) as subscription:
            first = await subscription.take(8, max_wait_s=0.3)
            assert len(first.messages) == 5
            subscription.ack(first.messages)
            assert len((await subscription.take(8, max_wait_s=0.3)).messages) == 3


async def test_batches_end_when_the_bus_stops_and_nothing_works_afterwards(connect: Connect) -> None:
    seen: list[bytes] = []
    arrived = asyncio.Event()
    async with connect(KENT) as sender, connect(GATEWAY) as gateway:
        async with asyncio.TaskGroup() as group, connect(GATEWAY) as reading:

            async def read() -> None:
                async with reading.subscribe([f"from.{KENT}"]) as subscription:
                    async for batch in subscription.batches(10):
                        subscription.ack(batch.messages)
                        seen.extend(bodies(batch))
                        arrived.set()

            group.create_task(read())
            await sender.publish_many([submission(KENT)])
            await arrived.wait()
        assert seen == [b"body 1"]
        assert await nothing_arrives(gateway, f"from.{KENT}")
    with pytest.raises(BusClosedError):
        await sender.publish_many([submission(KENT)])


async def test_health_says_whether_the_bus_is_connected(connect: Connect) -> None:
    async with connect(KENT) as bus:
        await bus.wait_connected(timeout_s=10)
        assert bus.health.connected
        assert not bus.health.blocked
        since = bus.health.since
        assert since.tzinfo is not None
    assert not bus.health.connected
