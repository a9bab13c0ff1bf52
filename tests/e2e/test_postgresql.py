"""The whole system with its databases on a PostgreSQL server, reached as over a network."""

import asyncio
import tomllib
from collections.abc import Iterator, Mapping

import pytest
from publicprotection.exchange.v1.outcome_pb2 import OUTCOME_KIND_DECIDED
from sqlalchemy import make_url

from deploy.certificates import write_private
from deploy.local.launcher import LocalSystem
from deploy.local.places import Place
from deploy.local.toml import Value, render
from deploy.local.world import World
from deploy.story.clients import AgencyClient
from deploy.story.model import Story
from deploy.story.watching import Watcher
from tests.support.databases import PostgresServer, ServerDatabase
from tests.support.postgres_cluster import PostgresCluster
from tests.support.story_secrets import PUBLISHED, find_secrets, secrets_told
from tests.support.world import build, play, sending, to_one

pytestmark = pytest.mark.large

PRISON, POLICE = "marlfield-prison", "kent-police"
BURST = 12


@pytest.fixture(scope="module")
def cluster() -> Iterator[PostgresCluster]:
    with PostgresCluster() as cluster:
        yield cluster


@pytest.fixture(scope="module")
def server_databases() -> dict[str, ServerDatabase]:
    """By the name of the process; filled as the system is made."""
    return {}


@pytest.fixture(scope="module")
def system(
    cluster: PostgresCluster,
    server_databases: dict[str, ServerDatabase],
    tmp_path_factory: pytest.TempPathFactory,
    story: Story,
) -> Iterator[LocalSystem]:
    world = World.create(tmp_path_factory.mktemp("postgresql") / "system", story.cast)
    server = PostgresServer.of(cluster, tmp_path_factory.mktemp("server"))
    for place in (world.gateway, *world.agencies.values()):
        server_databases[place.name] = server.create()
        use(cluster, server_databases[place.name], place)
    try:
        with LocalSystem(world) as system:
            yield system
    finally:
        world.release()


def use(cluster: PostgresCluster, database: ServerDatabase, place: Place) -> None:
    """Rewrites a process's settings, as an operator would write them for a server."""
    files = cluster.access(place.folder)
    settings = tomllib.loads(place.settings.read_text())
    section: dict[str, Value] = {
        "url": cluster.network_url(make_url(database.url).database or ""),
        "password_file": str(files.password_file),
        "ca_file": str(files.ca_file),
    }
    settings["store" if place.role else "database"] = section
    write_private(place.settings, render(settings).encode())


def test_the_story_ends_as_stated(
    system: LocalSystem, story: Story, server_databases: dict[str, ServerDatabase]
) -> None:
    played = asyncio.run(play(system, story))
    assert played.mismatches == []
    assert played.as_stated
    for name, database in server_databases.items():
        [(tables,)] = database.ask("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        assert tables > 1, name
    files = {path.name for path in system.world.folder.rglob("*.db")}
    assert files == {"keys.db"}  # that of the gateway's keys is never on a server


def test_the_files_of_the_server_hold_nothing_in_the_clear(
    cluster: PostgresCluster, system: LocalSystem, story: Story
) -> None:
    assert system.world.folder.exists()
    assert find_secrets(cluster.folder, ["subject_mention"])  # the search reaches what the server keeps
    assert find_secrets(cluster.folder, secrets_told(story) - PUBLISHED) == set()


async def test_a_server_that_starts_again_under_load_loses_and_repeats_nothing(
    cluster: PostgresCluster,
    system: LocalSystem,
    clients: Mapping[str, AgencyClient],
    watcher: Watcher,
    story: Story,
) -> None:
    async def send() -> str:
        header, document = build(sending(story, "release-notice"))
        return (await clients[PRISON].send(to_one(header), document)).exchange_id

    sent = [await send() for _ in range(BURST)]
    await asyncio.to_thread(cluster.stop, "immediate")
    await asyncio.sleep(1)
    cluster.start()  # in this thread, with which it would end
    await asyncio.to_thread(system.await_serving)
    sent.append(await send())

    for exchange_id in sent:
        await watcher.settled(PRISON, exchange_id, OUTCOME_KIND_DECIDED)
        exchange = await watcher.exchange(PRISON, exchange_id)
        decided = [outcome for outcome in exchange.outcomes if outcome.kind == OUTCOME_KIND_DECIDED]
        assert len(decided) == 1
        assert len(await watcher.deliveries(POLICE, exchange_id=exchange_id)) == 1
