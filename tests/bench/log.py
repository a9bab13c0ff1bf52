"""The disclosure log as it grows: appends, proofs, a subject's records, exports; on SQLite and PostgreSQL.

Everything is made here in a temporary folder and removed afterwards. The long run has ten million records, of
some 13 GB, and takes long; the other two hundred thousand.
"""

import asyncio
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from deploy.local.roster import read_organisations
from gateway.app.log_rows import CosignatureRow
from services.kit.directory import open_directory, sign_directory
from services.kit.evidence.checkpoint import cosign
from services.kit.evidence.keys import SigningKey
from services.kit.evidence.note import read_note
from tests.bench import log_reading
from tests.bench.log_growth import Grown, Growth, begin
from tests.bench.log_reading import Passed
from tests.bench.measure import Times
from tests.support.databases import FileDatabase, NewDatabase, PostgresServer
from tests.support.gateway import Gateway, Parties
from tests.support.postgres_cluster import PostgresCluster


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many records the log has, step by step, and how many of them each export has."""

    sqlite: tuple[int, ...] = (50_000, 200_000)
    postgresql: tuple[int, ...] = (20_000, 100_000)
    exported: tuple[int, ...] = (50_000, 200_000)


SHORT: Final = Sizes()
LONG: Final = Sizes((1_000_000, 10_000_000), (100_000, 1_000_000), (100_000, 1_000_000))


@dataclass
class LogReport:
    """What came of it."""

    growth: dict[str, list[Growth]] = field(default_factory=dict)
    size: int = 0
    times: dict[str, Times] = field(default_factory=dict)
    listed: int = 0
    exports: list[Passed] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """For a machine."""
        return asdict(self)


def measure_log(sizes: Sizes, tell: Callable[[LogReport], None] = lambda _: None) -> LogReport:
    """Fills logs, and measures them on the way; what there is so far is told after each part."""
    report = LogReport()
    asyncio.run(_measure_postgresql(report, sizes))
    tell(report)
    asyncio.run(_measure_sqlite(report, sizes, tell))
    return report


async def _measure_sqlite(report: LogReport, sizes: Sizes, tell: Callable[[LogReport], None]) -> None:
    parties, scheme = Parties(), SigningKey.generate(owner="scheme")
    parties.directory = _sign(parties, scheme)
    with _folder() as folder:
        grown = await begin(parties, folder, FileDatabase)
        report.growth["SQLite"] = await _grow(grown, sizes.sqlite)
        async with grown.open() as gateway:
            await _read(report, gateway, grown)
            tell(report)
            await _cosign(gateway)
            for records in sizes.exported:
                report.exports.append(await log_reading.pass_on(gateway, records, folder, scheme.public))


async def _measure_postgresql(report: LogReport, sizes: Sizes) -> None:
    with PostgresCluster() as cluster, _folder() as folder:
        database = PostgresServer.of(cluster, folder).create()
        one: NewDatabase = lambda _: database  # noqa: E731
        report.growth["PostgreSQL"] = await _grow(await begin(Parties(), folder, one), sizes.postgresql)


async def _grow(grown: Grown, sizes: tuple[int, ...]) -> list[Growth]:
    found = [await grown.measure()]
    for size in sizes:
        grown.fill(size)
        found.append(await grown.measure())
    return found


async def _read(report: LogReport, gateway: Gateway, grown: Grown) -> None:
    async with gateway.store.reading() as unit:
        head = await unit.tree.head()
    report.size = 0 if head is None else head.size
    times, report.listed = await log_reading.time_lists(gateway, grown.subject)
    report.times = await log_reading.time_proofs(gateway, report.size) | times


async def _cosign(gateway: Gateway) -> None:
    """Has every witness sign the head, as after a heartbeat."""
    await gateway.sequencer.sequence_batch()
    now = gateway.parties.clock.now()
    async with gateway.store.writing() as unit:
        head = await unit.tree.head()
        if head is None:
            raise AssertionError("nothing is signed")
        await unit.witnesses.add_checkpoint(head)
        for name in gateway.parties.directory.organisations:
            line = cosign(read_note(head.note), gateway.parties.signing[name], now)
            await unit.witnesses.add_cosignature(CosignatureRow(head.size, name, str(line), now))


def _sign(parties: Parties, scheme: SigningKey) -> Any:
    token = sign_directory(parties._message(read_organisations()), scheme)
    return open_directory(token, scheme.public, fingerprint=scheme.kid, at=parties.clock.now())


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="ppg-bench-") as folder:
        yield Path(folder)
