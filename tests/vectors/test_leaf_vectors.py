from pathlib import Path
from typing import Any

import pytest
import yaml
from google.protobuf import json_format

from services.kit.evidence.errors import LeafError
from services.kit.evidence.leaves import flatten, unflatten
from tests.support.specimen import Specimen

FOLDER = Path(__file__).parent / "leaf"


def _vectors(name: str) -> list[Any]:
    vectors = yaml.safe_load((FOLDER / f"{name}.yaml").read_text("utf-8"))
    return [pytest.param(vector, id=vector["name"]) for vector in vectors]


def _typed(leaves: dict[str, Any]) -> dict[str, tuple[type, Any]]:
    return {path: (type(value), value) for path, value in leaves.items()}


@pytest.mark.parametrize("vector", _vectors("accepted"))
def test_a_message_has_these_leaves_and_they_make_it_again(vector: dict[str, Any]) -> None:
    message = json_format.ParseDict(vector["message"], Specimen())

    leaves = flatten(message, prefix="document", entropy=bytes)

    assert _typed(leaves) == _typed(vector["leaves"])
    built = unflatten(vector["leaves"], Specimen, prefix="document")
    assert built.SerializeToString(deterministic=True) == message.SerializeToString(deterministic=True)


@pytest.mark.parametrize("vector", _vectors("partial"))
def test_leaves_that_are_left_make_this_message(vector: dict[str, Any]) -> None:
    built = unflatten(vector["leaves"], Specimen, prefix="document")

    assert built == json_format.ParseDict(vector["message"], Specimen())


@pytest.mark.parametrize("vector", _vectors("refused"))
def test_leaves_that_are_refused(vector: dict[str, Any]) -> None:
    with pytest.raises(LeafError) as caught:
        unflatten(vector["leaves"], Specimen, prefix="document")

    assert caught.value.reason == vector["reason"]
