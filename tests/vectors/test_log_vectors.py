"""The known vectors of RFC 6962 and RFC 9162: trees, paths and verification."""

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.cli.commands import main
from services.kit.evidence.merkle import EMPTY_ROOT, leaf_hash, verify_consistency, verify_inclusion
from tests.support import rfc9162
from tests.support.growing import Tree
from tests.support.log_example import FOLDER, make_example

VECTORS: dict[str, Any] = json.loads((Path(__file__).parent / "log" / "ct.json").read_bytes())
FACTS: dict[str, Any] = json.loads((FOLDER / "facts.json").read_bytes())
LEAVES = [bytes.fromhex(leaf) for leaf in VECTORS["leaves"]]
ROOTS = [bytes.fromhex(root) for root in VECTORS["roots"]]


def _path(vector: dict[str, Any]) -> list[bytes]:
    return [bytes.fromhex(each) for each in vector["path"]]


def _tree() -> Tree:
    tree = Tree()
    tree.grow(LEAVES)
    return tree


@pytest.mark.parametrize("size", range(len(ROOTS)))
def test_roots(size: int) -> None:
    assert _tree().root(size) == ROOTS[size] == rfc9162.mth(LEAVES[:size])


def test_the_empty_root() -> None:
    assert ROOTS[0] == EMPTY_ROOT


@pytest.mark.parametrize("vector", VECTORS["inclusion"])
def test_inclusion(vector: dict[str, Any]) -> None:
    index, size = vector["index"], vector["size"]
    assert _tree().inclusion(index, size) == _path(vector) == rfc9162.path(index, LEAVES[:size])
    verify_inclusion(leaf_hash(LEAVES[index]), index, size, _path(vector), ROOTS[size])


@pytest.mark.parametrize("vector", VECTORS["consistency"])
def test_consistency(vector: dict[str, Any]) -> None:
    first, second = vector["first"], vector["second"]
    assert _tree().consistency(first, second) == _path(vector)
    verify_consistency(first, ROOTS[first], second, ROOTS[second], _path(vector))


# The worked example of docs/log-form.md.


def test_the_example_is_made_anew_alike() -> None:
    written = {path.name: path.read_text() for path in FOLDER.iterdir()}
    assert written == make_example()  # otherwise: python -m tests.support.log_example


def test_the_example_proves_itself_by_the_file_alone(capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--scheme-key", str(FOLDER / "scheme.jwk"), "--fingerprint", FACTS["fingerprint"]]
    options += ["--at", "2026-11-23T12:00Z"]
    assert main(["log", "verify", str(FOLDER / "export.jsonl"), *options]) == 0
    assert main(["verify", str(FOLDER / "delivery.json"), *options]) == 0
    assert capsys.readouterr().out.count("PROVEN: ") == 2


def test_the_example_agrees_with_the_rfc() -> None:
    lines = map(json.loads, (FOLDER / "export.jsonl").read_text().splitlines())
    entries = [line["entry"].encode() for line in lines if line["type"] == "record"]
    assert FACTS["leaves"] == [rfc9162.mth([entry]).hex() for entry in entries]
    assert FACTS["roots"] == [rfc9162.mth(entries[:size]).hex() for size in range(4)]
    paths = [[each.hex() for each in rfc9162.path(index, entries)] for index in range(3)]
    assert FACTS["inclusion"] == paths
    assert FACTS["consistency_from_2_to_3"] == [each.hex() for each in rfc9162.proof(2, entries)]


def test_the_page_quotes_the_example(repository: Path) -> None:
    page = (repository / "docs" / "log-form.md").read_text()
    record = json.loads((FOLDER / "export.jsonl").read_text().splitlines()[4])
    (opened,) = record["opened"]
    quoted = [record["entry"], FACTS["leaves"][2], FACTS["roots"][3], FACTS["roots"][2], opened["salt"]]
    quoted += [FACTS["checkpoint"], FACTS["fingerprint"], json.dumps(opened["value"], separators=(",", ":"))]
    assert [each for each in quoted if each not in page] == []
