"""Who vouches for an export: the log, its witnesses, the scheme; and what its entries say of time."""

from datetime import timedelta

import pytest

from services.kit.evidence.bundle_faults import explain
from services.kit.evidence.bundle_form import Scope, ScopeKind, Witnessed
from services.kit.evidence.keys import SigningKey
from services.kit.evidence.quorum import Standing
from tests.support.exporting import (
    LOG,
    SIGNED,
    START,
    WITNESSES,
    Log,
    directory,
    refusal,
    revoked_log_key,
    verify,
)
from tests.support.specimen import Dice

ALL = Scope(ScopeKind.ALL)
DAY = timedelta(hours=24)


@pytest.fixture(scope="module")
def log() -> Log:
    return Log.of(700)


@pytest.fixture
def lines(log: Log) -> list[bytes]:
    return log.export(ALL)


# The checkpoint and its witnesses.


def test_a_checkpoint_signed_by_somebody_else(log: Log) -> None:
    other = SigningKey.generate(owner="gateway", entropy=Dice(99))
    refused = refusal(log.export(ALL, checkpoint=log.note(key=other)))
    assert (refused.reason, refused.detail) == ("checkpoint_refused", "log_signature_missing")


def test_stripped_cosignatures(log: Log) -> None:
    lines = log.export(ALL, checkpoint=log.note(by=WITNESSES[:2]))
    late = refusal(lines, now=SIGNED + DAY)
    assert (late.reason, late.line) == ("no_majority", 1)
    assert "2 of 5 witnesses cosigned (kent-police, kent-probation), 3 needed" in explain(late)


def test_a_young_checkpoint_is_not_yet_due(log: Log) -> None:
    report = verify(
        log.export(ALL, checkpoint=log.note(by=WITNESSES[:2])), now=START + DAY - timedelta(1 / 24)
    )
    assert (report.standing, report.uncovered) == (Standing.PENDING, 700)


def test_a_fresh_signature_makes_no_record_young(log: Log) -> None:
    # The operator strips all cosignatures of yesterday's records by signing the same root anew.
    tomorrow = START + DAY + timedelta(hours=1)
    lines = log.export(ALL, checkpoint=log.note(by=(), at=tomorrow))
    refused = refusal(lines, now=tomorrow)
    assert (refused.reason, refused.line) == ("no_majority", len(lines))
    assert "700 records uncovered, the oldest of 2026-11-23 09:00" in explain(refused)


def test_pruned_records_are_never_young() -> None:
    log = Log.of(20)
    log.pruned = {4}
    refused = refusal(log.export(ALL, checkpoint=log.note(by=())))
    assert explain(refused).count("20 records uncovered, the oldest pruned") == 1


def test_an_earlier_majority_covers_what_it_saw(log: Log) -> None:
    tomorrow = START + DAY + timedelta(minutes=8)
    lines = log.export(ALL, checkpoint=log.note(by=(), at=tomorrow), witnessed=log.witnessed(600))
    report = verify(lines, now=tomorrow)
    assert (report.standing, report.uncovered) == (Standing.PENDING, 100)
    refused = refusal(lines, now=tomorrow + timedelta(hours=1))
    assert "100 records uncovered" in explain(refused)


def test_a_witnessed_checkpoint_of_another_history(log: Log) -> None:
    other = Log.of(0)
    other.add(other.entry(number, type="RECEIPT") for number in range(600))
    witnessed = Witnessed(other.note(), tuple(log.tree.consistency(600, 700)))
    refused = refusal(log.export(ALL, checkpoint=log.note(by=()), witnessed=witnessed))
    assert (refused.reason, refused.detail) == ("consistency_refused", "first_root_mismatch")


def test_cosignatures_that_come_too_late_do_not_count(log: Log) -> None:
    note = log.note(cosigned_at=SIGNED + DAY + timedelta(minutes=1))
    assert refusal(log.export(ALL, checkpoint=note), now=SIGNED + 2 * DAY).reason == "no_majority"


def test_cosignatures_of_who_is_no_witness_do_not_count(log: Log) -> None:
    signed = directory(WITNESSES[:3])
    lines = log.export(ALL, checkpoint=log.note(by=WITNESSES[2:]), directory=signed)
    assert "1 of 3 witnesses" in explain(refusal(lines, now=SIGNED + DAY))


def test_a_log_without_witnesses_proves_nothing(log: Log) -> None:
    assert refusal(log.export(ALL, directory=directory(()))).reason == "no_majority"


def test_a_forged_cosignature(log: Log) -> None:
    other = Log.of(10)
    lines = other.note().split("\n\n")[1]
    text = log.note(by=()).split("\n\n")
    cosignatures = [line for line in lines.splitlines() if WITNESSES[0] in line]
    forged = f"{text[0]}\n\n{text[1]}{cosignatures[0]}\n"
    assert refusal(log.export(ALL, checkpoint=forged)).reason == "cosignature_refused"


def test_a_revoked_key_of_the_log(log: Log) -> None:
    for since, proven in ((SIGNED + timedelta(minutes=2), True), (SIGNED, False)):
        lines = log.export(ALL, directory=directory(log=[revoked_log_key(since)]))
        if proven:  # a majority cosigned before the revocation
            assert verify(lines).standing is Standing.MET
        else:
            assert refusal(lines).reason == "log_key_revoked"


def test_a_key_that_is_not_valid_yet(log: Log) -> None:
    note = log.note(at=START - timedelta(days=60), by=())
    assert refusal(log.export(ALL, checkpoint=note)).reason == "log_key_not_valid"


def test_times_to_come(log: Log, lines: list[bytes]) -> None:
    assert refusal(lines, now=SIGNED - timedelta(hours=1)).reason == "checkpoint_from_the_future"
    assert refusal(lines, now=START - timedelta(days=3)).reason == "directory_from_the_future"
    late = log.note(at=START + timedelta(days=31))
    refused = refusal(log.export(ALL, checkpoint=late), now=START + timedelta(days=32))
    assert refused.reason == "directory_too_old"


# The directory.


def test_a_directory_signed_by_the_operator(log: Log) -> None:
    refused = refusal(log.export(ALL, directory=directory(key=LOG)))
    assert (refused.reason, refused.line) == ("directory_refused", 1)


def test_another_fingerprint_and_an_older_directory(lines: list[bytes]) -> None:
    assert refusal(lines, trust={"fingerprint": LOG.kid}).reason == "directory_refused"
    assert refusal(lines, trust={"lowest_serial": 8}).reason == "directory_refused"


# What entries say of time.


def test_an_entry_dated_back() -> None:
    log = Log.of(5)
    log.add([log.entry(5, at=(START - DAY).isoformat())])
    refused = refusal(log.export(ALL))
    assert (refused.reason, refused.index) == ("back_dated", 5)


def test_an_entry_after_its_checkpoint() -> None:
    log = Log.of(5)
    log.add([log.entry(5, at=(SIGNED + timedelta(minutes=6)).isoformat())])
    assert refusal(log.export(ALL)).reason == "after_checkpoint"


@pytest.mark.parametrize("entry", ["[]", '{"at":3}', '{"type":"X"}', '{"at":"2026-11-23T09:00:00"}', "{"])
def test_an_entry_of_another_form(entry: str) -> None:
    log = Log.of(5)
    log.add([entry])
    assert refusal(log.export(ALL)).reason == "malformed_entry"
