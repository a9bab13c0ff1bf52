"""What the rules on adults at risk turn on, and what they never look at."""

from dataclasses import replace

import pytest

from gateway.adapters.files import read_rulebook, rulebook_texts
from gateway.core.decide import decide
from gateway.core.model import Outcome
from gateway.core.rulebook import load_rulebook
from tests.support.core_world import vector

REFUSALS = ("document.agrees", "document.concern.agrees", "document.view", "discussed_with_adult")
"""What the adult says to being reported: recorded, sent on, no reason to stop (adult:S-12, S-14)."""


def test_no_rule_reads_whether_the_adult_agrees() -> None:
    about = {"AdultConcern", "CrimeConcernCopy"}
    rules = [each.rule for each in read_rulebook().rules]
    reading = [
        rule.when or "" for rule in rules if not rule.applies.documents or about & {*rule.applies.documents}
    ]
    assert len(reading) > 10
    assert [when for when in reading if any(leaf in when for leaf in REFUSALS)] == []


@pytest.mark.parametrize(
    ("name", "settled", "switched", "before", "after"),
    [
        ("adult-S-03", "ASSESS_FIRST", "CLOSE_AT_CONCERN", Outcome.HELD, Outcome.RELEASED),
        ("adult-S-06", "OTHER_BASIS", "SAME_BASIS", Outcome.REFUSED, Outcome.RELEASED),
        ("adult-W-01-icb", "TWO_CASES", "ALWAYS", Outcome.REFUSED, Outcome.RELEASED),
    ],
)
def test_a_contradiction_can_be_settled_the_other_way(
    name: str, settled: str, switched: str, before: Outcome, after: Outcome
) -> None:
    texts = rulebook_texts()
    text = texts["contradictions-adult.yaml"].replace(f"choice: {settled}", f"choice: {switched}")
    book = load_rulebook(texts | {"contradictions-adult.yaml": text})
    read = vector(name)
    (first,) = decide(read.case, read.world)
    (second,) = decide(read.case, replace(read.world, rulebook=book))
    assert (first.outcome, second.outcome) == (before, after)
