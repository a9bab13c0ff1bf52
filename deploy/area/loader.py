"""Loads an area into a gateway's database and key store, which no process may have open."""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final

from publicprotection.exchange.v1.directory_service_pb2 import Organisation

from deploy.area.afterwards import act_afterwards
from deploy.area.batch import Batch
from deploy.area.cast import Cast, assemble
from deploy.area.names import ADULT, OFFENDER, Invented, invent, twin_of
from deploy.area.papers import area_papers
from deploy.area.register import Register
from deploy.area.rehearsal import Rehearsal, rehearse
from deploy.area.schedule import Span, cast_subjects, draw, order, spread, tellings
from deploy.area.sinks import SecretSink, open_sink, write_batch
from deploy.area.stage import Stage
from deploy.area.stamping import Stamper
from gateway.adapters.database import open_store
from gateway.adapters.files import read_rulebook
from gateway.adapters.keystore import KeyStoreFile
from gateway.adapters.world import Grounds
from gateway.app.agreement_import import import_agreements
from gateway.app.figures.rebuilding import rebuild
from gateway.app.heads import sign_head
from gateway.app.log_rows import SignedHead
from gateway.app.sequencer import Sequencer
from gateway.core.directory import DirectoryIndex
from gateway.core.log.tiles import append, plan_append
from gateway.core.world import World
from services.kit.clock import FixedClock
from services.kit.database import NO_ACCESS, DatabaseAccess
from services.kit.evidence.keys import DecryptionKey, SigningKey
from services.kit.identifiers import new_id

YEARS: Final = timedelta(days=2 * 365)
_HASH: Final = 32
_AT_ONCE: Final = 1 << 16
_THREADS: Final = 1000
_FORMS: Final = (110, 300)
_LARGE: Final = 20_000
_TWINS: Final = 100
"""One subject in so many has a namesake, born on the same day: a candidate."""


@dataclass(frozen=True)
class Target:
    """Where an area goes, and by whose keys.

    Attributes:
        url: of the gateway's database, as in its settings.
        key_store: the file of its key store; made if it is not there.
        organisations: who takes part, as the directory lists them.
        signing, decryption: private keys by owner; those missing are made up, and then nothing that these
            organisations sealed can be released later.
    """

    url: str
    key_store: Path
    organisations: tuple[Organisation, ...]
    signing: Mapping[str, SigningKey] = field(default_factory=dict, repr=False)
    decryption: Mapping[str, DecryptionKey] = field(default_factory=dict, repr=False)
    access: DatabaseAccess = NO_ACCESS
    password: str = field(default="", repr=False)


@dataclass(frozen=True)
class Size:
    """How much there is to be; `forms` is how many are rehearsed (0: as many as the size deserves)."""

    subjects: int
    exchanges: int
    seed: int = 1
    forms: int = 0


Progress = Callable[[str, int, int], None]
"""Is told what is being done, how much of it is done, and of how much."""


async def load_area(target: Target, size: Size, progress: Progress, now: datetime | None = None) -> int:
    """Loads an area; how many records the log has then.

    The same seed gives the same exchanges of the same people at the same times; ids, keys and salts differ.
    """
    now = now or datetime.now(UTC)
    random = Random(size.seed)  # noqa: S311  # made-up people, no secrets
    cast = assemble(target.organisations, now, target.signing, target.decryption)
    world = World(DirectoryIndex(cast.directory.organisations), (), read_rulebook())
    span = Span(now - YEARS, now)
    progress("agreements", 0, 1)
    await _begin(target, cast, world, span.first - timedelta(days=1))
    rehearsal = await _rehearse(target, cast, world, random, size, progress, now)
    return await _write(target, cast, world, rehearsal, span, random, size, progress)


async def _begin(target: Target, cast: Cast, world: World, at: datetime) -> None:
    """Agreements in force, on record and in the log, the day before the first exchange."""
    async with stage_of(target, cast, world, at) as stage:
        sequencer = Sequencer(stage.store, stage.tools)
        await sequencer.start()
        papers = area_papers(Grounds(cast.directory, world), at + YEARS)
        await import_agreements(stage.store, stage.tools, papers)
        while await sequencer.sequence_batch():
            pass


