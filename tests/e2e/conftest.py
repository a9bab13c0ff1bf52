"""End to end: the real system on this machine, as `make demo` starts it."""

import asyncio
from pathlib import Path

import pytest

from deploy.local.launcher import LocalSystem
from deploy.story.model import Story
from deploy.story.played import PlayedStory
from tests.support.world import clients, play, story, system, watcher, world

__all__ = ["clients", "played", "story", "system", "watcher", "world"]

TIMEOUT_S = 300


@pytest.fixture(scope="session")
def played(system: LocalSystem, story: Story) -> PlayedStory:
    """The story, played once for all tests that look at what came of it."""
    return asyncio.run(play(system, story))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """More time for each: whichever comes first also starts the system, and perhaps plays the story."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(TIMEOUT_S))
