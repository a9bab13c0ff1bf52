"""A full disk at an agency: nothing is accepted that is not kept, and nothing kept is lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kit.bus import MemoryBroker, MemoryBus
from services.kit.bus.backoff import Backoff
from services.kit.store import Store, StoreUnavailableError
from tests.support.exchanging import (
    RECIPIENT,
    SENDER,
    GatewayStandIn,
    Member,
    unchanged,
    write_header,
    write_notice,
)

MORE_THAN_ANY = 1_000_000


@asynccontextmanager
async def full_disk(store: Store) -> AsyncIterator[None]:
    """SQLite answers as on a full disk: the file may not grow."""
    await limit_pages(store, 1)  # less than it has: SQLite takes the number that it has
    try:
        yield
    finally:
        await limit_pages(store, MORE_THAN_ANY)


async def limit_pages(store: Store, pages: int) -> None:
    async def limit(connection: AsyncConnection) -> None:
        await connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")

    await store.write(limit)


async def submit_until_full(member: Member) -> str:
    """The request id of the first that did not fit."""
    for number in range(100):
        request_id = f"request-{number:04}"
        try:
            await member.outbox.submit(write_header(request_id), write_notice())
        except StoreUnavailableError:
            return request_id
    raise AssertionError("the disk is not full")


async def test_what_does_not_fit_is_not_accepted_and_can_be_sent_again(sender: Member) -> None:
    async with full_disk(sender.records.store):
        request_id = await submit_until_full(sender)
        kept = await sender.packets()
    accepted = await sender.outbox.submit(write_header(request_id), write_notice())
    assert not accepted.repeated_request
    assert len(await sender.packets()) == len(kept) + 1


async def test_the_relay_waits_and_sends_everything_once_there_is_room(
    sender: Member, broker: MemoryBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sender.outbox.submit(write_header(), write_notice())
    failures = [StoreUnavailableError("OperationalError")] * 2
    publish = sender.relay.publish_waiting

    async def fail_first() -> bool:
        if failures:
            raise failures.pop()
        return await publish()

    monkeypatch.setattr(sender.relay, "publish_waiting", fail_first)
    async with sender.running(), asyncio.timeout(10):
        while [published for _, published in await sender.packets()] != [True]:
            await asyncio.sleep(0.01)
    assert broker.depth(f"from.{SENDER}") == 1


async def test_what_arrives_waits_unsettled_however_long_it_takes(  # noqa: PLR0917  # both ends
    sender: Member,
    recipient: Member,
    broker: MemoryBroker,
    gateway: GatewayStandIn,
    gateway_bus: MemoryBus,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await sender.outbox.submit(write_header(), write_notice())
    await sender.relay.publish_waiting()
    opened = gateway.open_seal(await gateway.take(gateway_bus, SENDER))
    monkeypatch.setattr(recipient.intake, "_backoff", Backoff(0.001, 0.001))
    attempts = 0
    write = recipient.records.store.write

    async def fail_often(work: object) -> object:
        nonlocal attempts
        attempts += 1
        if attempts < 30:
            raise StoreUnavailableError("OperationalError")
        return await write(work)  # type: ignore[arg-type]

    monkeypatch.setattr(recipient.records.store, "write", fail_often)
    queue = f"to.{RECIPIENT}"
    await gateway.send(gateway_bus, RECIPIENT, delivery=gateway.release(opened, change=unchanged))
    async with recipient.bus.subscribe([queue]) as subscription:
        (message,) = (await subscription.take(10)).messages
        await recipient.intake.settle(subscription, [message])
        assert not message.redelivered
    assert attempts == 30
    assert broker.depth(queue) == 0
    assert [kind for kind, _ in await recipient.packets()] == ["receipt"]
