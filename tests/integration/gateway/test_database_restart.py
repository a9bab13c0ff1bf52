"""The gateway's database server stops and starts while exchanges flow: nothing is lost or done twice."""

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from publicprotection.transport.v1 import packet_pb2
from structlog.testing import capture_logs

from deploy.broker.definitions import GATEWAY
from services.kit.bus import Message, Publication, PublishResult
from services.kit.evidence.hop import decrypt_hop
from services.kit.evidence.keys import decryption_lookup
from services.kit.evidence.statement import verify_statement
from tests.support.databases import PostgresServer, ServerDatabase
from tests.support.gateway import Gateway, Parties, Sealed, open_gateway
from tests.support.postgres_cluster import PostgresCluster
from tests.support.rfc9162 import mth

EXCHANGES = 30
PATIENCE_S = 60.0


@pytest.fixture
def cluster() -> Iterator[PostgresCluster]:
    """One of this test's own: others would notice."""
    with PostgresCluster() as cluster:
        yield cluster


@pytest.fixture
def database(cluster: PostgresCluster, tmp_path: Path) -> ServerDatabase:
    return PostgresServer.of(cluster, tmp_path).create()


@pytest.fixture
async def gateway(database: ServerDatabase, tmp_path: Path) -> AsyncIterator[Gateway]:
    async with open_gateway(Parties(), tmp_path, databases=lambda _: database) as opened:
        yield opened


@asynccontextmanager
async def running(gateway: Gateway) -> AsyncIterator[list[asyncio.Task[None]]]:
    """With everything at work that a gateway's process runs."""
    works = (gateway.intake.run(gateway.bus), gateway.sequencer.run(), gateway.publisher.run())
    tasks = [asyncio.ensure_future(work) for work in works]
    yield tasks
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def send(gateway: Gateway) -> Sealed:
    def keep_one(header: object, _document: object) -> None:
        del header.recipients[1:]  # type: ignore[attr-defined]

    sealed = gateway.step("release-notice", change=keep_one)
    message = Message(sealed.body, message_id=secrets.token_hex(8), type="packet")
    publication = Publication("submissions", f"from.{sealed.organisation}", message)
    assert gateway.broker.publish(sealed.organisation, publication) is PublishResult.CONFIRMED
    return sealed


def delivered(gateway: Gateway) -> list[tuple[str, str]]:
    """Exchange and delivery of each message that the recipient's queue holds."""
    police = gateway.parties.of_kind("POLICE")
    lookup = decryption_lookup([gateway.parties.decryption[police]])
    bodies = [item.message.body.decode() for item in gateway.broker.queues[f"to.{police}"].items]
    found = []
    for body in bodies:
        delivery = packet_pb2.Packet.FromString(decrypt_hop(body, lookup)).delivery
        if delivery.delivery_id:
            keys = gateway.parties.directory.keys.verifying_at(gateway.parties.clock.now())
            said = verify_statement(delivery.statement, keys=keys, gateway=GATEWAY)
            found.append((said.exchange_id, delivery.delivery_id))
    return found


async def send_through_restarts(
    cluster: PostgresCluster, gateway: Gateway, sent: list[str], mode: str
) -> None:
    for number in range(EXCHANGES):
        sent.append(send(gateway).exchange_id)
        await asyncio.sleep(0.02)
        if number % 10 == 5:
            await asyncio.to_thread(cluster.stop, mode)
        if number % 10 == 8:
            cluster.start()  # in this thread, with which it would end


@pytest.mark.parametrize("mode", ["fast", "immediate"])
async def test_a_restart_under_load_loses_and_repeats_nothing(
    cluster: PostgresCluster, database: ServerDatabase, gateway: Gateway, mode: str
) -> None:
    sent: list[str] = []
    with capture_logs() as logs:
        async with running(gateway) as tasks, asyncio.timeout(PATIENCE_S):
            await send_through_restarts(cluster, gateway, sent, mode)
            while {exchange for exchange, _ in delivered(gateway)} != set(sent):
                assert not any(task.done() for task in tasks)
                await asyncio.sleep(0.05)
    assert {"intake_waits", "sequencer_waits"} <= {entry["event"] for entry in logs}  # it was noticed
    distinct = set(delivered(gateway))
    assert Counter(exchange for exchange, _ in distinct) == Counter(sent)
    records = Counter(row.exchange_id for row in await gateway.records("DISCLOSURE"))
    assert records == Counter(sent)
    assert database.ask("SELECT count(*) FROM submission") == [(EXCHANGES,)]
    queue = f"from.{gateway.parties.of_kind('PRISON')}"
    assert (gateway.broker.depth(queue), gateway.broker.depth(f"{queue}.dead")) == (0, 0)


async def test_the_log_is_whole_after_a_power_cut(
    cluster: PostgresCluster, database: ServerDatabase, gateway: Gateway
) -> None:
    async with running(gateway), asyncio.timeout(PATIENCE_S):
        sent = [send(gateway) for _ in range(10)]
        await asyncio.sleep(0.1)
        await asyncio.to_thread(cluster.stop, "immediate")
        cluster.start()
        while len({exchange for exchange, _ in delivered(gateway)}) < len(sent):
            await asyncio.sleep(0.05)
        while database.ask("SELECT count(*) FROM log_record WHERE leaf_index IS NULL") != [(0,)]:
            await asyncio.sleep(0.05)
    entries = database.ask("SELECT leaf_index, entry FROM log_record ORDER BY leaf_index")
    assert [index for index, _ in entries] == list(range(len(entries)))
    root = mth([entry.encode() for _, entry in entries])
    assert database.ask("SELECT size, root FROM log_head") == [(len(entries), root)]
