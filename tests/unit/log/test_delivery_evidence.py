"""The evidence of one delivery: what it proves, and what finds each change."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.kit.evidence.bundle_faults import explain
from services.kit.evidence.bundle_form import Witnessed
from services.kit.evidence.delivery_evidence import (
    DeliveryEvidence,
    DeliveryReport,
    read_evidence,
    verify_evidence,
    write_evidence,
)
from services.kit.evidence.errors import BundleRefusedError
from services.kit.evidence.quorum import Standing
from services.kit.evidence.statement import Recipient
from tests.support.exporting import KEYS, NOW, SIGNED, Log, directory, opener, revoked_log_key
from tests.support.proving import INDEX, delivery
from tests.support.sealing import LEAVES

DAY = timedelta(days=1)


def _verify(evidence: DeliveryEvidence, now: datetime = NOW) -> DeliveryReport:
    return verify_evidence(evidence, opener(), now=now)


def _reason(evidence: DeliveryEvidence, now: datetime = NOW) -> tuple[str, str]:
    with pytest.raises(BundleRefusedError) as caught:
        _verify(evidence, now)
    assert explain(caught.value)
    return caught.value.reason, caught.value.detail


def test_a_delivery_proves_itself() -> None:
    made = delivery()
    report = _verify(made.evidence)
    assert report.release.statement == made.statement
    assert report.release.leaves == {path: LEAVES[path] for path in made.statement.disclosed}
    assert (report.index, report.size, report.standing) == (INDEX, 60, Standing.MET)
    assert report.witnesses.startswith("5 of 5 witnesses")


def test_the_file_reads_back() -> None:
    evidence = delivery().evidence
    assert read_evidence(write_evidence(evidence).encode()) == evidence
    alone = replace(evidence, later=None)
    assert read_evidence(write_evidence(alone).encode()) == alone


def test_without_witnesses_it_is_not_yet_due_and_then_fails() -> None:
    alone = replace(delivery().evidence, later=None)
    assert _verify(alone).standing is Standing.PENDING
    reason, detail = _reason(alone, SIGNED + DAY)
    assert (reason, detail) == ("no_majority", "0 of 5 witnesses cosigned, 3 needed")


def test_a_fresh_signature_makes_no_release_young() -> None:
    made, tomorrow = delivery(), SIGNED + DAY
    fresh = replace(made.evidence, later=None, checkpoint=made.log.note(60, by=(), at=tomorrow))
    assert _reason(fresh, tomorrow)[0] == "no_majority"


def test_a_later_checkpoint_of_another_history() -> None:
    made = delivery()
    other = Log.of(0)
    other.add(other.entry(number, type="RECEIPT") for number in range(90))
    later = Witnessed(other.note(), tuple(other.tree.consistency(60, 90)))
    assert _reason(replace(made.evidence, later=later)) == ("consistency_refused", "first_root_mismatch")


def test_a_later_checkpoint_without_its_majority_does_not_help() -> None:
    made = delivery()
    later = Witnessed(made.log.note(90, by=()), tuple(made.log.tree.consistency(60, 90)))
    assert _verify(replace(made.evidence, later=later)).standing is Standing.PENDING


def test_another_index_or_path() -> None:
    made = delivery()
    assert _reason(replace(made.evidence, index=40))[0] == "not_on_record"
    assert _reason(replace(made.evidence, path=made.evidence.path[1:])) == (
        "not_on_record",
        "path_too_short",
    )


def test_a_statement_published_before_its_record() -> None:
    # Record 75 is in the log by now, but not under the checkpoint that the delivery came with.
    made = delivery()
    later = delivery(record_hash=made.log.record(75).leaf.hex())
    assert _reason(later.evidence)[0] == "not_on_record"


def test_a_statement_signed_by_an_agency() -> None:
    made = delivery(gateway=KEYS["kent-police"])
    assert _reason(made.evidence) == ("statement_refused", "not_signed_by_gateway")


def test_statements_that_were_swapped() -> None:
    made, other = delivery(), delivery(exchange_id="exchange-2")
    assert _reason(replace(made.evidence, statement=other.evidence.statement)) == (
        "release_refused",
        "other_exchange",
    )


def test_a_leaf_that_was_added_or_changed() -> None:
    made = delivery()
    parts = made.seal.split("~")
    assert _reason(replace(made.evidence, seal="~".join([*parts[:-2], ""])))[0] == "release_refused"
    flipped = parts[1][:-2] + ("A" if parts[1][-2] != "A" else "B") + parts[1][-1]
    assert (
        _reason(replace(made.evidence, seal="~".join([parts[0], flipped, *parts[2:]])))[0] == "seal_refused"
    )


def test_a_revoked_key_of_the_log_needs_witnesses_from_before() -> None:
    made = delivery()
    before = directory(log=[revoked_log_key(SIGNED)])
    after = directory(log=[revoked_log_key(SIGNED + timedelta(minutes=3))])
    assert _verify(replace(made.evidence, directory=after)).standing is Standing.MET
    assert _reason(replace(made.evidence, directory=before))[0] == "log_key_revoked"
    assert _reason(replace(made.evidence, directory=after, later=None))[0] == "log_key_revoked"


def test_the_recipient_is_the_one_of_the_statement() -> None:
    desk = Recipient(organisation="surrey-prison", desk="offender-management")
    assert _verify(delivery(recipient=desk).evidence).release.statement.recipient == desk


@pytest.mark.parametrize(
    "change",
    [
        lambda members: members.update(v=2),
        lambda members: members.update(type="export"),
        lambda members: members.update(more=1),
        lambda members: members.update(seal=3),
        lambda members: members.pop("statement"),
        lambda members: members.update(proof=[]),
        lambda members: members["proof"].update(index=True),
        lambda members: members["proof"].update(index="41"),
        lambda members: members["proof"].update(path=["00"]),
        lambda members: members["later"].update(consistency="00"),
    ],
)
def test_files_of_another_form(change: Callable[[dict[str, Any]], object]) -> None:
    members = json.loads(write_evidence(delivery().evidence))
    change(members)
    with pytest.raises(BundleRefusedError) as caught:
        read_evidence(json.dumps(members).encode())
    assert caught.value.reason == "malformed_evidence"
    for octets in (b"", b"[]", b"\xff", b'{"type":"delivery-evidence"'):
        with pytest.raises(BundleRefusedError):
            read_evidence(octets)
