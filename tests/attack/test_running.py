"""The same on the system as `make demo` runs it: processes, a broker, gRPC, and the commands of operators."""

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest
from publicprotection.exchange.v1.outcome_pb2 import OUTCOME_KIND_RECEIPTED

from deploy.broker.definitions import GATEWAY
from deploy.demo.performance import open_clients
from deploy.local.launcher import LocalSystem
from deploy.local.processes import ProcessError
from deploy.local.world import World
from deploy.story.clients import AgencyClient
from deploy.story.model import read_story
from deploy.story.watching import Watcher
from tests.attack.catalogue import Finder, attack
from tests.attack.scheme import RECIPIENT, SENDER
from tests.e2e.test_export import export, verify
from tests.support.world import PATIENCE_S, build, sending, to_one

# Each stops and starts a gateway several times; the parts themselves are attacked in the other files.
pytestmark = [pytest.mark.large, pytest.mark.timeout(300)]

UNIT = "kent-mappa-unit"
OFFICER = "Ola Brandt"
FILES = DATABASE, KEY_STORE = "gateway.db", "key-store/keys.db"
Clients = Mapping[str, AgencyClient]


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSystem]:
    """A system of its own: it is not fit for other tests afterwards."""
    world = World.create(tmp_path_factory.mktemp("attacked") / "system", [SENDER, RECIPIENT, UNIT])
    try:
        with LocalSystem(world) as system:
            yield system
    finally:
        world.release()


@pytest.fixture
async def clients(system: LocalSystem) -> AsyncIterator[Clients]:
    async with open_clients(system.world) as opened:
        yield opened


async def exchange(clients: Clients) -> None:
    header, document = build(sending(read_story(), "release-notice"))
    accepted = await clients[SENDER].send(to_one(header), document)
    await Watcher(clients, PATIENCE_S).settled(SENDER, accepted.exchange_id, OUTCOME_KIND_RECEIPTED)
    await asyncio.sleep(2.5)  # a heartbeat shows it to every witness


@attack("alters an entry of a running system", Finder.EXPORT, soon="at the next export")
async def test_alters_an_entry_of_a_running_system(
    system: LocalSystem, clients: Clients, tmp_path: Path, attacked: bool
) -> None:
    await exchange(clients)
    if attacked:
        swap(system, "MANAGE", "IGNORE")
    try:
        file = tmp_path / "export.jsonl"
        assert await asyncio.to_thread(export, system, UNIT, OFFICER, file, "--all") == 0
        assert verify(system, file) == (1 if attacked else 0)
    finally:
        if attacked:
            swap(system, "IGNORE", "MANAGE")


def swap(system: LocalSystem, old: str, new: str) -> None:
    """Has every entry say one thing for another."""
    path = system.world.gateway.folder / DATABASE
    query = "UPDATE log_record SET entry = replace(entry, ?, ?) WHERE instr(entry, ?)"
    with closing(sqlite3.connect(path, timeout=5)) as connection, connection:
        assert connection.execute(query, (old, new, old)).rowcount


@attack(
    "rolls the database of a running system back to a backup",
    Finder.SEQUENCER,
    soon="at the start that this takes: the process ends, and says why",
)
async def test_rolls_a_running_system_back(
    system: LocalSystem, clients: Clients, tmp_path: Path, attacked: bool
) -> None:
    await back_up(system, clients, tmp_path)
    backup = tmp_path / ("yesterday" if attacked else "today")
    found = await put_back(system, backup, DATABASE)
    try:
        assert ("restored from a backup" in found) is attacked, found
    finally:
        if attacked:
            assert await put_back(system, tmp_path / "today", *FILES) == ""


@attack("rolls database and key store of a running system back", Finder.WITNESS, soon="within two heartbeats")
async def test_rolls_a_running_system_wholly_back(
    system: LocalSystem, clients: Clients, tmp_path: Path, attacked: bool
) -> None:
    await back_up(system, clients, tmp_path)
    backup = tmp_path / ("yesterday" if attacked else "today")
    assert await put_back(system, backup, *FILES) == ""
    await asyncio.sleep(3)
    found = {name: alarms(system, name) & {"LOG_ROLLBACK", "LOG_FORK"} for name in (SENDER, RECIPIENT, UNIT)}
    assert all(found.values()) is attacked, found
    assert any(found.values()) is attacked, found


async def back_up(system: LocalSystem, clients: Clients, folder: Path) -> None:
    """A backup of yesterday, and one of today: an exchange and a heartbeat later."""
    await exchange(clients)
    await copy_files(system, folder / "yesterday")
    await exchange(clients)
    await copy_files(system, folder / "today")


async def copy_files(system: LocalSystem, into: Path) -> None:
    system.processes[GATEWAY].stop()
    (into / KEY_STORE).parent.mkdir(parents=True)
    for name in FILES:
        shutil.copy2(system.world.gateway.folder / name, into / name)
    system.processes[GATEWAY].start()
    await asyncio.to_thread(system.await_serving, GATEWAY)


async def put_back(system: LocalSystem, backup: Path, *files: str) -> str:
    """Puts files of a backup in place; what the gateway says if it does not start."""
    system.processes[GATEWAY].stop()
    for name in files:
        for leftover in system.world.gateway.folder.glob(f"{name}-*"):
            leftover.unlink()
        shutil.copy2(backup / name, system.world.gateway.folder / name)
    try:
        system.processes[GATEWAY].start()
        await asyncio.to_thread(system.await_serving, GATEWAY)
    except ProcessError as error:
        return str(error)
    return ""


def alarms(system: LocalSystem, organisation: str) -> set[str]:
    """Codes of the alarms in an agency's store."""
    [path] = system.world.agencies[organisation].folder.glob("*.db")
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return {row[0] for row in connection.execute("SELECT code FROM alarm")}
