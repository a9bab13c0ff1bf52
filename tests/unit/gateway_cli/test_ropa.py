"""`ppg ropa` prints one record in three forms."""

import csv
import io
import json

import pytest

from gateway.cli.commands import main


def test_one_controller_s_record_for_reading(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ropa", "--organisation", "dwp-kent"]) == 0
    text = capsys.readouterr().out
    assert "## Department for Work and Pensions, Kent and Medway" in text
    assert "Kent and Medway Police" not in text.split("##", 1)[1].split("###", 1)[0]
    assert "### Receives under kent-dwp/1 D1" in text
    assert "| categories | staff risk flag, subject identity, subject restriction |" in text


def test_json_and_csv_hold_the_same_activities(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ropa", "--format", "json"]) == 0
    described = json.loads(capsys.readouterr().out)
    assert main(["ropa", "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    keys = ("organisation", "agreement", "clause", "direction")
    assert [[row[key] for key in keys] for row in rows] == [
        [each[key] for key in keys] for each in described["activities"]
    ]
    assert {each["organisation"] for each in described["controllers"]} == {
        row["organisation"] for row in rows
    }


def test_an_organisation_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ropa", "--organisation", "nobody-here"]) == 2
    assert "not in the directory" in capsys.readouterr().err
