"""The known vectors of RFC 6962 and RFC 9162: trees, paths and verification."""

import json
from pathlib import Path
from typing import Any

import pytest

from services.kit.evidence.merkle import EMPTY_ROOT, leaf_hash, verify_consistency, verify_inclusion
from tests.support import rfc9162
from tests.support.growing import Tree

VECTORS: dict[str, Any] = json.loads((Path(__file__).parent / "log" / "ct.json").read_bytes())
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
