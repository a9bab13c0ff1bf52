"""A running gateway reads its rules again whole, or keeps the last good ones and says so."""

import asyncio
import os
import shutil
import signal
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from gateway import __main__ as gateway_main
from gateway import process
from gateway.adapters.files import RULEBOOK, read_agreements, read_rulebook
from gateway.adapters.world import CurrentWorld, WorldError
from gateway.app.changes import Changes
from gateway.core.errors import DataError
from gateway.core.world import World
from services.kit.clock import SystemClock
from services.kit.directory import Directory
from services.kit.evidence.keys import KeySet
from services.kit.rpc.health import Health
from tests.support.core_world import ROOT, demo_world

NOW = datetime.now(UTC)
NOBODY = Directory(1, NOW, NOW + timedelta(days=1), {}, KeySet([]))


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    return Path(shutil.copytree(RULEBOOK, tmp_path / "rulebook"))


def loader(rules: Path) -> Callable[[Directory], World]:
    def load(_: Directory) -> World:
        try:
            book = read_rulebook(rules)
            agreements = read_agreements(ROOT / "deploy" / "agreements", book)
        except DataError as fault:
            raise WorldError(str(fault), fault.file, fault.line) from None
        return World(demo_world().directory, agreements, book)

    return load


def publish(rules: Path, version: str) -> None:
    (rules / "version.yaml").write_text(f'version: "{version}"\n', encoding="utf-8")


def test_a_new_version_takes_the_place_of_the_old(rules: Path) -> None:
    current = CurrentWorld(loader(rules), NOBODY)
    before = current.world
    publish(rules, "2031.1")
    assert current.reload()
    assert current.world.rulebook.version.startswith("2031.1+")
    assert before.rulebook.version != current.world.rulebook.version
    assert current.is_latest


def test_a_fault_keeps_the_last_good_version_whole(rules: Path) -> None:
    current = CurrentWorld(loader(rules), NOBODY)
    before = current.world
    publish(rules, "2031.1")
    (rules / "rules-mappa.yaml").write_text("guidance: [", encoding="utf-8")
    assert not current.reload()
    assert current.world is before
    assert not current.is_latest
    shutil.copy(RULEBOOK / "rules-mappa.yaml", rules)
    assert current.reload()
    assert current.is_latest


def test_any_other_fault_keeps_it_too() -> None:
    worlds = iter([demo_world()])
    current = CurrentWorld(lambda _: next(worlds), NOBODY)
    assert not current.reload()
    assert current.world is demo_world()


def test_without_a_good_version_nothing_begins(rules: Path) -> None:
    (rules / "needs.yaml").unlink()
    with pytest.raises(WorldError, match=r"needs\.yaml"):
        CurrentWorld(loader(rules), NOBODY)


@dataclass
class Base:
    current: CurrentWorld
    trust: Any
    bus: Any
    clock: SystemClock


class Unchanged:
    """A directory and keys that are as they were."""

    def reload(self) -> bool:
        return False


async def test_health_says_which_version_is_in_force_and_that_a_load_failed(rules: Path) -> None:
    current = CurrentWorld(loader(rules), NOBODY)
    base = cast("process.Foundation", Base(current, Unchanged(), None, SystemClock()))
    first = f"rulebook-{current.world.rulebook.version}"
    health = Health([], {}, process._delaying(base))
    wanted = asyncio.Event()
    woken: list[bool] = []
    changes = cast("Changes", SimpleNamespace(wake=lambda: woken.append(True)))
    task = asyncio.create_task(process._reload(base, health, changes, wanted))
    assert await said(health) == {first: True, "rulebook-is-latest": True}

    publish(rules, "2031.1")
    await ask(wanted)
    second = f"rulebook-{current.world.rulebook.version}"
    assert await said(health) == {first: False, second: True, "rulebook-is-latest": True}

    (rules / "gates.yaml").unlink()
    await ask(wanted)
    assert await said(health) == {first: False, second: True, "rulebook-is-latest": False}
    assert woken == [True, True]  # whatever came of it
    task.cancel()


async def ask(wanted: asyncio.Event) -> None:
    wanted.set()
    while wanted.is_set():
        await asyncio.sleep(0.01)


async def said(health: Health) -> dict[str, bool]:
    return {name: await check() for name, check in health.delaying.items() if name.startswith("rulebook")}


async def test_sighup_asks_for_a_reload_and_sigterm_for_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    async def run(_: object, *, stop: asyncio.Event, reload: asyncio.Event) -> None:
        os.kill(os.getpid(), signal.SIGHUP)
        await reload.wait()
        asked.append("reload")
        os.kill(os.getpid(), signal.SIGTERM)
        await stop.wait()
        asked.append("stop")

    monkeypatch.setattr(gateway_main, "run_gateway", run)
    monkeypatch.setattr(gateway_main, "load_settings", lambda _: None)
    await gateway_main._run(Path("settings.toml"))
    assert asked == ["reload", "stop"]
    for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().remove_signal_handler(number)
