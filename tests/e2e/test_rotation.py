"""Keys change on a running system: before, during and after, everything arrives, and nothing is refused."""

import asyncio
import io
import json
import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import closing, redirect_stderr, redirect_stdout
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from publicprotection.exchange.v1.outcome_pb2 import OUTCOME_KIND_DECIDED, OUTCOME_KIND_RECEIPTED

from deploy.broker.definitions import GATEWAY
from deploy.demo.performance import open_clients
from deploy.local.launcher import LocalSystem
from deploy.local.places import Place
from deploy.local.scheme import Scheme, add_key, end_key
from deploy.local.world import World
from deploy.story.clients import AgencyClient
from deploy.story.model import Story
from deploy.story.watching import Watcher
from gateway.cli.commands import main as ppg
from services.kit.credentials import read_key_folder
from services.kit.keytool import agency
from tests.support.world import PATIENCE_S, build, sending, to_one

PRISON, POLICE = "marlfield-prison", "kent-police"
BEGINS_S = 4.0
KEYS = "keys"


@pytest.fixture(scope="module")
def rotating(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSystem]:
    """A system of its own: its keys are not those that other tests begin with."""
    world = World.create(tmp_path_factory.mktemp("rotation") / "system", [PRISON, POLICE])
    try:
        with LocalSystem(world) as system:
            yield system
    finally:
        world.release()


@pytest.fixture
async def clients(rotating: LocalSystem) -> AsyncIterator[Mapping[str, AgencyClient]]:
    async with open_clients(rotating.world) as opened:
        yield opened


class Traffic:
    """Exchanges from the prison to the police, one after another, until it is told to stop."""

    def __init__(self, clients: Mapping[str, AgencyClient], story: Story) -> None:
        self.clients = clients
        self.story = story
        self.sent: list[str] = []
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        while True:
            await self.send()
            await asyncio.sleep(0.2)

    async def send(self) -> str:
        header, document = build(sending(self.story, "release-notice"))
        accepted = await self.clients[PRISON].send(to_one(header), document)
        self.sent.append(accepted.exchange_id)
        return accepted.exchange_id

    async def stop(self) -> list[str]:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        return self.sent


def place_of(system: LocalSystem, name: str) -> Place:
    return system.world.gateway if name == GATEWAY else system.world.agencies[name]


class Ran(NamedTuple):
    """What a command came to."""

    code: int
    out: str
    err: str


def run_keys(place: Place, action: str, *arguments: str) -> Ran:
    """`ppg keys`, or its sibling of an agency."""
    last = ["--", *arguments] if arguments else []  # an id may begin with a hyphen
    given = [action, "--config", str(place.settings), *last]
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        is_gateway = place.name == GATEWAY
        code = ppg([KEYS, *given]) if is_gateway else agency.run_keys(given, package="services")
    return Ran(code, out.getvalue(), err.getvalue())


def make_keys(place: Place) -> list[dict[str, Any]]:
    made = [run_keys(place, "new", use) for use in ("signing", "encryption")]
    assert [each.code for each in made] == [0, 0], made
    return [json.loads(each.out) for each in made]


def kids(place: Place) -> set[str]:
    ring = read_key_folder(place.folder / KEYS, place.name)
    return {key.kid for key in (*ring.signing, *ring.decryption)}


def publish(scheme: Scheme, keys: list[dict[str, Any]]) -> None:
    lasting = timedelta(days=90)
    scheme.issue(*(add_key(key, after=timedelta(seconds=BEGINS_S), lasting=lasting) for key in keys))


async def until_recorded(world: World, changes: set[tuple[str, str]]) -> None:
    """Waits until the log has these changes of keys: item and change."""
    for _ in range(200):
        if changes <= recorded(world):
            return
        await asyncio.sleep(0.1)
    pytest.fail(f"not on record: {changes - recorded(world)}")


def recorded(world: World) -> set[tuple[str, str]]:
    path = world.gateway.folder / "gateway.db"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        rows = connection.execute("SELECT entry FROM log_record WHERE type = 'KEY_CHANGED'").fetchall()
    entries = [json.loads(row[0]) for row in rows]
    return {(entry["item"], entry["change"]) for entry in entries}


