"""End to end: the real system on this machine, as `make demo` starts it."""

import asyncio

import pytest

from deploy.local.launcher import LocalSystem
from deploy.story.model import Story
from deploy.story.played import PlayedStory
from tests.support.world import clients, play, story, system, watcher, world

__all__ = ["clients", "played", "story", "system", "watcher", "world"]


@pytest.fixture(scope="session")
def played(system: LocalSystem, story: Story) -> PlayedStory:
    """The story, played once for all tests that look at what came of it."""
    return asyncio.run(play(system, story))
