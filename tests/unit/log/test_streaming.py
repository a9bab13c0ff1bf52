"""An export of any length is verified in the memory of one tile, and refused at once where it is wrong."""

import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.kit.evidence.bundle import verify_bundle
from services.kit.evidence.bundle_form import Scope, ScopeKind
from services.kit.evidence.errors import BundleRefusedError
from tests.support.exporting import NOW, Log, opener

RECORDS = 12_000
MOST_OCTETS = 1 << 20


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    log = Log()
    log.add(log.entry(number % 3000, nonce=f"{number:032x}") for number in range(RECORDS))
    path = tmp_path_factory.mktemp("export") / "all.jsonl"
    path.write_bytes(b"".join(log.export(Scope(ScopeKind.ALL))))
    return path


def test_memory_does_not_grow_with_the_file(export: Path) -> None:
    assert export.stat().st_size > 3 * MOST_OCTETS
    trust = opener()
    with export.open("rb") as lines:
        tracemalloc.start()
        report = verify_bundle(lines, trust, now=NOW)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert report.records == RECORDS
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
