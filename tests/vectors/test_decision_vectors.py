"""Every case under tests/vectors/decision is decided as it expects (`ppg evaluate`)."""

from pathlib import Path

import pytest

from gateway.adapters.files import read_agreements, read_directory, read_rulebook
from gateway.core.cases import read_case
from gateway.core.comparing import compare
from gateway.core.decide import decide
from gateway.core.directory import index_directory
from gateway.core.world import World
from services.kit.bank_holidays import england_and_wales

ROOT = Path(__file__).resolve().parents[2]
CASES = sorted((Path(__file__).parent / "decision").glob("**/*.yaml"))


@pytest.fixture(scope="module")
def world() -> World:
    directory = read_directory(ROOT / "deploy" / "directory" / "organisations.yaml")
    return World(index_directory(directory), read_agreements(ROOT / "deploy" / "agreements"), read_rulebook())


def test_there_are_cases() -> None:
    assert len(CASES) >= 50


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_case_is_decided_as_it_expects(path: Path, world: World) -> None:
    read = read_case(path.name, path.read_text(encoding="utf-8"), world)
    assert read.expect, "a vector expects something"
    assert compare(read, decide(read.case, read.world), england_and_wales()) == []


def test_no_two_cases_have_one_name(world: World) -> None:
    names = [read_case(path.name, path.read_text(encoding="utf-8"), world).name for path in CASES]
    assert len(names) == len(set(names))
