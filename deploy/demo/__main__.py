"""`python -m deploy.demo [--once] [--folder FOLDER]`: what `make demo` runs."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Final

import grpc

from deploy.broker.node import BrokerNodeError
from deploy.demo.closing import print_addresses
from deploy.demo.performance import perform
from deploy.demo.terminal import Style, Terminal
from deploy.local.launcher import LocalSystem
from deploy.local.ports import NoFreePortError
from deploy.local.processes import ProcessError
from deploy.local.roster import RosterError
from deploy.local.world import World, WorldError
from deploy.story.clients import NoSuchVerbError
from deploy.story.model import Story, StoryError, read_story
from deploy.story.played import PlayedStory
from services.kit.rpc.client import read_refusal

_FOLDER: Final = Path(__file__).resolve().parent.parent.parent / "build" / "demo"
_PLAY_LIMIT_S: Final = 90.0
CONSOLES: Final = ("kent-mappa-unit", "kent-police", "kent-probation")
"""Whose consoles stay open after the story."""

_LOOK_S: Final = 0.5
_FAILED: Final = 1
_INTERRUPTED: Final = 130

_FAULTS: Final = (
    BrokerNodeError,
    NoFreePortError,
    NoSuchVerbError,
    ProcessError,
    RosterError,
    StoryError,
    TimeoutError,
    WorldError,
)


class StopRequestedError(Exception):
    """Somebody asked this process to stop (SIGTERM)."""


def main() -> int:
    """Run the demo; 0 if every step ended as stated."""
    parser = argparse.ArgumentParser(prog="python -m deploy.demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="exit after the story: 0 if it went as stated")
    parser.add_argument("--folder", type=Path, default=_FOLDER, help="where everything is put")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, _request_stop)
    terminal = Terminal()
    try:
        return run(terminal, arguments.folder, once=arguments.once)
    except (KeyboardInterrupt, StopRequestedError):
        terminal.line("Stopped before the end.")
        return _INTERRUPTED
    except grpc.aio.AioRpcError as error:
        terminal.line(f"✗ {_refusal(error)}", Style.BAD)
    except _FAULTS as error:
        terminal.raw(f"✗ {error}", Style.BAD)
    return _FAILED


def run(terminal: Terminal, folder: Path, *, once: bool) -> int:
    """Make a world, start it, play the story; stay up unless `once`.

    Returns:
        0 if the story went as stated, else 1.
    """
    story = read_story()
    terminal.line(f"Making certificates, keys, directory and settings in {folder} …", Style.FAINT)
    world = World.create(folder, story.cast, consoles=[] if once else CONSOLES)
    try:
        terminal.line(f"Starting the broker, the gateway and {len(world.agencies)} agencies …", Style.FAINT)
        with _stopping(LocalSystem(world)) as system:
            return _play(system, story, terminal, once=once)
    finally:
        world.release()


def _play(system: LocalSystem, story: Story, terminal: Terminal, *, once: bool) -> int:
    began = time.monotonic()
    played = asyncio.run(perform(system, story, terminal, limit_s=_PLAY_LIMIT_S))
    print_verdict(terminal, played, time.monotonic() - began)
    if not played.as_stated:
        terminal.raw(f"The processes' logs are in {system.world.folder}/logs/", Style.BAD)
    if not once:
        print_addresses(terminal, system.world)
        with suppress(KeyboardInterrupt, StopRequestedError):  # how it is meant to end
            _stay_up(system)
    return 0 if played.as_stated else _FAILED


def _stay_up(system: LocalSystem) -> None:
    while True:
        system.raise_if_ended()
        time.sleep(_LOOK_S)


@contextmanager
def _stopping(system: LocalSystem) -> Iterator[LocalSystem]:
    """Start, and stop whatever happens; a second interrupt does not leave half of it running."""
    try:
        system.start()
        yield system
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        system.stop()


def print_verdict(terminal: Terminal, played: PlayedStory, seconds: float) -> None:
    """Whether all ended as stated, and if not, what did not."""
    terminal.blank()
    terminal.rule("━")
    if played.as_stated:
        text = f"All {len(played.steps)} steps ended as stated, and the record agrees ({seconds:.1f} s)."
        terminal.line(f"✓ {text}", Style.GOOD)
        return
    terminal.line("✗ Not everything ended as stated:", Style.BAD)
    for mismatch in played.mismatches:
        terminal.line(f"- {mismatch}", Style.BAD, indent=2)


def _refusal(error: grpc.aio.AioRpcError) -> str:
    refusal = read_refusal(error)
    fields = "; ".join(f"{found.field}: {found.advice}" for found in refusal.violations)
    return f"a service refused: {refusal.reason or refusal.code.name}: {refusal.advice} {fields}".strip()


def _request_stop(_number: int, _frame: FrameType | None) -> None:
    raise StopRequestedError


if __name__ == "__main__":
    sys.exit(main())
