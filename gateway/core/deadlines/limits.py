"""The time limits of a rulebook, compiled and found by what starts and stops them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

from gateway.core.conditions import Condition, ConditionError, Truth, compile_condition
from gateway.core.deadlines.form import ClocksFile, Event, Stop, TimeLimit
from gateway.core.errors import RulebookError
from gateway.core.yaml_source import Source


@dataclass(frozen=True, slots=True)
class CompiledStop:
    """What ends a limit, with the condition on the document that does; None where it needs none."""

    stop: Stop
    condition: Condition | None

    def is_met_by(self, document_type: str, activation: Any) -> bool:
        """Whether a released document ends it. A condition that fails ends nothing: the clock goes on."""
        return self.stop.document == document_type and _holds(self.condition, document_type, activation)


@dataclass(frozen=True, slots=True)
class CompiledLimit:
    """A limit with its conditions; None where it needs none."""

    limit: TimeLimit
    condition: Condition | None
    stops: tuple[CompiledStop, ...]

    @property
    def id(self) -> str:
        """Its id."""
        return self.limit.id

    def applies(self, document_type: str, activation: Any) -> bool:
        """Whether it concerns a document. A condition that fails starts it: nothing is missed by a fault."""
        condition = self.condition
        return condition is None or condition.evaluate(document_type, activation) is not Truth.FALSE


@dataclass(frozen=True)
class Limits:
    """All limits in force, by id."""

    by_id: Mapping[str, CompiledLimit]

    @cached_property
    def _by_document(self) -> Mapping[str, tuple[CompiledLimit, ...]]:
        found: dict[str, tuple[CompiledLimit, ...]] = {}
        for each in self.by_id.values():
            for name in each.limit.starts.documents:
                found[name] = (*found.get(name, ()), each)
        return found

    @cached_property
    def _flagged(self) -> tuple[CompiledLimit, ...]:
        return tuple(each for each in self.by_id.values() if not each.limit.starts.documents)

    @cached_property
    def _by_stop(self) -> Mapping[str, tuple[CompiledLimit, ...]]:
        found: dict[str, tuple[CompiledLimit, ...]] = {}
        for each in self.by_id.values():
            names = {stop.document for stop in each.limit.stops if stop.document is not None}
            for name in names | set(each.limit.starts.acknowledged_by):
                found[name] = (*found.get(name, ()), each)
        return found

    @cached_property
    def _by_fact(self) -> Mapping[str, tuple[CompiledLimit, ...]]:
        found: dict[str, tuple[CompiledLimit, ...]] = {}
        for each in self.by_id.values():
            for name in {stop.fact for stop in each.limit.stops if stop.fact is not None}:
                found[name] = (*found.get(name, ()), each)
        return found

    def find(self, limit_id: str) -> CompiledLimit | None:
        """A limit; None for one that this rulebook does not have."""
        return self.by_id.get(limit_id)

    def of_document(self, document_type: str) -> tuple[CompiledLimit, ...]:
        """Those that a document may start; those that look at no document come with every one."""
        found = (*self._by_document.get(document_type, ()), *self._flagged)
        return tuple(each for each in found if each.limit.starts.event is not Event.CALLED)

    def touched_by(self, document_type: str) -> tuple[CompiledLimit, ...]:
        """Those of other exchanges that a document may end, or start by acknowledging."""
        return self._by_stop.get(document_type, ())

    def ended_by_fact(self, name: str) -> frozenset[str]:
        """Ids of those that a fact ends."""
        return frozenset(each.id for each in self._by_fact.get(name, ()))


def compile_limits(source: Source, file: ClocksFile, in_force: Iterable[TimeLimit]) -> Limits:
    """Compiles the limits in force.

    Raises:
        RulebookError: a condition cannot be used; names file, line and limit.
    """
    lines = {limit.id: source.line_of(("limits", index)) for index, limit in enumerate(file.limits)}
    compiled = (_compile(limit, source.file, lines[limit.id]) for limit in in_force)
    return Limits(MappingProxyType({each.id: each for each in compiled}))


def _compile(limit: TimeLimit, file: str, line: int) -> CompiledLimit:
    try:
        stops = tuple(
            CompiledStop(stop, _condition(stop.when, (stop.document or "",))) for stop in limit.stops
        )
        return CompiledLimit(limit, _condition(limit.starts.when, limit.starts.documents), stops)
    except ConditionError as fault:
        raise RulebookError(file, line, limit.id, f"when: {fault}") from None


def _condition(text: str | None, documents: tuple[str, ...]) -> Condition | None:
    return None if text is None else compile_condition(text, documents)


def _holds(condition: Condition | None, document_type: str, activation: Any) -> bool:
    return condition is None or condition.evaluate(document_type, activation) is Truth.TRUE
