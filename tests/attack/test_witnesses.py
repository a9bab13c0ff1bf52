"""Cosignatures stripped, invented or missing; witnesses and gateways that fall silent."""

from datetime import timedelta
from json import dumps, loads
from typing import Any

import pytest

from services.kit.evidence.checkpoint import ORIGIN, cosign
from services.kit.evidence.keys import SigningKey
from services.kit.evidence.note import Note, read_note
from tests.attack.catalogue import Finder, attack
from tests.attack.operator import Operator
from tests.attack.scheme import OTHER, RECIPIENT, SENDER, WITNESSES
from tests.attack.stage import Stage
from tests.attack.steps import by_all
from tests.support.gateway import NOW

BEATS, APART = 6, timedelta(hours=5)
DAY = timedelta(days=1, minutes=5)


@attack("strips the cosignatures from heartbeats", Finder.WITNESS, soon="within a day")
async def test_strips_cosignatures(stage: Stage, operator: Operator, attacked: bool) -> None:
    await stage.exchange()
    for _ in range(BEATS):
        await stage.beat(later=APART)
        if attacked:
            with operator.open() as database:
                database.execute("DELETE FROM log_cosignature")
    found = await stage.alarms()
    assert found == (by_all("LOG_NO_MAJORITY") if attacked else {})


def strip(note: str) -> str:
    """The note with the log's own signatures alone."""
    read = read_note(note)
    return str(Note(read.text, tuple(line for line in read.lines if line.name == ORIGIN)))


def invent(note: str) -> str:
    """The note with cosignatures by keys that the operator made for it."""
    bare = read_note(strip(note))
    return str(bare.with_lines(cosign(bare, SigningKey.generate(owner=name), NOW) for name in WITNESSES))


def change_notes(members: Any, change: Any) -> Any:
    """Whatever stands as a checkpoint in a file, changed."""
    if isinstance(members, dict):
        return {
            key: change(value)
            if key == "checkpoint" and isinstance(value, str)
            else change_notes(value, change)
            for key, value in members.items()
        }
    return members


@pytest.mark.parametrize("change", [strip, invent])
@attack(
    "strips the cosignatures from an export, or puts others of its own making in their place",
    Finder.EXPORT,
    soon="once they are due, a day after the records",
)
async def test_strips_an_export(stage: Stage, attacked: bool, change: Any) -> None:
    lines = (await stage.export()).splitlines(keepends=True)
    await stage.beat(later=DAY)
    if attacked:
        lines[0] = dumps(change_notes(loads(lines[0]), change)).encode() + b"\n"
    assert stage.find_in_export(b"".join(lines)) == ("no_majority" if attacked else "")


@pytest.mark.parametrize("change", [strip, invent])
@attack(
    "strips the cosignatures from the evidence of a delivery, or puts others in their place",
    Finder.EVIDENCE,
    soon="once they are due, a day after the release",
)
async def test_strips_evidence(stage: Stage, attacked: bool, change: Any) -> None:
    file = await stage.evidence()
    await stage.beat(later=DAY)
    if attacked:
        file = dumps(change_notes(loads(file), change))
    assert stage.find_in_evidence(file) == ("no_majority" if attacked else "")


@attack(
    "silences one witness of three: a majority is reached still; and a second one",
    Finder.WITNESS,
    Finder.EXPORT,
    soon="a day after the first record that no majority cosigned",
)
async def test_silences_witnesses(stage: Stage, attacked: bool) -> None:
    silent = (SENDER, OTHER) if attacked else (OTHER,)
    await stage.exchange()
    for _ in range(BEATS):
        await stage.beat(silent=silent, later=APART)
    assert await stage.alarms() == ({RECIPIENT: {"LOG_NO_MAJORITY"}} if attacked else {})
    assert await stage.audit() == ("no_majority" if attacked else "")


@attack("falls silent, so that nobody sees what the log becomes", Finder.WITNESS, soon="within ten minutes")
async def test_falls_silent(stage: Stage, attacked: bool) -> None:
    for _ in range(3):
        stage.scheme.clock.moment += timedelta(minutes=6)
        if not attacked:
            await stage.station.heart.beat()
        for agency in stage.agencies.values():
            await agency.hear()
    assert await stage.alarms() == (by_all("LOG_STALLED") if attacked else {})
