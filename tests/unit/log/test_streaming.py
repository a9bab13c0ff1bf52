"""An export of any length is verified in the memory of one tile, and refused at once where it is wrong."""

import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.core.log.bundle_writing import ExportRecord, RecordWriter, begins_tile, plan_tile, write_header
from gateway.core.log.tiles import TILE_WIDTH, TreeHashes
from services.kit.evidence.bundle import Report, verify_bundle
from services.kit.evidence.bundle_form import Header, Run, Scope, ScopeKind
from services.kit.evidence.errors import BundleRefusedError
from tests.support.exporting import NOW, Log, directory, opener

RECORDS, MANY = 12_000, 1_000_000
MOST_OCTETS = 1 << 20


def _entry(number: int) -> str:
    return Log.entry(number % 3000, nonce=f"{number:032x}")


def _write(path: Path, records: int) -> Path:
    """An export of everything in a log of that many records, no entry of which is ever kept."""
    log, step = Log(), 4000
    for start in range(0, records, step):
        log.tree.grow(_entry(number).encode() for number in range(start, min(start + step, records)))
    with path.open("wb") as file:
        file.writelines(_lines(log, records))
    return path


def _lines(log: Log, records: int) -> Iterator[bytes]:
    run, hashes, writer = Run(0, records), TreeHashes(log.tree.tiles), RecordWriter()
    yield write_header(Header(Scope(ScopeKind.ALL), log.note(), directory(), None, run))
    for number in range(records):
        if begins_tile(number, 0):
            yield plan_tile(number // TILE_WIDTH, records).line(log.tree.tiles, hashes)
        yield writer.write(ExportRecord(number, _entry(number), b""))
    yield writer.close()


def _verify(export: Path) -> tuple[Report, int]:
    """The report, and the most octets that were in use at once."""
    trust = opener()
    with export.open("rb") as lines:
        tracemalloc.start()
        report = verify_bundle(lines, trust, now=NOW)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    return report, most


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _write(tmp_path_factory.mktemp("export") / "all.jsonl", RECORDS)


def test_memory_does_not_grow_with_the_file(export: Path) -> None:
    assert export.stat().st_size > 3 * MOST_OCTETS
    report, most = _verify(export)
    assert report.records == RECORDS
    assert most < MOST_OCTETS


@pytest.mark.large
@pytest.mark.timeout(1200)
def test_a_million_records_take_no_more(tmp_path: Path) -> None:
    report, most = _verify(_write(tmp_path / "all.jsonl", MANY))
    assert report.records == MANY
    assert most < MOST_OCTETS


def test_nothing_is_read_beyond_what_is_wrong(export: Path) -> None:
    read = 0

    def lines() -> Iterator[bytes]:
        nonlocal read
        with export.open("rb") as file:
            for line in file:
                read += 1
                yield line.replace(b"exchange-3", b"exchange-4") if read == 402 else line

    with pytest.raises(BundleRefusedError) as caught:
        verify_bundle(lines(), opener(), now=NOW)
    assert (caught.value.reason, caught.value.line, read) == ("leaf_mismatch", 402, 402)
