"""Plays the story on a running system while it is watched: a process that dies ends the playing at once."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from deploy.demo.record_view import print_record
from deploy.demo.story_view import StoryView
from deploy.demo.terminal import Terminal
from deploy.local.launcher import LocalSystem
from deploy.local.world import World
from deploy.story.clients import AgencyClient, OversightClient
from deploy.story.exports import export_everything, verify_export
from deploy.story.model import Story
from deploy.story.played import PlayedStory, ReadRecord
from deploy.story.player import Player
from deploy.story.proofs import Verifier, prove_deliveries, prove_packs
from deploy.story.record import read_record
from deploy.story.subject_access import save_packs

EXPORT: Final = "export.jsonl"
"""The log at the end of the story, in the folder of the world."""

_LOOK_S: Final = 0.25
_RUN_DIGITS: Final = 4


async def perform(system: LocalSystem, story: Story, terminal: Terminal, *, limit_s: float) -> PlayedStory:
    """Play the story, print it and read the record.

    Args:
        system: Running.
        story: What to play.
        terminal: Where to print.
        limit_s: How long it may take altogether.

    Raises:
        ProcessError: A process ended.
        StepTimeoutError: A step waited in vain.
        TimeoutError: The whole took too long.
        grpc.aio.AioRpcError: A service refused a call that the story makes.
    """
    playing = asyncio.create_task(_play(system.world, story, terminal))
    watching = asyncio.create_task(_watch(system))
    try:
        async with asyncio.timeout(limit_s):
            done, _ = await asyncio.wait({playing, watching}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
            return await playing
    finally:
        playing.cancel()
        watching.cancel()
        await asyncio.gather(playing, watching, return_exceptions=True)


@asynccontextmanager
async def open_clients(world: World) -> AsyncIterator[Mapping[str, AgencyClient]]:
    """A client for each agency of a world."""
    clients = {name: AgencyClient(world.endpoint(name)) for name in world.agencies}
    try:
        yield clients
    finally:
        for client in clients.values():
            await client.close()


async def _play(world: World, story: Story, terminal: Terminal) -> PlayedStory:
    view = StoryView(terminal, [member.organisation for member in world.members])
    view.print_title(story)
    run, today = secrets.token_hex(_RUN_DIGITS), datetime.now(UTC).date()
    played = PlayedStory()
    async with open_clients(world) as clients:
        async for step in Player(clients, run=run, today=today).play(story):
            view.print_step(step)
            played.steps.append(step)
    save_packs(world.folder, played.steps)
    played.record = await _read_record(world, story, played)
    print_record(terminal, played.record)
    return played


async def _read_record(world: World, story: Story, played: PlayedStory) -> ReadRecord:
    """The record as the gateway tells it, beside what the recipients can prove without the gateway."""
    oversight, export = (
        OversightClient(world.oversight(story.reader, story.reader_name)),
        world.folder / EXPORT,
    )
    try:
        record = await read_record(oversight, played.steps)
        await export_everything(oversight, export)
    finally:
        await oversight.close()
    scheme, now = world.scheme, datetime.now(UTC)
    verifier = Verifier.of(scheme.directory, scheme.public_key, scheme.fingerprint)
    proven, refused = prove_deliveries(played.steps, verifier, now)
    exported, faults = verify_export(export, verifier, now)
    mismatches = (*record.mismatches, *refused, *faults, *prove_packs(played.steps, verifier, now))
    return replace(record, proven=tuple(proven), exported=exported, mismatches=mismatches)


async def _watch(system: LocalSystem) -> None:
    while True:
        system.raise_if_ended()
        await asyncio.sleep(_LOOK_S)
