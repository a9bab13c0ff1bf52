"""Exports prove themselves, and what is wrong with one is named: line, index, what, and what finds it."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.kit.evidence.bundle import Report, verify_bundle
from services.kit.evidence.bundle_faults import FAULTS, explain
from services.kit.evidence.bundle_form import Opened, Run, Scope, ScopeKind, Witnessed
from services.kit.evidence.errors import BundleRefusedError
from services.kit.evidence.keys import SigningKey
from services.kit.evidence.merkle import leaf_hash
from services.kit.evidence.quorum import Standing
from tests.support.exporting import (
    LOG,
    NOW,
    SALT,
    SIGNED,
    START,
    WITNESSES,
    Log,
    directory,
    opener,
    revoked_log_key,
)
from tests.support.specimen import Dice

ALL = Scope(ScopeKind.ALL)
EXCHANGE = Scope(ScopeKind.EXCHANGE, exchange="exchange-3")
PERIOD = Scope(ScopeKind.PERIOD, since=START + timedelta(seconds=300), until=START + timedelta(seconds=600))
DAY = timedelta(hours=24)


def _verify(lines: list[bytes], **changes: Any) -> Report:
    return verify_bundle(lines, opener(**changes.pop("trust", {})), now=changes.get("now", NOW))


def _refusal(lines: list[bytes], **changes: Any) -> BundleRefusedError:
    with pytest.raises(BundleRefusedError) as caught:
        _verify(lines, **changes)
    assert caught.value.reason in explain(caught.value)
    return caught.value


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
    report = _verify(log.export(ALL))
    assert (report.records, report.size, report.root) == (size, size, log.tree.root(size))
    assert (report.standing, report.uncovered) == (Standing.MET, 0)


def test_an_exchange_proves_itself(log: Log) -> None:
    assert _verify(log.export(EXCHANGE)).records == 140


def test_a_subject_proves_itself(log: Log) -> None:
    assert _verify(log.export(Scope(ScopeKind.SUBJECT))).records == 700


@pytest.mark.parametrize("run", [Run(299, 601), Run(200, 650), Run(0, 700)])
def test_a_period_proves_itself_with_its_neighbours(log: Log, run: Run) -> None:
    assert _verify(log.export(PERIOD, run)).records == run.end - run.start


def test_pruned_entries_keep_their_place() -> None:
    log = Log.of(300)
    log.pruned = {0, 7, 255, 256, 299}
    report = _verify(log.export(ALL))
    assert (report.records, report.pruned) == (300, 5)
    report = _verify(log.export(Scope(ScopeKind.SUBJECT)))
    assert (report.records, report.pruned) == (300, 5)


def test_opened_texts_are_those_committed_to(log: Log) -> None:
    shown = {3: (Opened("necessity", SALT, "reason 3"),)}
    assert _verify(log.export(ALL, opened=shown)).opened == 1
    refused = _refusal(log.export(ALL, opened={3: (Opened("necessity", SALT, "reason 4"),)}))
    assert (refused.reason, refused.line, refused.index) == ("opened_mismatch", 6, 3)


# What somebody altered.


def test_an_altered_entry_is_named(lines: list[bytes]) -> None:
    lines[302] = lines[302].replace(b"DISCLOSURE", b"DISCLOSER!")  # header, tile, 256 records, tile, ...
    refused = _refusal(lines)
    assert (refused.reason, refused.line, refused.index) == ("leaf_mismatch", 303, 299)
    assert explain(refused) == (
        "line 303, record 299: the record is not the one that the log holds at this index [leaf_mismatch]; "
        "detected by the Merkle tree under the signed checkpoint"
    )


def test_an_entry_altered_with_its_tile_is_found_at_the_tile(log: Log) -> None:
    forged = Log.of(0)
    forged.add(log.entry(9, type="RECEIPT") if n == 9 else each for n, each in enumerate(log.entries))
    refused = _refusal(forged.export(ALL, checkpoint=log.note()))
    assert (refused.reason, refused.line, refused.index) == ("tile_mismatch", 2, None)


def test_an_altered_entry_of_an_exchange_is_named(log: Log) -> None:
    lines = log.export(EXCHANGE)
    lines[2] = lines[2].replace(b"DISCLOSURE", b"DISCLOSER!")
    refused = _refusal(lines)
    assert (refused.reason, refused.line, refused.index) == ("proof_refused", 3, 8)


@pytest.mark.parametrize("scope", [ALL, EXCHANGE])
def test_a_dropped_record(log: Log, scope: Scope) -> None:
    lines = log.export(scope)
    del lines[20]
    assert _refusal(lines).reason == ("index_out_of_order" if scope is ALL else "counts_differ")


@pytest.mark.parametrize("scope", [ALL, EXCHANGE])
def test_two_records_in_the_other_order(log: Log, scope: Scope) -> None:
    lines = log.export(scope)
    lines[20], lines[21] = lines[21], lines[20]
    assert _refusal(lines).reason == "index_out_of_order"


def test_a_repeated_record(log: Log) -> None:
    lines = log.export(EXCHANGE)
    lines.insert(20, lines[20])
    assert _refusal(lines).reason == "index_out_of_order"


def test_an_inserted_record(lines: list[bytes], log: Log) -> None:
    lines[20] = _edit(lines[20], lambda record: record.update(entry=log.entry(18, nonce="f" * 32)))
    assert _refusal(lines).reason == "leaf_mismatch"


def test_an_entry_said_to_be_pruned(lines: list[bytes]) -> None:
    leaf = leaf_hash(b"another").hex()
    lines[20] = json.dumps({"type": "record", "index": 18, "leaf": leaf}).encode()
    assert _refusal(lines).reason == "leaf_mismatch"


# What somebody cut off, or added.


@pytest.mark.parametrize("keep", [1, 2, 3, 20, 258, 259, 704])
def test_a_file_cut_between_lines(lines: list[bytes], keep: int) -> None:
    refused = _refusal(lines[:keep])
    assert (refused.reason, refused.line) == ("truncated", keep)


def test_a_file_cut_within_a_line(lines: list[bytes]) -> None:
    refused = _refusal([*lines[:20], lines[20][:-40]])
    assert (refused.reason, refused.line) == ("malformed_line", 21)


def test_a_run_that_stops_early(lines: list[bytes]) -> None:
    refused = _refusal([*lines[:20], lines[-1]])
    assert (refused.reason, refused.line, refused.detail) == (
        "records_missing",
        21,
        "record 18 should follow",
    )


def test_lines_after_the_last(lines: list[bytes]) -> None:
    refused = _refusal([*lines, lines[-1]])
    assert (refused.reason, refused.line) == ("lines_after_end", len(lines) + 1)


def test_other_counts(lines: list[bytes]) -> None:
    lines[-1] = _edit(lines[-1], lambda end: end.update(pruned=1))
    assert _refusal(lines).reason == "counts_differ"


def test_no_header(lines: list[bytes]) -> None:
    assert _refusal(lines[1:]).reason == "header_missing"
    assert _refusal([]).reason == "header_missing"


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
    assert _refusal(lines).reason == ("version_unknown" if "v" in change else "malformed_line")


def test_a_repeated_member_is_refused(lines: list[bytes]) -> None:
    lines[3] = lines[3].replace(b'"type":"record"', b'"type":"record","index":1')
    assert _refusal(lines).reason == "malformed_line"


# Scopes.


def test_a_record_of_another_exchange(log: Log) -> None:
    lines = log.export(Scope(ScopeKind.SUBJECT))
    lines[0] = log.export(EXCHANGE)[0]
    refused = _refusal(lines)
    assert (refused.reason, refused.line, refused.index) == ("other_exchange", 2, 0)


@pytest.mark.parametrize(("run", "index"), [(Run(300, 601), 300), (Run(299, 600), 599)])
def test_a_period_without_its_neighbours(log: Log, run: Run, index: int) -> None:
    refused = _refusal(log.export(PERIOD, run))
    assert (refused.reason, refused.index) == ("period_not_whole", index)


def test_a_run_that_is_not_what_the_scope_demands(log: Log, lines: list[bytes]) -> None:
    for run in ({"start": 1, "end": 700}, {"start": 0, "end": 699}, {"start": 0, "end": 701}):
        lines[0] = _edit(lines[0], lambda header, run=run: header.update(run=run))  # type: ignore[misc]
        assert _refusal(lines).reason == "run_mismatch"
    period = log.export(PERIOD, Run(299, 601))
    period[0] = _edit(period[0], lambda header: header.update(run={"start": 4, "end": 4}))
    assert _refusal(period).reason == "run_mismatch"


# The checkpoint and its witnesses.


def test_a_checkpoint_signed_by_somebody_else(log: Log) -> None:
    other = SigningKey.generate(owner="gateway", entropy=Dice(99))
    refused = _refusal(log.export(ALL, checkpoint=log.note(key=other)))
    assert (refused.reason, refused.detail) == ("checkpoint_refused", "log_signature_missing")


def test_stripped_cosignatures(log: Log) -> None:
    lines = log.export(ALL, checkpoint=log.note(by=WITNESSES[:2]))
    late = _refusal(lines, now=SIGNED + DAY)
    assert (late.reason, late.line) == ("no_majority", 1)
    assert "2 of 5 witnesses cosigned (kent-police, kent-probation), 3 needed" in explain(late)


def test_a_young_checkpoint_is_not_yet_due(log: Log) -> None:
    report = _verify(
        log.export(ALL, checkpoint=log.note(by=WITNESSES[:2])), now=START + DAY - timedelta(1 / 24)
    )
    assert (report.standing, report.uncovered) == (Standing.PENDING, 700)


def test_a_fresh_signature_makes_no_record_young(log: Log) -> None:
    # The operator strips all cosignatures of yesterday's records by signing the same root anew.
    tomorrow = START + DAY + timedelta(hours=1)
    lines = log.export(ALL, checkpoint=log.note(by=(), at=tomorrow))
    refused = _refusal(lines, now=tomorrow)
    assert (refused.reason, refused.line) == ("no_majority", len(lines))
    assert "700 records uncovered, the oldest of 2026-11-23 09:00" in explain(refused)


def test_pruned_records_are_never_young() -> None:
    log = Log.of(20)
    log.pruned = {4}
    refused = _refusal(log.export(ALL, checkpoint=log.note(by=())))
    assert explain(refused).count("20 records uncovered, the oldest pruned") == 1


def test_an_earlier_majority_covers_what_it_saw(log: Log) -> None:
    tomorrow = START + DAY + timedelta(minutes=8)
    lines = log.export(ALL, checkpoint=log.note(by=(), at=tomorrow), witnessed=log.witnessed(600))
    report = _verify(lines, now=tomorrow)
    assert (report.standing, report.uncovered) == (Standing.PENDING, 100)
    refused = _refusal(lines, now=tomorrow + timedelta(hours=1))
    assert "100 records uncovered" in explain(refused)


def test_a_witnessed_checkpoint_of_another_history(log: Log) -> None:
    other = Log.of(0)
    other.add(other.entry(number, type="RECEIPT") for number in range(600))
    witnessed = Witnessed(other.note(), tuple(log.tree.consistency(600, 700)))
    refused = _refusal(log.export(ALL, checkpoint=log.note(by=()), witnessed=witnessed))
    assert (refused.reason, refused.detail) == ("consistency_refused", "first_root_mismatch")


def test_cosignatures_that_come_too_late_do_not_count(log: Log) -> None:
    note = log.note(cosigned_at=SIGNED + DAY + timedelta(minutes=1))
    assert _refusal(log.export(ALL, checkpoint=note), now=SIGNED + 2 * DAY).reason == "no_majority"


def test_cosignatures_of_who_is_no_witness_do_not_count(log: Log) -> None:
    signed = directory(WITNESSES[:3])
    lines = log.export(ALL, checkpoint=log.note(by=WITNESSES[2:]), directory=signed)
    assert "1 of 3 witnesses" in explain(_refusal(lines, now=SIGNED + DAY))


def test_a_log_without_witnesses_proves_nothing(log: Log) -> None:
    assert _refusal(log.export(ALL, directory=directory(()))).reason == "no_majority"


def test_a_forged_cosignature(log: Log) -> None:
    other = Log.of(10)
    lines = other.note().split("\n\n")[1]
    text = log.note(by=()).split("\n\n")
    cosignatures = [line for line in lines.splitlines() if WITNESSES[0] in line]
    forged = f"{text[0]}\n\n{text[1]}{cosignatures[0]}\n"
    assert _refusal(log.export(ALL, checkpoint=forged)).reason == "cosignature_refused"


def test_a_revoked_key_of_the_log(log: Log) -> None:
    for since, proven in ((SIGNED + timedelta(minutes=2), True), (SIGNED, False)):
        lines = log.export(ALL, directory=directory(log=[revoked_log_key(since)]))
        if proven:  # a majority cosigned before the revocation
            assert _verify(lines).standing is Standing.MET
        else:
            assert _refusal(lines).reason == "log_key_revoked"


def test_a_key_that_is_not_valid_yet(log: Log) -> None:
    note = log.note(at=START - timedelta(days=60), by=())
    assert _refusal(log.export(ALL, checkpoint=note)).reason == "log_key_not_valid"


def test_times_to_come(log: Log, lines: list[bytes]) -> None:
    assert _refusal(lines, now=SIGNED - timedelta(hours=1)).reason == "checkpoint_from_the_future"
    assert _refusal(lines, now=START - timedelta(days=3)).reason == "directory_from_the_future"
    late = log.note(at=START + timedelta(days=31))
    refused = _refusal(log.export(ALL, checkpoint=late), now=START + timedelta(days=32))
    assert refused.reason == "directory_too_old"


# The directory.


def test_a_directory_signed_by_the_operator(log: Log) -> None:
    refused = _refusal(log.export(ALL, directory=directory(key=LOG)))
    assert (refused.reason, refused.line) == ("directory_refused", 1)


def test_another_fingerprint_and_an_older_directory(lines: list[bytes]) -> None:
    assert _refusal(lines, trust={"fingerprint": LOG.kid}).reason == "directory_refused"
    assert _refusal(lines, trust={"lowest_serial": 8}).reason == "directory_refused"


# What entries say of time.


def test_an_entry_dated_back() -> None:
    log = Log.of(5)
    log.add([log.entry(5, at=(START - DAY).isoformat())])
    refused = _refusal(log.export(ALL))
    assert (refused.reason, refused.index) == ("back_dated", 5)


def test_an_entry_after_its_checkpoint() -> None:
    log = Log.of(5)
    log.add([log.entry(5, at=(SIGNED + timedelta(minutes=6)).isoformat())])
    assert _refusal(log.export(ALL)).reason == "after_checkpoint"


@pytest.mark.parametrize("entry", ["[]", '{"at":3}', '{"type":"X"}', '{"at":"2026-11-23T09:00:00"}', "{"])
def test_an_entry_of_another_form(entry: str) -> None:
    log = Log.of(5)
    log.add([entry])
    assert _refusal(log.export(ALL)).reason == "malformed_entry"


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
