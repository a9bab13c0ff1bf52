"""End to end: the real system on this machine, as `make demo` starts it."""

import asyncio
import secrets

import pytest

from deploy.demo.performance import open_clients
from deploy.local.launcher import LocalSystem
from deploy.story.clients import OversightClient
from deploy.story.model import Story
from deploy.story.played import PlayedStory
from deploy.story.player import Player
from deploy.story.record import read_record
from tests.support.world import PATIENCE_S, clients, story, system, today, watcher, world

__all__ = ["clients", "played", "story", "system", "watcher", "world"]


@pytest.fixture(scope="session")
def played(system: LocalSystem, story: Story) -> PlayedStory:
    """The story, played once for all tests that look at what came of it."""
    return asyncio.run(_play(system, story))


async def _play(system: LocalSystem, story: Story) -> PlayedStory:
    result = PlayedStory()
    async with open_clients(system.world) as opened:
        player = Player(opened, run=secrets.token_hex(4), today=today(), patience_s=PATIENCE_S)
        async for step in player.play(story):
            result.steps.append(step)
    oversight = OversightClient(system.world.oversight(story.reader))
    result.record = await read_record(oversight, result.steps)
    await oversight.close()
    return result
