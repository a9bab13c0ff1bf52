"""Faults between the key store's commit and the database's, and while a batch waits for either."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from typing import Any

import pytest
from publicprotection.transport.v1.packet_pb2 import Packet

from gateway.app import intake
from gateway.app.envelopes import Arrival, Unusable, open_packet
from gateway.app.ports import StoreUnavailableError
from gateway.app.records import salt_name
from gateway.app.scopes import exchange_scope
from gateway.app.tools import Tools
from services.kit.bus import Message, Publication, PublishResult
from services.kit.bus.backoff import Backoff
from tests.support.gateway import Gateway, Sealed

pytestmark = pytest.mark.both_databases


class FullAtCommit:
    """A store whose transactions do everything but commit."""

    def __init__(self, store: Any) -> None:
        self.attempts = 0
        self._store = store

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Any]:
        self.attempts += 1
        async with self._store.writing() as unit:
            yield unit
            raise StoreUnavailableError("Full")


@contextmanager
def full_disk(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> Iterator[FullAtCommit]:
    full = FullAtCommit(gateway.store)
    with monkeypatch.context() as patch:
        patch.setattr(gateway.intake, "_store", full)
        patch.setattr(gateway.intake, "_backoff", Backoff(0.001, 0.001))
        yield full


async def send(gateway: Gateway, sealed: Sealed) -> str:
    """Puts a message into its organisation's queue, as that organisation; the queue's name."""
    message = Message(sealed.body, message_id=secrets.token_hex(8), type="packet")
    publication = Publication("submissions", f"from.{sealed.organisation}", message)
    assert gateway.broker.publish(sealed.organisation, publication) is PublishResult.CONFIRMED
    return publication.routing_key


async def test_secrets_saved_for_a_commit_that_failed_stop_nothing(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed = gateway.step("contribution")
    with full_disk(gateway, monkeypatch), pytest.raises(StoreUnavailableError):
        await gateway.take(sealed.arrival)
    place = exchange_scope(sealed.exchange_id), salt_name(sealed.exchange_id, "author")
    first = await gateway.key_store.salt(*place)
    assert first is not None
    assert await gateway.take(sealed.arrival) == [None]
    assert len(await gateway.records("DISCLOSURE")) == 1
    assert await gateway.key_store.salt(*place) != first


async def test_a_message_waits_unsettled_while_the_disk_is_full(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = await send(gateway, gateway.step("contribution"))
    async with gateway.bus.subscribe([queue]) as subscription:
        batch = await subscription.take(10)
        with full_disk(gateway, monkeypatch) as full:
            settling = asyncio.create_task(gateway.intake.settle(subscription, batch.messages))
            while full.attempts < 3:
                await asyncio.sleep(0.001)
            assert not settling.done()
            assert await gateway.records() == []
            # Neither acknowledged nor given back: the broker counts deliveries, and sets aside after many.
            assert not gateway.broker.queues[queue].items
            assert gateway.broker.depth(queue) == 1
        await settling
    assert gateway.broker.depth(queue) == 0
    assert len(await gateway.records("DISCLOSURE")) == 1


async def test_a_gateway_stopped_while_it_waits_gives_the_message_back(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = await send(gateway, gateway.step("contribution"))
    with full_disk(gateway, monkeypatch) as full:
        async with gateway.bus.subscribe([queue]) as subscription:
            batch = await subscription.take(10)
            settling = asyncio.create_task(gateway.intake.settle(subscription, batch.messages))
            while not full.attempts:
                await asyncio.sleep(0.001)
            settling.cancel()
            await asyncio.wait([settling])
    assert len(gateway.broker.queues[queue].items) == 1
    assert await gateway.records() == []


async def test_nothing_is_decided_by_a_stale_directory(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = await send(gateway, gateway.step("contribution"))
    monkeypatch.setattr(gateway.intake, "_backoff", Backoff(0.001, 0.001))
    clock = gateway.parties.clock
    now, clock.moment = clock.moment, gateway.parties.directory.valid_until + timedelta(seconds=1)
    async with gateway.bus.subscribe([queue]) as subscription:
        batch = await subscription.take(10)
        settling = asyncio.create_task(gateway.intake.settle(subscription, batch.messages))
        await asyncio.sleep(0.05)
        assert not settling.done()
        assert await gateway.records() == []
        clock.moment = now
        await settling
    assert len(await gateway.records("DISCLOSURE")) == 1


async def test_bytes_that_make_opening_itself_fail_are_set_aside(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever writes them must not be able to stop the gateway, nor keep others waiting."""
    bad, good = gateway.step("restrictions"), gateway.step("contribution")

    def stumble(body: bytes, tools: Tools) -> Packet | Unusable:
        if body == bad.body:
            raise KeyError("a library's own fault")
        return open_packet(body, tools)

    monkeypatch.setattr(intake, "open_packet", stumble)
    assert await gateway.take(bad.arrival, good.arrival) == [Unusable("FAULT"), None]
    assert [row.type for row in await gateway.records()] == [
        "SUBMISSION_REFUSED",
        "COLLECTION",
        "DISCLOSURE",
        "SUBJECT_LINKED",
    ]
    monkeypatch.undo()
    assert await gateway.take(bad.arrival) == [Unusable("SET_ASIDE_BEFORE")]


async def test_a_copy_sent_by_another_user_does_not_stand_in_the_way(gateway: Gateway) -> None:
    sealed = gateway.step("contribution")
    copy = Arrival(sealed.organisation, gateway.parties.of_kind("DWP"), sealed.body)
    assert await gateway.take(copy) == [Unusable("WRONG_USER")]
    assert await gateway.take(copy) == [Unusable("WRONG_USER")]
    assert await gateway.take(sealed.arrival) == [None]
    assert [row.type for row in await gateway.records()] == [
        "SUBMISSION_REFUSED",
        "COLLECTION",
        "DISCLOSURE",
        "SUBJECT_LINKED",
    ]
