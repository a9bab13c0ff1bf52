"""The world of the demonstration, and cases to decide in it, for tests of the decision."""

from functools import cache
from pathlib import Path

from gateway.adapters.files import read_agreements, read_directory, read_rulebook
from gateway.core.cases import ReadCase, read_case
from gateway.core.directory import index_directory
from gateway.core.world import World

ROOT = Path(__file__).resolve().parents[2]
VECTORS = ROOT / "tests" / "vectors" / "decision"


@cache
def demo_world() -> World:
    directory = read_directory(ROOT / "deploy" / "directory" / "organisations.yaml")
    return World(index_directory(directory), read_agreements(ROOT / "deploy" / "agreements"), read_rulebook())


@cache
def vector(name: str) -> ReadCase:
    return read_case(name, (VECTORS / f"{name}.yaml").read_text(encoding="utf-8"), demo_world())
