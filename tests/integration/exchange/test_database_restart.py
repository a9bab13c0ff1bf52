"""An agency's database server stops and starts as it sends and receives: nothing is lost or there twice."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from services.kit.bus import MemoryBroker, MemoryBus
from services.kit.store import StoreUnavailableError
from tests.support.databases import Database, PostgresServer
from tests.support.exchanging import (
    RECIPIENT,
    SENDER,
    GatewayStandIn,
    Member,
    World,
    memory_broker,
    memory_member,
    unchanged,
    write_header,
    write_notice,
)
from tests.support.postgres_cluster import PostgresCluster

EXCHANGES = 20
PATIENCE_S = 60.0


class Servers:
    """Each organisation's database on a server of this test's own: others would notice."""

    def __init__(self, cluster: PostgresCluster, folder: Path) -> None:
        self._server = PostgresServer.of(cluster, folder)
        self._made: dict[Path, Database] = {}

    def __call__(self, path: Path) -> Database:
        if path not in self._made:
            self._made[path] = self._server.create()
        return self._made[path]


@pytest.fixture
def cluster() -> Iterator[PostgresCluster]:
    with PostgresCluster() as cluster:
        yield cluster


@pytest.fixture
def broker() -> MemoryBroker:
    return memory_broker()


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def servers(cluster: PostgresCluster, tmp_path: Path) -> Servers:
    return Servers(cluster, tmp_path)


@pytest.fixture
async def sender(
    world: World, broker: MemoryBroker, tmp_path: Path, servers: Servers
) -> AsyncIterator[Member]:
    async with memory_member(world, broker, SENDER, tmp_path, servers) as member:
        yield member


@pytest.fixture
async def recipient(
    world: World, broker: MemoryBroker, tmp_path: Path, servers: Servers
) -> AsyncIterator[Member]:
    async with memory_member(world, broker, RECIPIENT, tmp_path, servers) as member:
        yield member


async def insist(sender: Member, number: int) -> str:
    """Sends as an agency's system does: the same request again, for as long as the service is unavailable."""
    request_id = f"request-{number:04}"
    await asyncio.sleep(number * 0.03)
    while True:
        try:
            return (await sender.outbox.submit(write_header(request_id), write_notice())).exchange_id
        except StoreUnavailableError:
            await asyncio.sleep(0.1)


async def restart(cluster: PostgresCluster, mode: str) -> None:
    await asyncio.sleep(0.1)
    await asyncio.to_thread(cluster.stop, mode)
    await asyncio.sleep(0.3)
    cluster.start()  # in this thread, with which it would end


@pytest.mark.parametrize("mode", ["fast", "immediate"])
async def test_what_is_accepted_is_sent_through_a_restart(
    cluster: PostgresCluster, broker: MemoryBroker, sender: Member, mode: str
) -> None:
    async with sender.running(), asyncio.timeout(PATIENCE_S):
        accepted = asyncio.gather(*(insist(sender, number) for number in range(EXCHANGES)))
        await asyncio.gather(restart(cluster, mode), accepted)
        while {published for _, published in await sender.packets()} != {True}:
            await asyncio.sleep(0.05)
    assert len(set(accepted.result())) == EXCHANGES
    assert len(await sender.packets()) == EXCHANGES
    sent = {item.message.message_id for item in broker.queues[f"from.{SENDER}"].items}
    assert len(sent) == EXCHANGES


@pytest.mark.parametrize("mode", ["fast", "immediate"])
async def test_what_arrives_through_a_restart_is_there_once(  # noqa: PLR0917  # both ends
    cluster: PostgresCluster, broker: MemoryBroker, world: World, sender: Member, recipient: Member, mode: str
) -> None:
    gateway = GatewayStandIn(world)
    await sender.outbox.submit(write_header(), write_notice())
    await sender.relay.publish_waiting()
    async with MemoryBus(broker, "gateway") as bus:
        opened = gateway.open_seal(await gateway.take(bus, SENDER))
        made = [gateway.release(opened, change=unchanged) for _ in range(EXCHANGES)]
        with capture_logs() as logs:
            async with recipient.running(), asyncio.timeout(PATIENCE_S):
                stopping = asyncio.create_task(restart(cluster, mode))
                for delivery in made:
                    await gateway.send(bus, RECIPIENT, delivery=delivery)
                    await asyncio.sleep(0.03)
                await stopping
                while broker.depth(f"to.{RECIPIENT}"):
                    await asyncio.sleep(0.05)
                while {published for _, published in await recipient.packets()} != {True}:
                    await asyncio.sleep(0.05)
    assert {"intake_fault", "relay_waits"} & {entry["event"] for entry in logs}  # it was noticed
    assert Counter(kind for kind, _ in await recipient.packets()) == Counter(receipt=EXCHANGES)
    assert await recipient.alarms() == []
    assert broker.depth(f"to.{RECIPIENT}.dead") == 0
