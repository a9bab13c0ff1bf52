"""`ppg schema` says how a case is written: its example is one, and what it requires is required."""

import json
from pathlib import Path

import pytest
import yaml

from gateway.cli.commands import main
from gateway.cli.schema_forms import EXAMPLE
from gateway.core.agreement_short import ShortAgreement


def _write(folder: Path, name: str, case: object) -> str:
    file = folder / f"{name}.yaml"
    file.write_text(yaml.safe_dump(case, sort_keys=False), encoding="utf-8")
    return str(file)


def test_the_example_is_decided_as_it_expects(tmp_path: Path) -> None:
    assert main(["evaluate", _write(tmp_path, "example", EXAMPLE)]) == 0


def test_a_case_that_cannot_be_read_keeps_none_of_the_others_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = {**EXAMPLE, "today": "23.11.2026"}
    files = [_write(tmp_path, "broken", broken), _write(tmp_path, "example", EXAMPLE)]
    assert main(["evaluate", "--json", *files]) == 2
    shown = capsys.readouterr()
    assert [each["case"] for each in json.loads(shown.out)] == ["example"]
    assert "broken.yaml:" in shown.err


def test_a_rule_that_does_not_exist_is_no_rule_that_did_not_fire(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    expect = {"kent-childrens/front-door": {"not_rules": ["MAPPA-21.82"]}}
    assert main(["evaluate", _write(tmp_path, "typing", {**EXAMPLE, "expect": expect})]) == 1
    assert "not_rules names MAPPA-21.82" in capsys.readouterr().out


def test_an_outcome_that_does_not_exist_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    expect = {"kent-childrens/front-door": {"outcome": "SHARED"}}
    assert main(["evaluate", _write(tmp_path, "typing", {**EXAMPLE, "expect": expect})]) == 2
    assert "must be 'RELEASED', 'HELD' or 'REFUSED'" in capsys.readouterr().err


def test_an_agreement_needs_in_a_case_what_the_schema_requires_and_no_more() -> None:
    schema = ShortAgreement.model_json_schema()
    shortest = {
        "id": "short",
        "version": "1",
        "state": "IN_FORCE",
        "owner": "kent-police",
        "parties": [
            {"organisation": each, "status": "CONTROLLER"} for each in ("kent-police", "kent-adults")
        ],
        "marking_ceiling": "OFFICIAL",
        "starts": "2026-01-01",
        "review": "2026-06-30",
        "expiry": "2026-12-31",
        "clauses": [],
    }
    assert set(schema["required"]) == set(shortest)
    ShortAgreement.model_validate({**shortest, "regimes": ["GENERAL"], "security": "As agreed."})
    assert "regimes" in schema["properties"]
