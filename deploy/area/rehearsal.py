"""The rehearsal: a gateway in a folder of its own on which every form is played, and what it kept of that."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Final

from deploy.area.cast import Cast
from deploy.area.forms import choose_forms, read_forms
from deploy.area.keys import RehearsalKeys
from deploy.area.papers import area_papers
from deploy.area.play import Play, Thread
from deploy.area.snapshot import Snapshot, take_snapshot
from deploy.area.stage import Stage
from deploy.area.template import Compiler, Template
from gateway.adapters.database import open_store
from gateway.adapters.world import Grounds
from gateway.app.agreement_import import import_agreements
from gateway.app.key_ports import KeyStore
from gateway.core.world import World
from services.kit.clock import FixedClock
from services.kit.identifiers import NewId

MONDAY: Final = datetime(2026, 11, 23, 8, tzinfo=UTC)
"""When the rehearsal begins: the dates in the forms are around that."""

DAYS: Final = (
    0.5,
    1,
    1.5,
    2,
    2.5,
    3,
    3.5,
    4,
    4.5,
    5,
    7,
    9,
    12,
    16,
    21,
    28,
    42,
    60,
    90,
    130,
    180,
    260,
    360,
    480,
)
"""After how many days it is looked at what the gateway has."""

_WEIGHTS: Final = {"DISCLOSURE": 6.0, "HOLD": 2.2, "REFUSAL": 0.8, "REJECTION": 0.2}


@dataclass
class Rehearsal:
    """What was played.

    Attributes:
        snapshots: in the order of time.
    """

    threads: Sequence[Thread]
    snapshots: Sequence[Snapshot]
    keys: RehearsalKeys = field(repr=False)

    def __post_init__(self) -> None:
        self._compiled: dict[tuple[int, int], Template | None] = {}
        self._compiler = Compiler(self.keys)

    @cached_property
    def began_us(self) -> list[int]:
        """When each thread began, microseconds since 1970; 0 for one that came to nothing."""
        return [0 if final is None else final.began_us for final in self._final]

    @cached_property
    def weights(self) -> list[float]:
        """How often each is told: what is released most."""
        return [0.0 if final is None else _weight(final) for final in self._final]

    def aged(self, number: int, age_us: int) -> Template | None:
        """A thread as the last snapshot shows it that was taken before it had that age."""
        moment = self.threads[number].began + timedelta(microseconds=age_us)
        found = bisect_right([each.at for each in self.snapshots], moment) - 1
        return self._compile(number, found) if found >= 0 else None

    @cached_property
    def _final(self) -> list[Template | None]:
        return [self._compile(number, len(self.snapshots) - 1) for number in range(len(self.threads))]

    def _compile(self, number: int, snapshot: int) -> Template | None:
        key = number, snapshot
        if key not in self._compiled:
            rows = self.snapshots[snapshot].threads[number]
            whole = "exchange" in rows and "log_record" in rows
            self._compiled[key] = self._compiler.compile(self.threads[number], rows) if whole else None
        return self._compiled[key]


async def rehearse(  # noqa: PLR0913, PLR0917  # all that a gateway stands on
    folder: Path,
    cast: Cast,
    world: World,
    key_store: KeyStore,
    random: Random,
    forms: int,
    now: datetime,
) -> Rehearsal:
    """Plays so many forms in a folder, which must be empty and can be thrown away afterwards."""
    keys, clock = RehearsalKeys(key_store), FixedClock(MONDAY - timedelta(days=1))
    database = folder / "rehearsal.db"
    async with await open_store(f"sqlite+aiosqlite:///{database}") as store:
        stage = Stage(store, keys, cast, world, clock, _ids(random))
        papers = area_papers(Grounds(cast.directory, world), now)
        await import_agreements(store, stage.tools, papers)
        everything = read_forms()
        play = Play(stage, everything, random)
        play.plan([each for each in choose_forms(everything, forms, random) if each.names_subject], MONDAY)
        snapshots = []
        for days in DAYS:
            at = MONDAY + timedelta(days=days)
            await play.play_until(at)
            snapshots.append(take_snapshot(database, play.threads, at))
    return Rehearsal(play.threads, snapshots, keys)


def _ids(random: Random) -> NewId:
    return lambda: f"{random.getrandbits(128):032x}"


def _weight(template: Template) -> float:
    kinds = {record.kind for record in template.records}
    weight = max((each for kind, each in _WEIGHTS.items() if kind in kinds), default=0.0)
    return weight * (1.5 if len(template.exchanges) > 1 else 1.0)
