"""Puts a ruling together from what the steps found."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from gateway.core.agreement import Cover
from gateway.core.flow import Flow, Stop, Submission, gate_fired
from gateway.core.header_leaves import released_header
from gateway.core.model import (
    Derived,
    Desk,
    Effect,
    FiredRule,
    Flag,
    HeldItem,
    Outcome,
    Ruling,
    WithheldItem,
)
from gateway.core.needs import PROTECTIVE_PREREQUISITE
from gateway.core.prerequisites import held_exchange, held_items
from gateway.core.treatment import Treatment

_GOING: Final = frozenset({Effect.RELEASE, Effect.MASK, Effect.GENERALISE})


@dataclass(frozen=True)
class Parts:
    """The leaves of the document as the steps left them, and the values derived."""

    treatments: tuple[Treatment, ...]
    derived: tuple[Derived, ...]

    @cached_property
    def going(self) -> tuple[Treatment, ...]:
        """Those that go, whole or in a derived form."""
        return tuple([each for each in self.treatments if each.effect in _GOING])

    @cached_property
    def waiting(self) -> tuple[Treatment, ...]:
        """Those that wait."""
        return tuple(each for each in self._staying if each.effect is Effect.HOLD)

    @property
    def withheld(self) -> tuple[WithheldItem, ...]:
        """Those that stay, as they are reported."""
        return tuple(_withheld(each) for each in self._staying if each.effect is Effect.WITHHOLD)

    @cached_property
    def by_floor(self) -> bool:
        """Whether something goes only because the minimum set may."""
        return any(each.by_floor for each in self.going)

    @cached_property
    def _staying(self) -> list[Treatment]:
        return [each for each in self.treatments if each.effect not in _GOING]


def refused(
    submission: Submission, desk: Desk, stop: Stop, others: Iterable[Stop], parts: Parts | None = None
) -> Ruling:
    """Nothing goes. The first reason by step is the reason; all are listed."""
    rules = [stop.fired, *(each.fired for each in others), *(_fired(parts) if parts else ())]
    return Ruling(
        recipient=desk,
        outcome=Outcome.REFUSED,
        released=frozenset(),
        derived=(),
        withheld=parts.withheld if parts else (),
        held=(),
        rules=_unique(rules),
        flags=_ignored(submission),
        instead=stop.instead,
        agreement=None,
        rulebook=submission.world.rulebook.version,
        reason=stop.fired,
    )


@dataclass(frozen=True, slots=True)
class Found:
    """What the steps found for one recipient."""

    flow: Flow
    desk: Desk
    cover: Cover
    stops: tuple[Stop, ...]
    parts: Parts


def held(found: Found) -> Ruling:
    """Nothing goes yet: the whole waits, or all that could go does, item by item."""
    whole = tuple(held_exchange(found.flow, found.stops, found.parts.going))
    waits = (*whole, *held_items(found.flow, found.parts.waiting))
    return _ruling(found, Outcome.HELD, waits, waits[0].rule)


def released(found: Found) -> Ruling:
    """What goes, with the leaves of the header that go with it."""
    return _ruling(found, Outcome.RELEASED, tuple(held_items(found.flow, found.parts.waiting)), None)


def _ruling(found: Found, outcome: Outcome, waits: tuple[HeldItem, ...], reason: FiredRule | None) -> Ruling:
    goes = outcome is Outcome.RELEASED
    paths = frozenset([each.leaf.path for each in found.parts.going]) if goes else frozenset()
    return Ruling(
        recipient=found.desk,
        outcome=outcome,
        released=paths.union(released_header(found.flow, paths)) if goes else paths,
        derived=found.parts.derived if goes else (),
        withheld=found.parts.withheld,
        held=waits,
        rules=_unique(_all_fired(found)),
        flags=_flags(found, waits, goes=goes),
        instead=None,
        agreement=found.cover.agreed.used,
        rulebook=found.flow.world.rulebook.version,
        reason=reason,
    )


def _all_fired(found: Found) -> Iterator[FiredRule]:
    yield from (stop.fired for stop in found.stops)
    yield from found.cover.agreed.fired
    if not found.stops and found.parts.by_floor:
        yield gate_fired(found.flow.gates.minimum_only, Effect.RELEASE)
    if not found.stops:
        yield from _limits(found)
    yield from _fired(found.parts)


def _limits(found: Found) -> Iterator[FiredRule]:
    """Conditions of use that go with what is released, and why it is reviewed."""
    limiting = [each for each in found.flow.firing if each.rule.limit]
    going = {each.leaf.kind.category for each in found.parts.going} if limiting else set()
    yield from (each.fired for each in limiting if not going.isdisjoint(each.rule.limit))
    yield from (each.fired for each in found.flow.firing if each.rule.flag is not None)


def _flags(found: Found, waits: tuple[HeldItem, ...], *, goes: bool) -> tuple[Flag, ...]:
    flags = set(_ignored(found.flow.submission))
    if goes and found.parts.by_floor:
        flags.add(Flag.NO_AGREEMENT)
    if goes and any(each.rule.flag is not None for each in found.flow.firing):
        flags.add(Flag.URGENT)
    if found.cover.agreed.expired:
        flags.add(Flag.AGREEMENT_EXPIRED)
    if any(each.prerequisite == PROTECTIVE_PREREQUISITE for each in waits):
        flags.add(Flag.PROTECTIVE_HELD)
    return tuple(sorted(flags))


def _ignored(submission: Submission) -> tuple[Flag, ...]:
    return (Flag.FACT_IGNORED,) if submission.book.ignored else ()


def _fired(parts: Parts) -> Iterator[FiredRule]:
    yield from [each.rule for each in parts.treatments if each.rule is not None]


def _unique(rules: Iterable[FiredRule]) -> tuple[FiredRule, ...]:
    return tuple(sorted(set(rules), key=lambda each: (each.rule, each.effect)))


def _withheld(treatment: Treatment) -> WithheldItem:
    if treatment.rule is None:
        raise AssertionError("what is withheld has a rule")
    tell = treatment.telling
    return WithheldItem(
        treatment.leaf.path, treatment.leaf.kind.category, treatment.rule, tell.sender, tell.recipient
    )
