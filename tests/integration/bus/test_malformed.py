"""Whatever an organisation puts on its queue, the reader survives and the others are served."""

import asyncio
import struct
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pika
import pytest
from pika import data
from pika.adapters.blocking_connection import BlockingChannel

from services.kit.bus import Bus, Message, Publication, PublishResult
from tests.support.broker import TestBroker

KENT, OTHER = "kent-police", "kent-prison"


class RawField(dict[str, Any]):
    """A header table of one field with a type and bytes of our choice."""

    def __init__(self, kind: bytes, value: bytes) -> None:
        super().__init__(x=None)
        self.encoded = b"\x01x" + kind + value


def publish_raw(
    broker: TestBroker, monkeypatch: pytest.MonkeyPatch, properties: pika.BasicProperties
) -> None:
    """Publish as the organisation itself could, with header fields that pika would not write."""
    original: Callable[..., int] = data.encode_table

    def encode_table(pieces: list[bytes], table: dict[str, Any] | None) -> int:
        if not isinstance(table, RawField):
            return original(pieces, table)
        pieces.append(struct.pack(">I", len(table.encoded)) + table.encoded)
        return 4 + len(table.encoded)

    with monkeypatch.context() as patch, broker.raw(KENT) as connection:
        patch.setattr(data, "encode_table", encode_table)
        channel: BlockingChannel = connection.channel()
        channel.confirm_delivery()
        channel.basic_publish(
            "submissions", f"from.{KENT}", b"\xff\x00 not ASCII", properties, mandatory=True
        )


def properties(**values: Any) -> pika.BasicProperties:
    return pika.BasicProperties(**values)  # type: ignore[no-untyped-call]


def far_future() -> pika.BasicProperties:
    strange = properties(timestamp=1)
    strange.timestamp = 2**63
    return strange


def nested(depth: int) -> tuple[bytes, bytes]:
    """Arrays within arrays: type and value of the outermost."""
    value = b""
    for _ in range(depth):
        value = b"A" + struct.pack(">I", len(value)) + value
    return value[:1], value[1:]


STRANGE: dict[str, Callable[[], pika.BasicProperties]] = {
    "nothing at all": properties,
    "bytes that are not text": lambda: properties(
        message_id=b"\xff\xfe", type=b"\xff", headers={"a": b"\xff"}
    ),
    "headers of other types": lambda: properties(
        headers={"a": 1, "b": [1, {"c": None}], "d": datetime.now(UTC)}
    ),
    "a time out of range": far_future,
    "a header time out of range": lambda: properties(headers=RawField(b"T", b"\xff" * 8)),
    "headers nested very deep": lambda: properties(headers=RawField(*nested(5000))),
}


@pytest.mark.parametrize("name", STRANGE)
async def test_strange_messages_can_be_rejected_and_do_not_stop_the_rest(
    broker: TestBroker, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    await asyncio.to_thread(publish_raw, broker, monkeypatch, STRANGE[name]())
    async with Bus(broker.settings("gateway")) as gateway, Bus(broker.settings(OTHER)) as other:
        good = Publication("submissions", f"from.{OTHER}", Message(b"good", "m-1", "submission"))
        assert await other.publish_many([good]) == [PublishResult.CONFIRMED]
        async with asyncio.timeout(10), gateway.subscribe([f"from.{KENT}", f"from.{OTHER}"]) as subscription:
            batches = [await subscription.take(10) for _ in range(2)]
            strange, fine = sorted(batches, key=lambda batch: batch.queue != f"from.{KENT}")
            assert fine.messages[0].message.body == b"good"
            assert strange.messages[0].message.body == b"\xff\x00 not ASCII"
            assert strange.messages[0].message.message_id == ""
            assert all(isinstance(value, str) for value in strange.messages[0].message.headers.values())
            subscription.reject(strange.messages)
            subscription.ack(fine.messages)
    await settled(broker, f"from.{KENT}.dead", 1)
    assert (broker.depth(f"from.{KENT}"), broker.depth(f"from.{OTHER}")) == (0, 0)


async def settled(broker: TestBroker, queue: str, depth: int) -> None:
    async with asyncio.timeout(10):
        while await asyncio.to_thread(broker.depth, queue) != depth:
            await asyncio.sleep(0.05)


async def test_an_oversized_message_is_set_aside_unseen(broker: TestBroker) -> None:
    broker.put(f"to.{KENT}", b"x" * 1001)
    broker.put(f"to.{KENT}", b"fits")
    settings = broker.settings(KENT, max_message_octets=1000)
    async with Bus(settings) as bus, bus.subscribe([f"to.{KENT}"]) as subscription:
        batch = await subscription.take(10, max_wait_s=0.5)
        subscription.ack(batch.messages)
    assert [received.message.body for received in batch.messages] == [b"fits"]
    await settled(broker, f"to.{KENT}.dead", 1)
