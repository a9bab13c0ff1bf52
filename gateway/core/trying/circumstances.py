"""On what the rules for a flow depend: facts, and conditions that only values would show."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from gateway.core.conditions import Truth, activate, readings
from gateway.core.model import Case, FiredRule
from gateway.core.rulebook import CompiledRule

_STATED: Final = frozenset(
    {"purpose", "sender", "recipients", "urgency", "marking", "release_kind", "lawful_bases", "conditions"}
)
"""What of the header a try says itself."""
_PROVENANCE: Final = "provenance"


@dataclass(frozen=True, slots=True)
class Circumstance:
    """A condition that only values would show, and the rules that depend on it, by id."""

    text: str
    rules: tuple[FiredRule, ...]

    @property
    def id(self) -> str:
        """The id of the first rule."""
        return self.rules[0].rule


@dataclass(frozen=True, slots=True)
class Conditions:
    """The conditions of the rules for a flow: what is known of each by its text, and what is not."""

    known: Mapping[str, Truth]
    open: tuple[Circumstance, ...]


def read_conditions(rules: Iterable[CompiledRule], case: Case, *, with_source: bool) -> Conditions:
    """Evaluates what the case says itself; all else is open.

    Args:
        rules: for the flow.
        case: as imagined, to its first recipient.
        with_source: the case says where the information is from.
    """
    by_text: dict[str, list[CompiledRule]] = {}
    for each in rules:
        if each.condition is not None:
            by_text.setdefault(each.condition.text, []).append(each)
    header = case.header
    activation = activate(header, case.document, case.at.date(), header.recipients[0])
    known = {
        text: some[0].condition.evaluate(case.document_type, activation)
        for text, some in by_text.items()
        if some[0].condition is not None and _is_stated(text, with_source=with_source)
    }
    return Conditions(known, tuple(_open(by_text, known)))


def _open(by_text: Mapping[str, list[CompiledRule]], known: Mapping[str, Truth]) -> Iterator[Circumstance]:
    for text, some in by_text.items():
        if text not in known:
            yield Circumstance(text, tuple(sorted((each.fired for each in some), key=lambda one: one.rule)))


def _is_stated(text: str, *, with_source: bool) -> bool:
    stated = _STATED | {_PROVENANCE} if with_source else _STATED
    paths = (each.path for each in readings(text))
    return all(path[0] == "recipient" or (path[0] == "header" and path[1] in stated) for path in paths)
