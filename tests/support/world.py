"""The whole system for a test run: its own broker, gateway and agencies, on its own ports, in its own folder.

Fixtures: `system` (session) starts it once; `world` is its files; `clients` are fresh for each test.
"""

import copy
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, date, datetime

import pytest
from google.protobuf.message import Message
from publicprotection.exchange.v1.header_pb2 import Header

from deploy.demo.performance import open_clients
from deploy.local.launcher import LocalSystem
from deploy.local.world import World
from deploy.story.clients import AgencyClient, OversightClient
from deploy.story.documents import build_document, build_header
from deploy.story.model import Send, Story, read_story
from deploy.story.played import PlayedStory
from deploy.story.player import Player
from deploy.story.record import read_record
from deploy.story.watching import Watcher

PATIENCE_S = 40.0


@pytest.fixture(scope="session")
def story() -> Story:
    return read_story()


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory, story: Story) -> Iterator[LocalSystem]:
    """Everything, running; whatever a test stopped is started again before the next (`whole_system`)."""
    world = World.create(tmp_path_factory.mktemp("world") / "system", story.cast)
    try:
        with LocalSystem(world) as system:
            yield system
    finally:
        world.release()


@pytest.fixture
def world(system: LocalSystem) -> World:
    return system.world


@pytest.fixture
async def clients(world: World) -> AsyncIterator[Mapping[str, AgencyClient]]:
    async with open_clients(world) as opened:
        yield opened


@pytest.fixture
def watcher(clients: Mapping[str, AgencyClient]) -> Watcher:
    return Watcher(clients, PATIENCE_S)


async def play(system: LocalSystem, story: Story) -> PlayedStory:
    """Plays the story, and reads the record of it."""
    result = PlayedStory()
    async with open_clients(system.world) as opened:
        player = Player(opened, run=secrets.token_hex(4), today=today(), patience_s=PATIENCE_S)
        async for step in player.play(story):
            result.steps.append(step)
    oversight = OversightClient(system.world.oversight(story.reader, story.reader_name))
    result.record = await read_record(oversight, result.steps)
    await oversight.close()
    return result


def today() -> date:
    return datetime.now(UTC).date()


def new_request_id() -> str:
    return f"test-{secrets.token_hex(8)}"


def sending(story: Story, step: str) -> Send:
    """What a step of the story sends."""
    found = next(item.send for item in story.steps if item.id == step)
    assert found is not None, f"step {step} sends nothing"
    return found


def build(send: Send, request_id: str | None = None) -> tuple[Header, Message]:
    """Header and document of a step, under a request id of their own."""
    header = build_header(send, today(), request_id=request_id or new_request_id(), in_reply_to=None)
    return header, build_document(send, today())


def to_one(header: Header, number: int = 0) -> Header:
    """The same header with one recipient."""
    changed = copy.deepcopy(header)
    kept = header.recipients[number]
    del changed.recipients[:]
    changed.recipients.add().CopyFrom(kept)
    return changed
