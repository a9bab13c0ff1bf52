"""Processes are killed between the parts of workflows, and nothing changes."""

import asyncio
from collections.abc import Iterable, Mapping

from deploy.broker.definitions import GATEWAY
from deploy.local.launcher import LocalSystem
from deploy.local.world import World
from deploy.story.clients import AgencyClient
from deploy.story.model import Story
from deploy.story.watching import Watcher
from tests.support.workflows import CHILDREN, POLICE, PROBATION, UNIT, WORKFLOWS, Stage

# Who is killed after each part: the gateway and whoever has just been told, or is about to tell.
KILLS = ((GATEWAY, PROBATION, POLICE), (GATEWAY, PROBATION, POLICE, CHILDREN, UNIT))


async def restart(system: LocalSystem, names: Iterable[str]) -> None:
    """Kill all at once and start again; from this thread, with which the processes end."""
    for name in names:
        system.processes[name].kill()
    for name in names:
        system.processes[name].start()
    await asyncio.to_thread(system.await_serving, *names)


async def test_kills_between_the_parts_of_workflows_change_nothing(
    system: LocalSystem,
    world: World,
    clients: Mapping[str, AgencyClient],
    watcher: Watcher,
    story: Story,
) -> None:
    stage = Stage(world, clients, watcher, story)
    walked = [workflow(stage) for workflow in WORKFLOWS]
    for names in KILLS:
        for each in walked:
            await anext(each)
        await restart(system, names)

    left = [await anext(each, "done") for each in walked]

    assert left == ["done"] * len(WORKFLOWS)
