"""The clocks that a decision starts.

A hold that nobody answers is escalated, and what went without an agreement is reviewed (child:L-29). Time
limits between exchanges are no part of a decision.
"""

from collections.abc import Iterator
from typing import NamedTuple

from gateway.core.model import Flag, Ruling
from gateway.core.rulebook import Rulebook


class Clock(NamedTuple):
    """A clock that starts with a decision.

    Attributes:
        id: the prerequisite whose hold is escalated, or the flag that is reviewed.
        working_days: of England and Wales, counted from the decision; 0 is the same day.
        paragraph: what asks for it.
        title: what it waits for.
    """

    id: str
    working_days: int
    paragraph: str
    title: str


def all_clocks(rulebook: Rulebook) -> tuple[Clock, ...]:
    """Every clock that a decision under a rulebook can start."""
    gate = rulebook.gates.minimum_only
    review = Clock(Flag.NO_AGREEMENT, gate.review_in_working_days, gate.paragraph, gate.reason)
    holds = (
        Clock(each.id, each.escalates_after_working_days, each.paragraph, each.title)
        for each in rulebook.prerequisites.values()
    )
    return (review, *_flagged(rulebook), *holds)


def started_clocks(ruling: Ruling, rulebook: Rulebook) -> tuple[Clock, ...]:
    """The clocks that one decision starts, by id."""
    ids = set(_started(ruling))
    return tuple(sorted(each for each in all_clocks(rulebook) if each.id in ids))


def _started(ruling: Ruling) -> Iterator[str]:
    yield from (each.prerequisite for each in ruling.held)
    yield from (flag for flag in (Flag.NO_AGREEMENT, Flag.URGENT) if flag in ruling.flags)


def _flagged(rulebook: Rulebook) -> Iterator[Clock]:
    """What could not wait is reviewed: as soon as the first of the rules that say so asks."""
    flags = [(each.rule.flag, each.rule) for each in rulebook.rules if each.rule.flag is not None]
    if flags:
        flag, rule = min(flags, key=lambda pair: pair[0].review_in_working_days)
        yield Clock(flag.name, flag.review_in_working_days, rule.paragraph, rule.reason)
