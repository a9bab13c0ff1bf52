"""Killing the gateway between its commit and its publish, on the real broker."""

import asyncio
import json
import os
import signal
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from publicprotection.transport.v1 import packet_pb2

from deploy.broker.definitions import GATEWAY
from deploy.local.keys import KEY_FOLDER
from deploy.local.launcher import LocalSystem
from deploy.local.roster import read_organisations
from deploy.local.world import World
from services.kit.bus import Bus, BusSettings, Message, Publication, PublishResult, Received
from services.kit.clock import FixedClock
from services.kit.credentials import read_decryption_keys, read_signing_key
from services.kit.evidence.hop import decrypt_hop
from services.kit.evidence.keys import decryption_lookup
from tests.support.gateway import Parties, Sealed, Senders

PATIENCE_S = 60.0


@pytest.fixture
def system(tmp_path: Path) -> Iterator[LocalSystem]:
    """A broker and the files of a world; of its processes the tests start only the gateway."""
    names = [entry.organisation for entry in read_organisations()]
    parties = Parties()
    cast = [parties.of_kind("PRISON"), parties.of_kind("POLICE")]
    assert set(cast) <= set(names)
    world = World.create(tmp_path / "world", cast)
    system = LocalSystem(world, patience_s=PATIENCE_S)
    try:
        world.broker.start()
        yield system
    finally:
        system.stop()
        world.release()


async def test_kill_between_commit_and_publish_loses_nothing_and_takes_effect_once(
    system: LocalSystem,
) -> None:
    world, gateway = system.world, system.processes[GATEWAY]
    senders = Senders(parties_of(world))
    prison, police = senders.parties.of_kind("PRISON"), senders.parties.of_kind("POLICE")
    sealed = senders.step("release-notice", change=lambda header, _: keep_first(header.recipients))
    async with bus_of(world, prison) as bus:
        await send(bus, sealed)
    world.broker.block_publishers()
    gateway.start()
    await until(lambda: committed(world) == 1)
    assert published(world) == 0
    assert world.broker.depths()[f"to.{police}"] == 0
    kill(gateway.pid)
    await until(lambda: not alive(gateway.pid))
    assert published(world) == 0  # it died with everything committed and nothing published

    world.broker.unblock_publishers()
    gateway.stop()
    gateway.start()
    await until(lambda: published(world) >= 2)  # the delivery, and what the sender is told
    packets = await drain(world, police)
    assert {packet.delivery.delivery_id for packet in packets if packet.HasField("delivery")} == {
        delivery_id(world)
    }
    told = await drain(world, prison)
    assert {packet.WhichOneof("content") for packet in told} == {"outcome"}
    assert committed(world) == 1
    await until(lambda: world.broker.depths()[f"from.{prison}"] == 0)
    assert committed(world) == 1  # the message that was never acknowledged came again, to no effect


def keep_first(recipients: object) -> None:
    del recipients[1:]  # type: ignore[attr-defined]


def parties_of(world: World) -> Parties:
    """Everybody's keys as the world made them."""
    names = [*(entry.organisation for entry in read_organisations()), GATEWAY]
    folders = {name: world.folder / name / KEY_FOLDER for name in names}
    return Parties(
        clock=FixedClock(datetime.now(UTC)),
        signing={name: read_signing_key(folders[name] / "signing.jwk", name) for name in names},
        decryption={
            name: read_decryption_keys([folders[name] / "encryption.jwk"], name)[0] for name in names
        },
    )


@asynccontextmanager
async def bus_of(world: World, organisation: str) -> AsyncIterator[Bus]:
    folder = world.folder / organisation
    settings = BusSettings(
        host=world.broker.host,
        port=world.broker.port,
        user=organisation,
        password_file=folder / "broker.password",
        ca_file=folder / "tls" / "authority.crt",
        certificate_file=folder / "tls" / "service.crt",
        key_file=folder / "tls" / "service.key",
    )
    async with Bus(settings) as bus:
        await bus.wait_connected(PATIENCE_S)
        yield bus


async def send(bus: Bus, sealed: Sealed) -> None:
    message = Message(sealed.body, message_id="packet-1", type="packet")
    publication = Publication("submissions", f"from.{sealed.organisation}", message)
    assert await bus.publish_many([publication], PATIENCE_S) == [PublishResult.CONFIRMED]


async def drain(world: World, organisation: str) -> list[packet_pb2.Packet]:
    """Everything in an organisation's queue but heartbeats, once there is something else."""
    lookup = decryption_lookup([parties_of(world).decryption[organisation]])
    async with (
        bus_of(world, organisation) as bus,
        bus.subscribe([f"to.{organisation}"]) as subscription,
        asyncio.timeout(PATIENCE_S),
    ):
        packets: list[packet_pb2.Packet] = []
        while not packets:
            taken: list[Received] = list((await subscription.take(100, 1.0)).messages)
            subscription.ack(taken)
            opened = (decrypt_hop(each.message.body.decode(), lookup) for each in taken)
            found = map(packet_pb2.Packet.FromString, opened)
            packets += [packet for packet in found if not packet.HasField("heartbeat")]
        return packets


def ask(world: World, query: str) -> list[tuple[object, ...]]:
    """What the gateway's database says, read beside it; nothing while there are no tables yet."""
    path = world.folder / GATEWAY / "gateway.db"
    if not path.exists():
        return []
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5) as connection:
        try:
            rows: list[tuple[object, ...]] = connection.execute(query).fetchall()
        except sqlite3.OperationalError:
            rows = []
    connection.close()
    return rows


def committed(world: World) -> int:
    return len(ask(world, "SELECT 1 FROM log_record WHERE type = 'DISCLOSURE'"))


def published(world: World) -> int:
    return len(ask(world, "SELECT 1 FROM packet WHERE published_at IS NOT NULL"))


def delivery_id(world: World) -> str:
    [(entry,)] = ask(world, "SELECT entry FROM log_record WHERE type = 'DISCLOSURE'")
    found: str = json.loads(str(entry))["delivery"]
    return found


def kill(pid: int | None) -> None:
    assert pid is not None
    os.kill(pid, signal.SIGKILL)


def alive(pid: int | None) -> bool:
    status = Path(f"/proc/{pid}/stat")
    try:
        return status.read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await asyncio.sleep(0.05)
