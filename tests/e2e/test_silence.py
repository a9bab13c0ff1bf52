"""After the whole story, and after somebody has tried to make the system talk, nothing of it stands anywhere.

Looked through are: whatever each process wrote, kept or was started with, the broker's logs, store and names,
the identity provider's logs, and every answer to a hostile act with its details and trailers. Looked for is
every text of the story, in each spelling of `story_secrets.forms`.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest

from deploy.local.launcher import LocalSystem
from deploy.local.world import World
from deploy.story.model import Story
from deploy.story.played import PlayedStory
from tests.support.hostile import Told, try_everything
from tests.support.hostile_beside import PLANTED, ask_provider, disturb_broker
from tests.support.story_secrets import PUBLISHED, find_named, find_secrets, forms, secrets_told, told_in

STAFF_LISTS = ("identity/people.toml", "identity/log-ins.json")
"""The identity provider's own data: who works where. It holds no more, and nobody else holds it."""

NAMES: Mapping[str, tuple[str, ...]] = {
    "list_queues": ("name", "arguments"),
    "list_bindings": ("source_name", "destination_name", "routing_key", "arguments"),
    "list_exchanges": ("name", "arguments"),
    "list_connections": ("name", "user", "client_properties"),
    "list_consumers": ("queue_name", "consumer_tag", "arguments"),
    "list_permissions": (),
    "list_users": (),
    "list_vhosts": ("name",),
}


@pytest.fixture(scope="session")
def secrets(story: Story) -> list[str]:
    return sorted(secrets_told(story) - PUBLISHED)


@pytest.fixture(scope="session")
def told(system: LocalSystem, story: Story, played: PlayedStory, secrets: list[str]) -> list[Told]:
    """What the hostile acts were told, after the story."""
    assert len(played.steps) > 1
    told = asyncio.run(try_everything(system.world, story, secrets))
    return [*told, *ask_provider(system.world, secrets), *disturb_broker(system.world, secrets)]


def outputs(world: World) -> list[Path]:
    lists = {world.folder / name for name in STAFF_LISTS}
    return [path for path in world.folder.rglob("*") if path.is_file() and path not in lists]


def test_every_hostile_act_is_refused(told: list[Told]) -> None:
    assert len(told) > 20
    assert [each.act for each in told if not each.is_refused] == []


def test_no_answer_repeats_what_was_sent(told: list[Told], secrets: list[str]) -> None:
    assert {each.act: found for each in told if (found := told_in(each.text.encode(), secrets))} == {}


def test_nothing_of_the_story_stands_in_anything_written(
    world: World, told: list[Told], secrets: list[str]
) -> None:
    assert told
    assert find_secrets(world.folder, secrets, but=STAFF_LISTS) == set()


def test_the_logs_are_among_what_was_searched(world: World, told: list[Told]) -> None:
    assert told
    names = {path.relative_to(world.folder).as_posix() for path in outputs(world)}
    assert {"logs/gateway.log", "logs/kent-police.log", "logs/identity.log"} <= names
    assert any(name.startswith("broker/") and name.endswith(".log") for name in names)
    gateway = (world.folder / "logs/marlfield-prison.log").read_text()
    assert "call_refused" in gateway  # what was tried did come to the log


def test_a_message_to_the_broker_is_quoted_by_nobody(world: World, told: list[Told]) -> None:
    """The broker keeps it as it came, for its operator to see; logs and databases know nothing of it."""
    assert told
    kept = [path for path in outputs(world) if world.folder / "broker" / "data" not in path.parents]
    assert [path.name for path in kept if told_in(path.read_bytes(), PLANTED)] == []


def test_no_file_is_named_after_anything_of_the_story(
    world: World, told: list[Told], secrets: list[str]
) -> None:
    assert told
    assert find_named(world.folder, secrets) == set()


@pytest.mark.parametrize("command", NAMES)
def test_nothing_at_the_broker_is_named_after_anything_of_the_story(
    world: World, told: list[Told], secrets: list[str], command: str
) -> None:
    assert told
    where = [] if command in ("list_users", "list_vhosts", "list_connections") else ["-p", "ppg"]
    listed = world.broker.control(command, *where, *NAMES[command], "--formatter", "json")

    assert len(listed) > len("[]")
    assert told_in(listed.encode(), secrets) == set()


def test_no_process_was_started_with_anything_of_the_story(
    system: LocalSystem, told: list[Told], secrets: list[str]
) -> None:
    assert told
    for process in system.processes.values():
        for name in ("cmdline", "environ"):
            octets = Path(f"/proc/{process.pid}/{name}").read_bytes()
            assert octets
            assert told_in(octets, secrets) == set()


@pytest.mark.parametrize(
    "spelt",
    [
        "Ann Larkspur-Wren",
        "ann larkspur-wren",
        "ANN LARKSPUR-WREN",
        "Ann%20Larkspur-Wren",
        "Ann+Larkspur-Wren",
        "416e6e204c61726b737075722d5772656e",
    ],
)
def test_the_search_knows_each_spelling(spelt: str) -> None:
    assert told_in(f"x{spelt}y".encode(), ["Ann Larkspur-Wren"]) == {"Ann Larkspur-Wren"}
    assert b"Ann Lark\\u00e9" in forms("Ann Larké")
    assert b'a \\"b\\"' in forms('a "b"')
