"""A generated area of data is what a gateway would have written: whole and verifiable."""

import asyncio
import json
import os
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, LiteralString

import pytest

from deploy.area.cast import assemble
from deploy.area.forms import ORGANISATIONS, read_forms
from deploy.area.loader import YEARS, Size, Target, load_area, stage_of
from deploy.area.names import ADULT, OFFENDER, invent, twin_of
from deploy.area.slots import Places, Shift, fill
from deploy.local.roster import read_organisations
from gateway.adapters.files import read_rulebook
from gateway.app.log_texts import open_texts
from gateway.app.sequencer import Sequencer
from gateway.app.subject_acts import open_work
from gateway.core.directory import DirectoryIndex
from gateway.core.documents import sendable_by
from gateway.core.world import World

NOW = datetime(2026, 11, 22, 15, tzinfo=UTC)
SIZE = Size(subjects=20, exchanges=80, seed=8, forms=16)
TEXTS = ("COLLECTION", "DISCLOSURE", "REFUSAL", "HOLD", "ACKNOWLEDGEMENT")


@dataclass(frozen=True)
class Area:
    """A loaded area: where, and how many records its log has."""

    target: Target
    file: Path
    records: int

    def ask(self, query: LiteralString) -> list[tuple[Any, ...]]:
        connection = sqlite3.connect(self.file)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()


def load(folder: Path, size: Size = SIZE) -> Area:
    folder.mkdir()
    file = folder / "gateway.db"
    target = Target(f"sqlite+aiosqlite:///{file}", folder / "keys.db", tuple(read_organisations()))
    return Area(target, file, asyncio.run(load_area(target, size, lambda *_: None, NOW)))


@pytest.fixture(scope="module")
def area(tmp_path_factory: pytest.TempPathFactory) -> Area:
    return load(tmp_path_factory.mktemp("area") / "one")


def world_of(area: Area) -> tuple[Any, World]:
    cast = assemble(area.target.organisations, NOW, area.target.signing, area.target.decryption)
    return cast, World(DirectoryIndex(cast.directory.organisations), (), read_rulebook())


def test_there_is_as_much_as_was_asked_for(area: Area) -> None:
    assert area.ask("SELECT count(*) FROM exchange") == [(80,)]
    assert area.ask("SELECT count(*) FROM log_record") == [(area.records,)]
    assert area.ask("SELECT count(DISTINCT subject_id) FROM exchange") == [(20,)]


def test_everything_happened_in_the_two_years_before_and_in_order(area: Area) -> None:
    [(first, last)] = area.ask("SELECT min(decided_at), max(decided_at) FROM exchange")
    assert (NOW - YEARS).timestamp() * 1e6 <= first < last <= NOW.timestamp() * 1e6
    [(latest,)] = area.ask("SELECT max(at) FROM log_record")
    assert latest <= NOW.timestamp() * 1e6
    for table, time in (("exchange", "decided_at"), ("log_record", "at")):
        times = [
            row[0]
            for row in sqlite3.connect(area.file).execute(
                f"SELECT {time} FROM {table} ORDER BY position"  # noqa: S608  # own names
            )
        ]
        assert times == sorted(times)


def test_rows_refer_to_rows_that_there_are(area: Area) -> None:
    assert area.ask("PRAGMA foreign_key_check") == []
    assert area.ask("SELECT count(*) FROM log_record WHERE leaf_index IS NULL") == [(0,)]
    listed = area.ask("SELECT count(DISTINCT position) FROM register_listing")
    assert listed == area.ask("SELECT count(*) FROM exchange")
    assert area.ask("SELECT sum(count) > 0 FROM tally WHERE grain = 'D'") == [(1,)]


async def test_the_gateways_own_sequencer_goes_on_with_the_log(area: Area) -> None:
    cast, world = world_of(area)
    async with stage_of(area.target, cast, world, NOW) as stage:
        await Sequencer(stage.store, stage.tools).start()  # verifies tree, head and what was remembered
        async with stage.store.reading() as unit:
            head = await unit.tree.head()
    assert head is not None
    assert head.size == area.records


async def test_every_commitment_opens_to_its_text(area: Area) -> None:
    cast, world = world_of(area)
    entries = [
        json.loads(entry) for entry, kind in area.ask("SELECT entry, type FROM log_record") if kind in TEXTS
    ]
    async with stage_of(area.target, cast, world, NOW) as stage, open_work(stage.store, stage.tools) as work:
        for entry in entries:
            stated = {name for name in entry if name.endswith("_commitment")}
            assert {each.member for each in await open_texts(work, entry)} == stated


async def test_a_hold_that_is_open_can_be_decided_again(area: Area) -> None:
    kept = area.ask(
        "SELECT count(*) FROM submission JOIN hold USING (exchange_id) "
        "WHERE hold.state = 'OPEN' AND submission.ciphertext IS NULL"
    )
    assert kept == [(0,)]


def test_a_seed_gives_the_same_exchanges(area: Area, tmp_path: Path) -> None:
    again = load(tmp_path / "again")
    query: LiteralString = (
        "SELECT exchange_id, document_type, sender, decided_at FROM exchange ORDER BY position"
    )
    assert again.ask(query) == area.ask(query)
    secret: LiteralString = "SELECT author_commitment FROM exchange"
    assert not {*again.ask(secret)} & {*area.ask(secret)}  # of salts that nobody can foresee


def test_forms_are_of_what_those_organisations_may_send() -> None:
    kinds = {each.organisation: each.kind for each in read_organisations()}
    forms = read_forms()
    assert {form.sender for form in forms} | {to for form in forms for to in form.to} == set(ORGANISATIONS)
    assert all(form.document_type in sendable_by(kinds[form.sender]) for form in forms)


def test_namesakes_differ_in_their_number_alone() -> None:
    random = Random(3)  # noqa: S311  # made-up people
    one = invent(1, OFFENDER, random)
    other = twin_of(one, 2)
    assert (one.name, one.birth) == (other.name, other.birth)
    assert one.identifier != other.identifier
    assert len({invent(number, ADULT, random).identifier for number in range(2000)}) == 2000


def test_a_text_is_told_anew_with_other_ids_and_times() -> None:
    places = Places({}, frozenset())
    old, kept = os.urandom(16).hex(), os.urandom(32).hex()
    pieces = places.split(f'{{"at":"2026-11-23T09:30:00.125+00:00","id":"{old}","digest":"{kept}"}}')
    values: list[Any] = [None] * places.count
    [values[places.by_text[old]]] = ["new"]
    week = Shift(-7 * 86_400 * 10**6, -60 * 10**6)
    for place, moment in places.times:
        values[place] = moment.write(week)
    assert fill(pieces, values) == f'{{"at":"2026-11-16T09:29:00.125+00:00","id":"new","digest":"{kept}"}}'
    assert week.of(round(NOW.timestamp()) * 10**6) == round((NOW - timedelta(days=7)).timestamp()) * 10**6
