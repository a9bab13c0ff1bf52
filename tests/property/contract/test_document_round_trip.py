"""Every document comes back from protobuf, JSON and leaves as it was, whole and after part is withheld."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from google.protobuf import json_format
from google.protobuf.message import Message
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.kit.evidence.leaves import flatten, unflatten
from tests.support.documents import fill_all, list_documents, list_leaf_fields, messages
from tests.support.specimen import Dice, Specimen

DOCUMENTS = list_documents()
# No document has a map or a float so far; the specimen keeps the proof honest for the first one that does.
TYPES: list[type[Message]] = [*DOCUMENTS, Specimen]
LABEL = re.compile(r"\[[0-9a-f]{20}\]")
SMALL, LARGE = 20, 200
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]

each_type = pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.DESCRIPTOR.name)


def encode(message: Any) -> bytes:
    """Bytes, because a NaN is not equal to itself."""
    encoded: bytes = message.SerializeToString(deterministic=True)
    return encoded


def number(leaves: Mapping[str, Any]) -> dict[str, str]:
    """The leaves with each label replaced by its place in its list: equal for equal messages."""
    lists: dict[str, set[str]] = {}
    for path in leaves:
        for found in LABEL.finditer(path):
            lists.setdefault(path[: found.start()], set()).add(found[0])
    places = {before + label: at for before, all_ in lists.items() for at, label in enumerate(sorted(all_))}
    return {_renumber(path, places): repr(value) for path, value in leaves.items()}


def _renumber(path: str, places: Mapping[str, int]) -> str:
    return LABEL.sub(lambda found: f"[{places[path[: found.end()]]}]", path)


def require_round_trips(message: Any) -> None:
    kind = type(message)
    assert encode(kind.FromString(encode(message))) == encode(message)
    text = json_format.MessageToJson(message)
    assert encode(json_format.Parse(text, kind())) == encode(message)
    leaves = flatten(message, prefix="document", entropy=Dice())
    assert encode(unflatten(leaves, kind, prefix="document")) == encode(message)


def require_part_round_trips(message: Any, keep: int) -> None:
    leaves = flatten(message, prefix="document", entropy=Dice())
    kept = {path: value for at, (path, value) in enumerate(leaves.items()) if keep >> at & 1}
    built = unflatten(kept, type(message), prefix="document")
    again = flatten(built, prefix="document", entropy=Dice(1))
    assert number(again) == number(kept or {"document": {}})
    require_round_trips(built)


def try_many(kind: type[Message], examples: int) -> None:
    @settings(max_examples=examples, deadline=None, suppress_health_check=SLOW, database=None)
    @given(messages(kind), st.integers(0, 2**256 - 1))
    def run(message: Any, keep: int) -> None:
        require_round_trips(message)
        require_part_round_trips(message, keep)

    run()


def test_every_document_is_tried() -> None:
    assert len(DOCUMENTS) > 30
    assert {"ReleaseNotice", "HoldAnswer"} <= {kind.DESCRIPTOR.name for kind in DOCUMENTS}


@each_type
def test_some_of_a_document_comes_back(kind: type[Message]) -> None:
    try_many(kind, SMALL)


@pytest.mark.large
@pytest.mark.timeout(600)
@each_type
def test_much_of_a_document_comes_back(kind: type[Message]) -> None:
    try_many(kind, LARGE)


@pytest.mark.parametrize("kind", DOCUMENTS, ids=lambda kind: kind.DESCRIPTOR.name)
def test_all_of_a_document_comes_back(kind: type[Message]) -> None:
    full = fill_all(kind())

    found = {LABEL.sub("", path).removeprefix("document.") for path in flatten(full, prefix="document")}

    assert found == set(list_leaf_fields(kind)), "the full document leaves a field out"
    require_round_trips(full)
    for seed in range(4):
        require_part_round_trips(full, int.from_bytes(Dice(seed)(512)))