async def assert_all_arrived_once(watcher: Watcher, sent: list[str]) -> None:
    for exchange_id in sent:
        exchange = await watcher.settled(PRISON, exchange_id, OUTCOME_KIND_RECEIPTED)
        decided = [outcome for outcome in exchange.outcomes if outcome.kind == OUTCOME_KIND_DECIDED]
        assert len(decided) == 1
        assert len(await watcher.deliveries(POLICE, exchange_id=exchange_id)) == 1


@pytest.mark.timeout(300)
async def test_every_key_is_replaced_while_exchanges_go_on(
    rotating: LocalSystem, clients: Mapping[str, AgencyClient], story: Story
) -> None:
    world, scheme = rotating.world, Scheme(rotating.world.folder / "directory")
    watcher = Watcher(clients, PATIENCE_S)
    rotated = [place_of(rotating, name) for name in (GATEWAY, PRISON, POLICE)]  # sender and recipient both
    old = {place.name: kids(place) for place in rotated}
    traffic = Traffic(clients, story)
    try:
        # Overlap: the new keys are made, published, and begin; the old ones go on to count.
        new = {place.name: await asyncio.to_thread(make_keys, place) for place in rotated}
        publish(scheme, [key for keys in new.values() for key in keys])
        await until_recorded(world, {(key["key_id"], "ADDED") for keys in new.values() for key in keys})
        await asyncio.sleep(BEGINS_S + 2)
        # The old ones end; whatever is under way was signed or encrypted before.
        scheme.issue(*(end_key(kid) for known in old.values() for kid in known))
        await until_recorded(world, {(kid, "EXPIRED") for known in old.values() for kid in known})
        await asyncio.sleep(2)
    finally:
        sent = await traffic.stop()
    assert len(sent) > 20
    await assert_all_arrived_once(watcher, sent)

    for place in rotated:
        await assert_destroyed(rotating, place, old[place.name])
    await until_recorded(world, {(kid, "DESTROYED") for kid in old[GATEWAY]})
    after = [await traffic.send() for _ in range(3)]
    await assert_all_arrived_once(watcher, after)
    await until_drained(world)


async def until_drained(world: World) -> None:
    """Heartbeats go on; but nothing is left lying."""
    async with asyncio.timeout(PATIENCE_S):
        while any((await asyncio.to_thread(world.broker.depths)).values()):
            await asyncio.sleep(0.2)


async def assert_destroyed(system: LocalSystem, place: Place, old: set[str]) -> None:
    """A running process keeps its keys; stopped, the old ones go, and it runs again with the new ones."""
    for kid in old:
        refused = await asyncio.to_thread(run_keys, place, "destroy", kid)
        assert (refused.code, "Stop it" in refused.err) == (1, True), refused.err
    await asyncio.to_thread(system.processes[place.name].stop)
    for kid in old:
        done = await asyncio.to_thread(run_keys, place, "destroy", kid)
        assert done.code == 0, done.err
    assert not kids(place) & old
    listed = (await asyncio.to_thread(run_keys, place, "list")).out.splitlines()
    assert [line.rsplit("  ", 1)[1] for line in listed] == ["valid", "valid"]
    system.processes[place.name].start()
    await asyncio.to_thread(system.await_serving, place.name)


def test_a_key_in_use_is_not_destroyed(rotating: LocalSystem) -> None:
    place = rotating.world.gateway
    for kid in kids(place):
        refused = run_keys(place, "destroy", kid)
        assert refused.code == 1
        assert "others use the key until" in refused.err


def test_nothing_of_a_private_key_is_in_a_log_file(rotating: LocalSystem) -> None:
    world = rotating.world
    rings = [
        read_key_folder(place.folder / KEYS, place.name)
        for place in (world.gateway, *world.agencies.values())
    ]
    secrets = [key.to_jwk()["d"] for ring in rings for key in ring.signing]
    secrets += [key.to_jwk()["d"] for ring in rings for key in ring.decryption]
    logs = [path.read_text(encoding="utf-8") for path in Path(world.folder / "logs").iterdir()]
    assert logs
    assert not [secret for secret in secrets for log in logs if secret in log]
