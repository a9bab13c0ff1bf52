"""What is counted of exchanges, and under what: pure, from what the register says of a decision.

Counted is what whoever sees the register can read there. A part of which a sender may not learn that it
stayed back is therefore not counted as withheld.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import IntFlag, StrEnum
from typing import Final

from publicprotection.exchange.v1 import decision_pb2

from gateway.core.agreement import AGREEMENT_PREREQUISITE
from gateway.core.model import Effect

# Checks by which a part stays back, or waits, because nothing lets it go: no clause, agreement or kind.
BY_DEFAULT: Final = frozenset(
    {"MAPPA-9.11", "MAPPA-9.10-agreement", "MAPPA-9.10-basis", "MAPPA-9.12", "GATEWAY-UNCLASSIFIED"}
)
_COARSER: Final = frozenset({Effect.GENERALISE.value, Effect.MASK.value})


class Figure(StrEnum):
    """What is counted; oversight.v1.Figure says what each is."""

    EXCHANGE = "EXCHANGE"
    RELEASED_IN_FULL = "RELEASED_IN_FULL"
    RELEASED_IN_PART = "RELEASED_IN_PART"
    HELD = "HELD"
    REFUSED = "REFUSED"
    RELEASED_LATER = "RELEASED_LATER"
    REFUSED_LATER = "REFUSED_LATER"
    WITHHELD_BY_DEFAULT = "WITHHELD_BY_DEFAULT"
    WITHHELD_BY_RULE = "WITHHELD_BY_RULE"
    REFUSED_BY_RULE = "REFUSED_BY_RULE"
    HOLD_OPENED = "HOLD_OPENED"
    HOLD_GRANTED = "HOLD_GRANTED"
    HOLD_DECLINED = "HOLD_DECLINED"
    HOLD_EXPIRED = "HOLD_EXPIRED"
    HOLD_LIFTED = "HOLD_LIFTED"
    CLOCK_OVERDUE = "CLOCK_OVERDUE"
    RECALLED = "RECALLED"
    DELIVERED = "DELIVERED"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    NOT_TAKEN = "NOT_TAKEN"
    UNCOVERED = "UNCOVERED"


class KeptFrom(IntFlag):
    """From whom it is kept that there is something."""

    NOBODY = 0
    SENDER = 1
    OWING = 2
    """Whoever owes what is waited for."""

    UNCLEARED = 4
    """Whoever is not cleared for restricted desks: the recipient's is one."""


@dataclass(frozen=True, slots=True)
class Tally:
    """One thing that is counted, and under what. Empty and 0: it has none.

    Attributes:
        day: on which it is counted, in London.
        owing: the organisation that is to answer a hold or keep a time limit.
        purpose: number of exchange.v1.Purpose.
        code: rule, prerequisite of a hold, or time limit.
        kept_from: flags of `KeptFrom`.
    """

    day: date
    figure: Figure
    sender: str
    recipient: str = ""
    owing: str = ""
    document_type: str = ""
    purpose: int = 0
    code: str = ""
    kept_from: int = 0


Counted = tuple[Figure, str]
"""A figure, and the rule it is counted under; empty where it is counted as such."""


def count_first(decision: decision_pb2.Decision) -> Iterator[Counted]:
    """What the first decision for a recipient counts as."""
    yield _outcome(decision), ""
    rules = {each.rule.rule for each in decision.withheld if each.rule.rule}
    waits = {each.rule.rule for each in decision.held if each.rule.rule}
    if not BY_DEFAULT.isdisjoint(rules | waits | {decision.reason.rule}):
        yield Figure.WITHHELD_BY_DEFAULT, ""
    if _lacks_agreement(decision):
        yield Figure.UNCOVERED, ""
    yield from ((Figure.WITHHELD_BY_RULE, rule) for rule in sorted(rules))
    yield from _refused(decision)
    yield from _delivered(decision)


def count_again(decision: decision_pb2.Decision) -> Iterator[Counted]:
    """What a later decision for a recipient counts as."""
    if decision.outcome == decision_pb2.DECISION_OUTCOME_REFUSED:
        yield Figure.REFUSED_LATER, ""
    elif decision.delivery_id:
        yield Figure.RELEASED_LATER, ""
    yield from _refused(decision)
    yield from _delivered(decision)


def _outcome(decision: decision_pb2.Decision) -> Figure:
    if decision.outcome == decision_pb2.DECISION_OUTCOME_HELD:
        return Figure.HELD
    if decision.outcome != decision_pb2.DECISION_OUTCOME_RELEASED:
        return Figure.REFUSED
    coarser = any(each.effect in _COARSER for each in decision.rules)
    less = coarser or bool(decision.withheld) or bool(decision.held)
    return Figure.RELEASED_IN_PART if less else Figure.RELEASED_IN_FULL


def _lacks_agreement(decision: decision_pb2.Decision) -> bool:
    waits = any(each.prerequisite == AGREEMENT_PREREQUISITE for each in decision.held)
    return waits or decision_pb2.DECISION_FLAG_NO_AGREEMENT in decision.flags


def _refused(decision: decision_pb2.Decision) -> Iterator[Counted]:
    if decision.outcome == decision_pb2.DECISION_OUTCOME_REFUSED and decision.reason.rule:
        yield Figure.REFUSED_BY_RULE, decision.reason.rule


def _delivered(decision: decision_pb2.Decision) -> Iterator[Counted]:
    if decision.delivery_id:
        yield Figure.DELIVERED, ""