@asynccontextmanager
async def stage_of(target: Target, cast: Cast, world: World, at: datetime) -> AsyncIterator[Stage]:
    """The gateway itself, without server and bus, at a moment."""
    async with await open_store(target.url, target.access) as store:
        with KeyStoreFile.open(target.key_store) as key_store:
            yield Stage(store, key_store, cast, world, FixedClock(at), new_id)


async def _rehearse(  # noqa: PLR0913, PLR0917  # as `_write`
    target: Target,
    cast: Cast,
    world: World,
    random: Random,
    size: Size,
    progress: Progress,
    now: datetime,
) -> Rehearsal:
    folder = Path(tempfile.mkdtemp(prefix="rehearsal-"))
    forms = size.forms or _FORMS[size.exchanges >= _LARGE]
    progress("rehearsal", 0, forms)
    try:
        with KeyStoreFile.open(target.key_store) as key_store:
            return await rehearse(folder, cast, world, key_store, random, forms, now)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _write(  # noqa: PLR0913, PLR0917  # everything comes together here
    target: Target,
    cast: Cast,
    world: World,
    rehearsal: Rehearsal,
    span: Span,
    random: Random,
    size: Size,
    progress: Progress,
) -> int:
    chosen = draw(rehearsal.weights, rehearsal.began_us, rehearsal.aged, span, size.exchanges, random)
    households = cast_subjects(chosen, spread(list(_people(size.subjects, random))), random)
    with KeyStoreFile.open(target.key_store) as key_store:
        register = Register(key_store, random, os.urandom)
    batch = Batch()
    with open_sink(target.url, target.password) as sink, SecretSink(target.key_store) as secrets:
        batch.positions.update(sink.positions())
        first = batch.positions["log_record"]
        records = order(chosen, lambda each: [record.at_us for record in each.records], first)
        exchanges = order(chosen, lambda each: each.exchanges, batch.positions["exchange"] + 1)
        leaves = bytearray(_HASH * sum(map(len, records)))
        stamper = Stamper(register, random, os.urandom, dict(cast.signing), leaves, first, 1)
        for number, told in enumerate(tellings(chosen, households, exchanges, records), 1):
            stamper.stamp(batch, told)
            if number % _THREADS == 0 or number == len(chosen):
                write_batch(sink, batch)
                secrets.add(batch)
                batch.clear()
                progress("threads", number, len(chosen))
    return await _sign(target, cast, world, leaves, first, span, progress)


async def _sign(  # noqa: PLR0913, PLR0917  # as `_write`
    target: Target,
    cast: Cast,
    world: World,
    leaves: bytearray,
    first: int,
    span: Span,
    progress: Progress,
) -> int:
    """The tree over all records, and its head, signed by the gateway's key and remembered."""
    async with stage_of(target, cast, world, span.last) as stage:
        async with stage.store.writing() as unit:
            size, root, last = first, b"", await unit.tree.head()
            hashes = [bytes(leaves[at : at + _HASH]) for at in range(0, len(leaves), _HASH)]
            for start in range(0, len(hashes), _AT_ONCE):
                edge = await unit.tree.tiles(plan_append(size))
                grown = append(size, edge, hashes[start : start + _AT_ONCE])
                await unit.tree.put_tiles(grown.tiles)
                size, root = grown.size, grown.root
                progress("log", size - first, len(hashes))
            await unit.tree.move_head(sign_head(stage.tools, size, root, last))
        await stage.key_store.remember_head(SignedHead(size, root))
        progress("figures", 0, 1)
        await rebuild(stage.store, cast.directory)
        await act_afterwards(stage, Grounds(cast.directory, world), span.last)
        sequencer = Sequencer(stage.store, stage.tools)
        await sequencer.start()
        while count := await sequencer.sequence_batch():
            size += count
    return size


def _people(count: int, random: Random) -> list[Invented]:
    """So many subjects, each under an identifier of its own."""
    found: list[Invented] = []
    for number in range(count):
        if number % _TWINS == 1:
            found.append(twin_of(found[-1], number))
        else:
            found.append(invent(number, ADULT if number % 8 == 0 else OFFENDER, random))
    return found
