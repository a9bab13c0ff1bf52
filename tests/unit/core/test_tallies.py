"""What the first decision for a recipient counts as, where no agreement covers it."""

import pytest
from publicprotection.exchange.v1 import decision_pb2 as pb2

from gateway.core.tallies import Figure, count_again, count_first

HELD = pb2.Decision(outcome=pb2.DECISION_OUTCOME_HELD, held=[pb2.Held(prerequisite="AGREEMENT")])
ANOTHER = pb2.Decision(outcome=pb2.DECISION_OUTCOME_HELD, held=[pb2.Held(prerequisite="OWNER_AGREES")])
WITHOUT = pb2.Decision(
    outcome=pb2.DECISION_OUTCOME_RELEASED, flags=[pb2.DECISION_FLAG_NO_AGREEMENT], delivery_id="d-1"
)
WITH = pb2.Decision(
    outcome=pb2.DECISION_OUTCOME_RELEASED, flags=[pb2.DECISION_FLAG_URGENT], delivery_id="d-1"
)


@pytest.mark.parametrize(
    ("decision", "uncovered"), [(HELD, 1), (WITHOUT, 1), (ANOTHER, 0), (WITH, 0)], ids=range(4)
)
def test_what_waits_for_an_agreement_or_goes_without_one_counts_once(
    decision: pb2.Decision, uncovered: int
) -> None:
    """MAPPA 9.12."""
    assert list(count_first(decision)).count((Figure.UNCOVERED, "")) == uncovered


def test_what_is_decided_again_is_not_counted_as_uncovered_again() -> None:
    assert (Figure.UNCOVERED, "") not in set(count_again(WITHOUT))
