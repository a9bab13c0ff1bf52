"""Exports prove themselves, and what is wrong with one is named: line, index, what, and what finds it."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.kit.evidence.bundle_faults import FAULTS, explain
from services.kit.evidence.bundle_form import Opened, Run, Scope, ScopeKind
from services.kit.evidence.errors import BundleRefusedError
from services.kit.evidence.merkle import leaf_hash
from services.kit.evidence.quorum import Standing
from tests.support.exporting import SALT, START, Log, refusal, verify

ALL = Scope(ScopeKind.ALL)
EXCHANGE = Scope(ScopeKind.EXCHANGE, exchange="exchange-3")
PERIOD = Scope(ScopeKind.PERIOD, since=START + timedelta(seconds=300), until=START + timedelta(seconds=600))


def _edit(line: bytes, change: Callable[[dict[str, Any]], object]) -> bytes:
    members = json.loads(line)
    change(members)
    return json.dumps(members).encode() + b"\n"


@pytest.fixture(scope="module")
def log() -> Log:
    return Log.of(700)


@pytest.fixture
def lines(log: Log) -> list[bytes]:
    return log.export(ALL)


# What is right.


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 700])
def test_everything_proves_itself(size: int) -> None:
    log = Log.of(size)
    report = verify(log.export(ALL))
    assert (report.records, report.size, report.root) == (size, size, log.tree.root(size))
    assert (report.standing, report.uncovered) == (Standing.MET, 0)


def test_an_exchange_proves_itself(log: Log) -> None:
    assert verify(log.export(EXCHANGE)).records == 140


def test_a_subject_proves_itself(log: Log) -> None:
    assert verify(log.export(Scope(ScopeKind.SUBJECT))).records == 700


@pytest.mark.parametrize("run", [Run(299, 601), Run(200, 650), Run(0, 700)])
def test_a_period_proves_itself_with_its_neighbours(log: Log, run: Run) -> None:
    assert verify(log.export(PERIOD, run)).records == run.end - run.start


def test_pruned_entries_keep_their_place() -> None:
    log = Log.of(300)
    log.pruned = {0, 7, 255, 256, 299}
    report = verify(log.export(ALL))
    assert (report.records, report.pruned) == (300, 5)
    report = verify(log.export(Scope(ScopeKind.SUBJECT)))
    assert (report.records, report.pruned) == (300, 5)


def test_opened_texts_are_those_committed_to(log: Log) -> None:
    shown = {3: (Opened("necessity", SALT, "reason 3"),)}
    assert verify(log.export(ALL, opened=shown)).opened == 1
    refused = refusal(log.export(ALL, opened={3: (Opened("necessity", SALT, "reason 4"),)}))
    assert (refused.reason, refused.line, refused.index) == ("opened_mismatch", 6, 3)


# What somebody altered.


def test_an_altered_entry_is_named(lines: list[bytes]) -> None:
    lines[302] = lines[302].replace(b"DISCLOSURE", b"DISCLOSER!")  # header, tile, 256 records, tile, ...
    refused = refusal(lines)
    assert (refused.reason, refused.line, refused.index) == ("leaf_mismatch", 303, 299)
    assert explain(refused) == (
        "line 303, record 299: the record is not the one that the log holds at this index [leaf_mismatch]; "
        "detected by the Merkle tree under the signed checkpoint"
    )


def test_an_entry_altered_with_its_tile_is_found_at_the_tile(log: Log) -> None:
    forged = Log.of(0)
    forged.add(log.entry(9, type="RECEIPT") if n == 9 else each for n, each in enumerate(log.entries))
    refused = refusal(forged.export(ALL, checkpoint=log.note()))
    assert (refused.reason, refused.line, refused.index) == ("tile_mismatch", 2, None)


def test_an_altered_entry_of_an_exchange_is_named(log: Log) -> None:
    lines = log.export(EXCHANGE)
    lines[2] = lines[2].replace(b"DISCLOSURE", b"DISCLOSER!")
    refused = refusal(lines)
    assert (refused.reason, refused.line, refused.index) == ("proof_refused", 3, 8)


@pytest.mark.parametrize("scope", [ALL, EXCHANGE])
def test_a_dropped_record(log: Log, scope: Scope) -> None:
    lines = log.export(scope)
    del lines[20]
    assert refusal(lines).reason == ("index_out_of_order" if scope is ALL else "counts_differ")


@pytest.mark.parametrize("scope", [ALL, EXCHANGE])
def test_two_records_in_the_other_order(log: Log, scope: Scope) -> None:
    lines = log.export(scope)
    lines[20], lines[21] = lines[21], lines[20]
    assert refusal(lines).reason == "index_out_of_order"


def test_a_repeated_record(log: Log) -> None:
    lines = log.export(EXCHANGE)
    lines.insert(20, lines[20])
    assert refusal(lines).reason == "index_out_of_order"


def test_an_inserted_record(lines: list[bytes], log: Log) -> None:
    lines[20] = _edit(lines[20], lambda record: record.update(entry=log.entry(18, nonce="f" * 32)))
    assert refusal(lines).reason == "leaf_mismatch"


def test_an_entry_said_to_be_pruned(lines: list[bytes]) -> None:
    leaf = leaf_hash(b"another").hex()
    lines[20] = json.dumps({"type": "record", "index": 18, "leaf": leaf}).encode()
    assert refusal(lines).reason == "leaf_mismatch"


# What somebody cut off, or added.


@pytest.mark.parametrize("keep", [1, 2, 3, 20, 258, 259, 704])
def test_a_file_cut_between_lines(lines: list[bytes], keep: int) -> None:
    refused = refusal(lines[:keep])
    assert (refused.reason, refused.line) == ("truncated", keep)


def test_a_file_cut_within_a_line(lines: list[bytes]) -> None:
    refused = refusal([*lines[:20], lines[20][:-40]])
    assert (refused.reason, refused.line) == ("malformed_line", 21)


def test_a_run_that_stops_early(lines: list[bytes]) -> None:
    refused = refusal([*lines[:20], lines[-1]])
    assert (refused.reason, refused.line, refused.detail) == (
        "records_missing",
        21,
        "record 18 should follow",
    )


def test_lines_after_the_last(lines: list[bytes]) -> None:
    refused = refusal([*lines, lines[-1]])
    assert (refused.reason, refused.line) == ("lines_after_end", len(lines) + 1)


def test_other_counts(lines: list[bytes]) -> None:
    lines[-1] = _edit(lines[-1], lambda end: end.update(pruned=1))
    assert refusal(lines).reason == "counts_differ"


def test_no_header(lines: list[bytes]) -> None:
    assert refusal(lines[1:]).reason == "header_missing"
    assert refusal([]).reason == "header_missing"


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"more": 1},
        {"scope": {"kind": "SOME"}},
        {"scope": {"kind": "PERIOD", "since": "2026-11-23T09:00Z", "until": "2026-11-23T09:00Z"}},
        {"checkpoint": 3},
    ],
)
def test_a_header_of_another_form(lines: list[bytes], change: dict[str, Any]) -> None:
    lines[0] = _edit(lines[0], lambda header: header.update(change))
    assert refusal(lines).reason == ("version_unknown" if "v" in change else "malformed_line")


def test_a_repeated_member_is_refused(lines: list[bytes]) -> None:
    lines[3] = lines[3].replace(b'"type":"record"', b'"type":"record","index":1')
    assert refusal(lines).reason == "malformed_line"


# Scopes.


def test_a_record_of_another_exchange(log: Log) -> None:
    lines = log.export(Scope(ScopeKind.SUBJECT))
    lines[0] = log.export(EXCHANGE)[0]
    refused = refusal(lines)
    assert (refused.reason, refused.line, refused.index) == ("other_exchange", 2, 0)


@pytest.mark.parametrize(("run", "index"), [(Run(300, 601), 300), (Run(299, 600), 599)])
def test_a_period_without_its_neighbours(log: Log, run: Run, index: int) -> None:
    refused = refusal(log.export(PERIOD, run))
    assert (refused.reason, refused.index) == ("period_not_whole", index)


def test_a_run_that_is_not_what_the_scope_demands(log: Log, lines: list[bytes]) -> None:
    for run in ({"start": 1, "end": 700}, {"start": 0, "end": 699}, {"start": 0, "end": 701}):
        lines[0] = _edit(lines[0], lambda header, run=run: header.update(run=run))  # type: ignore[misc]
        assert refusal(lines).reason == "run_mismatch"
    period = log.export(PERIOD, Run(299, 601))
    period[0] = _edit(period[0], lambda header: header.update(run={"start": 4, "end": 4}))
    assert refusal(period).reason == "run_mismatch"


def test_every_fault_has_its_words(repository: Path) -> None:
    raised = {
        reason
        for path in (repository / "services" / "kit").rglob("*.py")
        for reason in re.findall(r'BundleRefusedError\(\s*"(\w+)"', path.read_text())
    }
    raised |= {"tile_mismatch", "proof_refused"}  # by way of a variable
    assert raised == set(FAULTS)
    for reason in FAULTS:
        assert reason in explain(BundleRefusedError(reason, line=3, index=1))
