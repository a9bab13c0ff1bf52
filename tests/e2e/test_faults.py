"""What fails is started again, and nothing is lost, half done or sent twice.

Processes and broker are started from this thread, although that blocks the loop: each ends with the thread
that started it, and a helper thread of the loop would take them with it when the test is over.
"""

import asyncio
import io
import os
import signal
from collections.abc import Iterator, Mapping

import pika
import pytest
from publicprotection.exchange.v1.outbox_service_pb2 import EXCHANGE_STATE_ACCEPTED
from publicprotection.exchange.v1.outcome_pb2 import OUTCOME_KIND_DECIDED

from deploy.broker.definitions import GATEWAY, SUBMISSIONS
from deploy.demo.performance import perform
from deploy.demo.terminal import Terminal
from deploy.local.launcher import LocalSystem
from deploy.local.processes import ProcessError
from deploy.local.world import World
from deploy.story.clients import AgencyClient, OversightClient
from deploy.story.model import Story
from deploy.story.record import entry_of, read_record
from deploy.story.watching import Watcher
from services.kit.bus.settings import connection_parameters
from services.kit.settings import load_settings
from tests.support.world import PATIENCE_S, build, sending, to_one

PRISON, POLICE = "marlfield-prison", "kent-police"
BURST = 12


@pytest.fixture(autouse=True)
def _whole_system(system: LocalSystem) -> Iterator[None]:
    """Whatever a test stopped runs again afterwards, so that the next begins with a whole system."""
    yield
    if not system.world.broker.running:
        system.world.broker.start()
    for process in system.processes.values():
        if process.pid is None:
            process.start()
    system.await_serving()


async def send_notice(clients: Mapping[str, AgencyClient], story: Story) -> str:
    """Send one notice of release to the police; return its exchange."""
    header, document = build(sending(story, "release-notice"))
    return (await clients[PRISON].send(to_one(header), document)).exchange_id


async def assert_arrived_once(watcher: Watcher, exchanges: list[str]) -> None:
    for exchange_id in exchanges:
        await watcher.settled(PRISON, exchange_id, OUTCOME_KIND_DECIDED)
        exchange = await watcher.exchange(PRISON, exchange_id)
        decided = [outcome for outcome in exchange.outcomes if outcome.kind == OUTCOME_KIND_DECIDED]
        assert len(decided) == 1
        assert len(await watcher.deliveries(POLICE, exchange_id=exchange_id)) == 1


def publish_raw(world: World, organisation: str, body: bytes) -> None:
    """Publish bytes as an organisation would, with its own credentials, past its service."""
    broker = load_settings(world.agencies[organisation].settings).broker
    connection = pika.BlockingConnection(connection_parameters(broker, "raw"))
    channel = connection.channel()
    channel.confirm_delivery()
    properties = pika.BasicProperties(user_id=organisation, message_id="raw", delivery_mode=2)  # type: ignore[no-untyped-call] # pika's are untyped
    channel.basic_publish(SUBMISSIONS, f"from.{organisation}", body, properties, mandatory=True)
    connection.close()


async def until_depth(world: World, queue: str, depth: int) -> None:
    for _ in range(60):
        if (await asyncio.to_thread(world.broker.depths))[queue] == depth:
            return
        await asyncio.sleep(0.25)
    pytest.fail(f"{queue} does not hold {depth}")


async def test_malformed_bytes_are_set_aside_recorded_and_stop_nobody(
    world: World, clients: Mapping[str, AgencyClient], watcher: Watcher, story: Story
) -> None:
    dead = f"from.{PRISON}.dead"
    before = world.broker.depths()[dead]

    publish_raw(world, PRISON, b"\x00\xffno packet of anybody's")
    exchange_id = await send_notice(clients, story)

    await assert_arrived_once(watcher, [exchange_id])
    await until_depth(world, dead, before + 1)
    oversight = OversightClient(world.oversight(story.reader, story.reader_name))
    record = await read_record(oversight, [])
    await oversight.close()
    refused = [entry for item in record.entries if (entry := entry_of(item))["type"] == "SUBMISSION_REFUSED"]
    assert any(PRISON in entry.values() for entry in refused)


async def test_a_broker_that_is_down_delays_and_loses_nothing(
    system: LocalSystem, clients: Mapping[str, AgencyClient], watcher: Watcher, story: Story
) -> None:
    await asyncio.to_thread(system.world.broker.stop)

    sent = [await send_notice(clients, story) for _ in range(3)]
    states = [(await watcher.exchange(PRISON, exchange_id)).exchange.state for exchange_id in sent]
    system.world.broker.start()

    assert set(states) == {EXCHANGE_STATE_ACCEPTED}
    await assert_arrived_once(watcher, sent)


async def test_processes_start_and_accept_while_the_broker_is_down(
    system: LocalSystem, clients: Mapping[str, AgencyClient], watcher: Watcher, story: Story
) -> None:
    await asyncio.to_thread(system.world.broker.stop)
    for name in (PRISON, GATEWAY):
        await asyncio.to_thread(system.processes[name].stop)
        system.processes[name].start()
    await asyncio.to_thread(system.await_serving, PRISON)

    sent = [await send_notice(clients, story)]
    system.world.broker.start()

    await assert_arrived_once(watcher, sent)


@pytest.mark.parametrize("victim", [PRISON, GATEWAY, POLICE])
async def test_a_process_killed_mid_way_loses_and_repeats_nothing(
    victim: str,
    system: LocalSystem,
    clients: Mapping[str, AgencyClient],
    watcher: Watcher,
    story: Story,
) -> None:
    sent = [await send_notice(clients, story) for _ in range(BURST)]

    system.processes[victim].kill()
    assert not await asyncio.to_thread(system.is_serving, victim)
    system.processes[victim].start()
    await asyncio.to_thread(system.await_serving, victim)

    await assert_arrived_once(watcher, sent)


async def test_a_process_that_dies_ends_the_playing_at_once(system: LocalSystem, story: Story) -> None:
    adults = system.processes["kent-adults"]
    assert adults.pid is not None
    os.kill(adults.pid, signal.SIGKILL)

    with pytest.raises(ProcessError, match=f"kent-adults ended with code -{signal.SIGKILL.value}") as caught:
        await perform(system, story, Terminal(io.StringIO()), limit_s=PATIENCE_S)

    assert str(adults.log) in str(caught.value)
    adults.kill()
