"""`ppg figures rebuild` counts what the database holds, and says so; it touches none that is in use."""

import asyncio
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.world import World
from deploy.story.model import read_story
from gateway.adapters.database import open_store
from gateway.cli.commands import main
from gateway.core.tallies import Figure, Tally
from gateway.settings import load_settings
from tests.support.gateway import TODAY


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World.create(tmp_path / "world", read_story().cast)
    yield made
    made.release()


def tallies(url: str) -> int:
    with sqlite3.connect(url.partition("///")[2]) as connection:
        return int(connection.execute("SELECT count(*) FROM tally").fetchone()[0])


async def count_something(url: str) -> None:
    async with await open_store(url) as store, store.writing() as unit:
        unit.tallies.add([Tally(TODAY, Figure.EXCHANGE, "kent-police")])


def test_what_the_register_does_not_hold_is_counted_no_more(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    url = load_settings(world.gateway.settings).database.url
    asyncio.run(count_something(url))
    assert tallies(url) == 3  # day, week, month
    assert main(["figures", "rebuild", "--config", str(world.gateway.settings)]) == 0
    assert capsys.readouterr().out == "counted 0 exchanges\n"
    assert tallies(url) == 0


def test_a_database_in_use_is_left_alone(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    async def run_beside() -> int:
        url = load_settings(world.gateway.settings).database.url
        async with await open_store(url):
            arguments = ["figures", "rebuild", "--config", str(world.gateway.settings)]
            return await asyncio.to_thread(main, arguments)

    assert asyncio.run(run_beside()) == 2
    assert "nothing was counted" in capsys.readouterr().err
