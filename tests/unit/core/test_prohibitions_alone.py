"""A prohibition holds by itself: with the rule that refuses the same exchange gone, still nothing goes."""

from dataclasses import replace
from pathlib import Path

import pytest

from gateway.adapters.files import read_agreements, read_directory, read_rulebook
from gateway.core.cases import read_case
from gateway.core.decide import decide
from gateway.core.directory import index_directory
from gateway.core.model import Outcome
from gateway.core.world import World

ROOT = Path(__file__).resolve().parents[3]
CASES = ROOT / "tests" / "vectors" / "decision"


@pytest.mark.parametrize(
    ("case", "refusing", "prohibition"),
    [
        ("later-R-DA-4", "MAPPA-27.32", "MAPPA-27.32-never"),
        ("later-S26", "MAPPA-24.37", "MAPPA-24.37-never"),
    ],
)
def test_nothing_goes_though_the_refusal_is_gone(case: str, refusing: str, prohibition: str) -> None:
    rulebook = read_rulebook()
    rules = tuple(each for each in rulebook.rules if each.rule.id != refusing)
    directory = index_directory(read_directory(ROOT / "deploy" / "directory" / "organisations.yaml"))
    world = World(directory, read_agreements(ROOT / "deploy" / "agreements"), replace(rulebook, rules=rules))
    read = read_case(case, (CASES / f"{case}.yaml").read_text(encoding="utf-8"), world)
    ruling = decide(read.case, read.world)[-1]
    assert ruling.outcome is Outcome.REFUSED
    assert prohibition in {each.rule for each in ruling.rules}
