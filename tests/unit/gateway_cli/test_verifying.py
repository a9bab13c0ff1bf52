import json
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.cli.commands import main
from services.kit.evidence.bundle_form import Scope, ScopeKind
from tests.support.exporting import LOG, NOW, SCHEME, SIGNED, START, WITNESSES, Log
from tests.support.proving import evidence_of_a_delivery


@pytest.fixture
def trusted(tmp_path: Path) -> list[str]:
    """The options that name the scheme's key."""
    path = tmp_path / "scheme.jwk"
    path.write_text(json.dumps(SCHEME.public.to_jwk()))
    return ["--scheme-key", str(path), "--fingerprint", SCHEME.kid, "--at", NOW.astimezone(UTC).isoformat()]


def _write(path: Path, scope: ScopeKind = ScopeKind.ALL, **changes: Any) -> str:
    log = Log.of(300)
    path.write_bytes(b"".join(log.export(Scope(scope), **changes)))
    return str(path)


def test_an_export_that_proves_itself(
    tmp_path: Path, trusted: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["log", "verify", _write(tmp_path / "all.jsonl"), *trusted]) == 0
    said = capsys.readouterr().out
    assert said.startswith("PROVEN: 300 records about everything")
    assert "none between the first and the last is missing" in said
    assert "5 of 5 witnesses cosigned" in said


def test_an_export_of_a_subject_says_what_it_cannot_show(
    tmp_path: Path, trusted: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["log", "verify", _write(tmp_path / "one.jsonl", ScopeKind.SUBJECT), *trusted]) == 0
    assert "only an export of everything can show" in capsys.readouterr().out


def test_an_altered_export_is_named(
    tmp_path: Path, trusted: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    file = Path(_write(tmp_path / "all.jsonl"))
    file.write_bytes(file.read_bytes().replace(b"exchange-4", b"exchange-5", 1))
    assert main(["log", "verify", str(file), *trusted]) == 1
    assert "NOT PROVEN: line 7, record 4: " in capsys.readouterr().out


def test_an_export_that_is_not_yet_due(
    tmp_path: Path, trusted: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    file = _write(tmp_path / "all.jsonl", checkpoint=Log.of(300).note(by=WITNESSES[:1]))
    assert main(["log", "verify", file, *trusted]) == 0
    said = capsys.readouterr().out
    assert said.startswith("PROVEN BY THE LOG, NOT YET BY ITS WITNESSES")
    assert "NOT YET DUE: 300" in said
    later = ["--at", (SIGNED + timedelta(days=1)).isoformat()]
    assert main(["log", "verify", file, *trusted, *later]) == 1


def test_another_fingerprint(tmp_path: Path, trusted: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    file = _write(tmp_path / "all.jsonl")
    assert main(["log", "verify", file, *trusted, "--fingerprint", LOG.kid]) == 1
    assert "the scheme key is not the one pinned" in capsys.readouterr().out


def test_files_that_cannot_be_read(tmp_path: Path, trusted: list[str]) -> None:
    assert main(["log", "verify", str(tmp_path / "none.jsonl"), *trusted]) == 2
    file = _write(tmp_path / "all.jsonl")
    assert main(["log", "verify", file, "--scheme-key", str(tmp_path / "none"), "--fingerprint", "x"]) == 2


def test_a_time_without_offset_is_refused(tmp_path: Path, trusted: list[str]) -> None:
    with pytest.raises(SystemExit):
        main(["log", "verify", str(tmp_path), *trusted, "--at", f"{START:%Y-%m-%dT%H:%M}"])


def test_a_delivery_that_proves_itself(
    tmp_path: Path, trusted: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "delivery.json"
    file.write_text(evidence_of_a_delivery())
    assert main(["verify", str(file), *trusted]) == 0
    said = capsys.readouterr().out
    assert said.startswith("PROVEN: delivery delivery-1 of exchange exchange-1")
    assert "sealed by kent-police, for kent-probation, desk offender-management" in said
    assert "Marsh" not in said  # what was disclosed stays in the file


def test_a_delivery_that_was_altered(
    tmp_path: Path, trusted: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "delivery.json"
    file.write_text(evidence_of_a_delivery().replace('"index": ', '"index": 1'))
    assert main(["verify", str(file), *trusted]) == 1
    assert "detected by the Merkle tree under the signed checkpoint" in capsys.readouterr().out
