import json
from pathlib import Path

import pytest

from gateway.cli.commands import main

PARTIES: list[dict[str, object]] = [
    {"id": "p1", "role": "victim", "name": "Ada Thornycroft", "aliases": [], "address": None, "phone": None},
    {"id": "p2", "role": "subject", "name": "Neil Harker", "aliases": [], "address": None, "phone": None},
]


def write(folder: Path, *records: object) -> str:
    file = folder / "narratives.jsonl"
    file.write_text("\n".join(json.dumps(each) for each in records) + "\n", encoding="utf-8")
    return str(file)


def test_each_narrative_is_printed_masked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(tmp_path, {"id": "n1", "text": "Harker saw Ada.", "parties": PARTIES})
    assert main(["mask", file]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "id": "n1",
        "text": "Harker saw █████.",
        "spans": [{"start": 11, "end": 14, "type": "PERSON"}],
    }


def test_the_roles_to_keep_can_be_chosen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(tmp_path, {"id": "n1", "text": "Harker saw Ada.", "parties": PARTIES})
    assert main(["mask", file, "--keep", "victim"]) == 0
    assert json.loads(capsys.readouterr().out)["text"] == "█████ saw Ada."


@pytest.mark.parametrize(
    "record",
    [
        {"id": "n1"},
        {"id": "n1", "text": "Ada █████", "parties": PARTIES},
        [],
        {"id": 1, "text": 2, "parties": []},
    ],
)
def test_what_is_no_narrative_is_refused_without_its_text(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], record: object
) -> None:
    assert main(["mask", write(tmp_path, record)]) == 2
    error = capsys.readouterr().err
    assert "narratives.jsonl:1:" in error
    assert "Ada" not in error
