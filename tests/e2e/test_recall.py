"""A sender corrects what it sent (DPA 2018 s.46, s.48): who had it sees it no more, and says so."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import grpc
import pytest
from publicprotection.exchange.v1 import recall_service_pb2 as pb2
from publicprotection.exchange.v1.inbox_service_pb2 import GetDeliveryRequest
from publicprotection.exchange.v1.outcome_pb2 import (
    OUTCOME_KIND_DECIDED,
    OUTCOME_KIND_RECALL_CONFIRMED,
    OUTCOME_KIND_RECALLED,
    Outcome,
    OutcomeKind,
)
from publicprotection.exchange.v1.recall_pb2 import (
    RECALL_ACTION_CORRECTED,
    RECALL_KIND_CORRECTED,
    RECALL_STATE_CONFIRMED,
    RECALL_STATE_TOLD,
)
from publicprotection.exchange.v1.recall_service_pb2_grpc import RecallServiceStub

from deploy.broker.definitions import GATEWAY
from deploy.local.launcher import LocalSystem
from deploy.local.world import World
from deploy.story.clients import AgencyClient
from deploy.story.model import Story
from deploy.story.watching import Watcher
from services.kit.rpc.client import open_channel
from tests.support.world import build, new_request_id, sending, to_one

if TYPE_CHECKING:
    from publicprotection.exchange.v1.recall_service_pb2_grpc import RecallServiceAsyncStub

PRISON, POLICE = "marlfield-prison", "kent-police"
TIMEOUT_S = 20

Clients = Mapping[str, AgencyClient]


@asynccontextmanager
async def recalls(world: World, organisation: str) -> AsyncIterator["RecallServiceAsyncStub"]:
    endpoint = world.endpoint(organisation)
    async with open_channel(endpoint.address, endpoint.tls, tokens=endpoint.tokens) as channel:
        yield RecallServiceStub(channel)


async def send_and_read(clients: Clients, watcher: Watcher, story: Story) -> str:
    """A notice of release that the police have opened."""
    header, document = build(sending(story, "release-notice"))
    exchange_id = (await clients[PRISON].send(to_one(header), document)).exchange_id
    await watcher.settled(PRISON, exchange_id, OUTCOME_KIND_DECIDED)
    [delivery] = await watcher.deliveries(POLICE, exchange_id=exchange_id)
    request = GetDeliveryRequest(delivery_id=delivery.delivery_id)
    await clients[POLICE].inbox.GetDelivery(request, timeout=TIMEOUT_S)
    return exchange_id


async def recall(world: World, wrong: str, right: str) -> str:
    request = pb2.RecallExchangeRequest(
        exchange_id=wrong,
        request_id=new_request_id(),
        kind=RECALL_KIND_CORRECTED,
        reason="It had the wrong day of release.",
        replaced_by=right,
    )
    async with recalls(world, PRISON) as stub:
        return (await stub.RecallExchange(request, timeout=TIMEOUT_S)).acceptance.exchange_id


async def listed(world: World, recall_id: str, *, confirmed: bool = False) -> list[pb2.KnownRecall]:
    async with recalls(world, POLICE) as stub:
        answer = await stub.ListRecalls(
            pb2.ListRecallsRequest(include_confirmed=confirmed), timeout=TIMEOUT_S
        )
    return [each for each in answer.recalls if each.notice.recall_id == recall_id]


async def waiting(world: World, watcher: Watcher, recall_id: str, count: int) -> list[pb2.KnownRecall]:
    """What waits for the police to confirm it, once it is that many."""

    async def look() -> list[pb2.KnownRecall] | None:
        found = await listed(world, recall_id)
        return found if len(found) == count else None

    return await watcher.until(look, f"{count} to confirm at the police")


async def confirm(world: World, recall_id: str) -> None:
    request = pb2.ConfirmRecallRequest(
        recall_id=recall_id,
        request_id=new_request_id(),
        action=RECALL_ACTION_CORRECTED,
        reason="The plan has the right day now.",
    )
    async with recalls(world, POLICE) as stub:
        await stub.ConfirmRecall(request, timeout=TIMEOUT_S)


async def restart(system: LocalSystem, names: Iterable[str]) -> None:
    """Kill and start again; from this thread, with which the processes end."""
    for name in names:
        system.processes[name].kill()
    for name in names:
        system.processes[name].start()
    await asyncio.to_thread(system.await_serving, *names)


async def told(watcher: Watcher, recall_id: str, kind: OutcomeKind.ValueType) -> Outcome:
    """What the sender is told of a recall, once."""

    async def look() -> list[Outcome] | None:
        outcomes = (await watcher.exchange(PRISON, recall_id)).outcomes
        return [each for each in outcomes if each.kind == kind] or None

    [outcome] = await watcher.until(look, f"{OutcomeKind.Name(kind)} of {recall_id}")
    return outcome


async def assert_gone(clients: Clients, watcher: Watcher, delivery_id: str, exchange_id: str) -> None:
    assert await watcher.deliveries(POLICE, exchange_id=exchange_id) == []
    with pytest.raises(grpc.aio.AioRpcError):
        await clients[POLICE].inbox.GetDelivery(
            GetDeliveryRequest(delivery_id=delivery_id), timeout=TIMEOUT_S
        )


async def test_a_correction_reaches_whoever_had_the_first_through_kills(
    system: LocalSystem, world: World, clients: Clients, watcher: Watcher, story: Story
) -> None:
    wrong = await send_and_read(clients, watcher, story)
    [delivered] = await watcher.deliveries(POLICE, exchange_id=wrong)
    right = await send_and_read(clients, watcher, story)

    recall_id = await recall(world, wrong, right)
    await restart(system, (GATEWAY, POLICE))
    recalled = await told(watcher, recall_id, OUTCOME_KIND_RECALLED)
    known = await waiting(world, watcher, recall_id, 1)

    states = [(each.recipient.organisation, each.state) for each in recalled.recall.recipients]
    assert states == [(POLICE, RECALL_STATE_TOLD)]
    assert [(each.sender, each.notice.recalled_exchange_id, each.notice.replaced_by) for each in known] == [
        (PRISON, wrong, right)
    ]
    await assert_gone(clients, watcher, delivered.delivery_id, wrong)
    assert len(await watcher.deliveries(POLICE, exchange_id=right)) == 1

    await confirm(world, recall_id)
    await restart(system, (GATEWAY, POLICE))
    confirmed = await told(watcher, recall_id, OUTCOME_KIND_RECALL_CONFIRMED)

    [recipient] = confirmed.recall.recipients
    assert (recipient.recipient.organisation, recipient.state) == (POLICE, RECALL_STATE_CONFIRMED)
    assert confirmed.recall.action == RECALL_ACTION_CORRECTED
    assert await waiting(world, watcher, recall_id, 0) == []
    assert len(await listed(world, recall_id, confirmed=True)) == 1
    await assert_gone(clients, watcher, delivered.delivery_id, wrong)
