"""Checkpoints and proofs of the log verify with libraries that others wrote, and altered ones do not."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from services.kit.evidence.checkpoint import ORIGIN
from services.kit.evidence.note import ED25519, key_id
from tests.support.exporting import LOG, SIGNED, Log

NODE = Path(__file__).parent / "node"
LARGEST = 70
LIBRARIES = ("@sigstore/verify", "@transmute/rfc9162")


@pytest.fixture(scope="module", autouse=True)
def _libraries() -> None:
    installed = all((NODE / "node_modules" / library).is_dir() for library in LIBRARIES)
    if shutil.which("node") is None or not installed:
        pytest.fail("node or its packages are missing: run `npm ci` in tests/interop/node")


def _ask(inclusion: list[dict[str, Any]], consistency: list[dict[str, Any]]) -> dict[str, list[Any]]:
    log = {
        "name": ORIGIN,
        "keyId": key_id(ORIGIN, ED25519, LOG.public).hex(),
        "jwk": LOG.public.to_jwk(),
    }
    answer = subprocess.run(
        ["node", "log.mjs"],
        input=json.dumps({"log": log, "inclusion": inclusion, "consistency": consistency}),
        cwd=NODE,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    said: dict[str, list[Any]] = json.loads(answer.stdout)
    return said


@pytest.fixture(scope="module")
def log() -> Log:
    return Log.of(LARGEST)


def _inclusion(log: Log, index: int, size: int, note: str) -> dict[str, Any]:
    return {
        "entry": log.entries[index],
        "index": index,
        "size": size,
        "root": log.tree.root(size).hex(),
        "checkpoint": note,
        "path": [each.hex() for each in log.tree.inclusion(index, size)],
    }


def _consistency(log: Log, first: int, second: int) -> dict[str, Any]:
    return {
        "first": first,
        "second": second,
        "firstRoot": log.tree.root(first).hex(),
        "secondRoot": log.tree.root(second).hex(),
        "path": [each.hex() for each in log.tree.consistency(first, second)],
    }


def _flip(hexadecimal: str) -> str:
    return f"{int(hexadecimal[0], 16) ^ 1:x}{hexadecimal[1:]}"


def test_checkpoints_and_inclusion(log: Log) -> None:
    notes = {size: log.note(size, at=SIGNED) for size in range(1, LARGEST + 1)}  # with cosignatures
    asked = [_inclusion(log, index, size, notes[size]) for size in notes for index in range(size)]
    said = _ask(asked, [])
    assert len(asked) == LARGEST * (LARGEST + 1) // 2
    assert set(said["sigstore"]) == {"verified"}
    assert set(said["inclusion"]) == {True}


def test_consistency(log: Log) -> None:
    asked = [_consistency(log, one, two) for two in range(2, LARGEST + 1) for one in range(1, two)]
    said = _ask([], asked)
    assert said["consistency"] == [True] * len(asked)


def test_what_is_altered_is_refused(log: Log) -> None:
    note, good = log.note(60), _inclusion(log, 20, 60, log.note(60))
    inclusion = [
        {**good, "index": 21},
        {**good, "path": [_flip(good["path"][0]), *good["path"][1:]]},
        {**good, "path": good["path"][:-1]},
        {**good, "entry": log.entries[21]},
    ]
    texts = [note.replace("\n60\n", "\n61\n"), note.replace("\u2014 publicprotection", "\u2014 another")]
    forged = [{**good, "checkpoint": text.split("\u2014 kent")[0]} for text in texts]
    whole = _consistency(log, 37, 60)
    consistency = [
        {**whole, "firstRoot": _flip(whole["firstRoot"])},
        {**whole, "secondRoot": _flip(whole["secondRoot"])},
        {**whole, "path": whole["path"][:-1]},
        {**whole, "path": [_flip(whole["path"][0]), *whole["path"][1:]]},
        {**whole, "first": 38},
    ]
    said = _ask([*inclusion, *forged], consistency)
    assert "verified" not in said["sigstore"]
    assert said["sigstore"][-2:] == ["invalid checkpoint signature"] * 2
    assert said["inclusion"][: len(inclusion)] == [False] * len(inclusion)
    assert said["consistency"] == [False] * len(consistency)
