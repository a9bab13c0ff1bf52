"""What changes between two versions of an agreement, clause by clause and heading by heading, in plain words.

A clause is narrowed where less may go by it than before, widened where more may; where some of it is less and
some more, both are said, apart from each other.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from publicprotection.common.v1 import organisation_pb2

from gateway.core.agreements import Agreement, Clause, End


class Change(StrEnum):
    """What became of a part."""

    ADDED = "ADDED"
    REMOVED = "REMOVED"
    NARROWED = "NARROWED"
    WIDENED = "WIDENED"
    REWORDED = "REWORDED"
    """Says something else to people; decisions read nothing of it."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference.

    Attributes:
        part: `clause A1`, or a heading of the file.
        change: what became of it.
        words: the same in plain words.
    """

    part: str
    change: Change
    words: str


_ANY: Final = "any"
_TEXTS: Final = (
    "title",
    "quality",
    "security",
    "retention",
    "onward_sharing",
    "requests",
    "breach_contact",
    "policy_documents",
    "owner",
    "review",
)


def compare_agreements(old: Agreement, new: Agreement) -> tuple[Difference, ...]:
    """Every difference between two versions: headings first, then clauses in the order of their ids."""
    return (*_headings(old, new), *_clauses(old, new))


def _headings(old: Agreement, new: Agreement) -> Iterator[Difference]:
    yield from _sets("parties", "takes part", _parties(old), _parties(new))
    yield from _sets("purposes", "is a purpose", old.purposes, new.purposes)
    yield from _sets("lawful_bases", "is agreed", _grounds(old), _grounds(new))
    yield from _ceiling(old, new)
    yield from _dates(old, new)
    for name in _TEXTS:
        before, after = _said(getattr(old, name)), _said(getattr(new, name))
        if before != after:
            yield Difference(name, Change.REWORDED, f"{before!r} becomes {after!r}")


def _parties(agreement: Agreement) -> list[str]:
    return [f"{each.organisation} as {each.status}" for each in agreement.parties]


def _grounds(agreement: Agreement) -> list[str]:
    return [f"{basis} under {each.regime}" for each in agreement.lawful_bases for basis in each.bases]


def _ceiling(old: Agreement, new: Agreement) -> Iterator[Difference]:
    before, after = (organisation_pb2.Marking.Value("MARKING_" + each.marking_ceiling) for each in (old, new))
    if before != after:
        change = Change.WIDENED if after > before else Change.NARROWED
        words = f"what is marked up to {new.marking_ceiling} may go, formerly up to {old.marking_ceiling}"
        yield Difference("marking_ceiling", change, words)


def _dates(old: Agreement, new: Agreement) -> Iterator[Difference]:
    if old.starts != new.starts:
        change = Change.WIDENED if new.starts < old.starts else Change.NARROWED
        yield Difference("starts", change, f"begins on {new.starts}, formerly on {old.starts}")
    if old.expiry != new.expiry:
        change = Change.WIDENED if new.expiry > old.expiry else Change.NARROWED
        yield Difference("expiry", change, f"ends after {new.expiry}, formerly after {old.expiry}")


def _clauses(old: Agreement, new: Agreement) -> Iterator[Difference]:
    before, after = ({clause.id: clause for clause in each.clauses} for each in (old, new))
    for name in sorted({*before, *after}):
        part = f"clause {name}"
        if name not in before:
            yield Difference(part, Change.ADDED, describe_clause(after[name]))
        elif name not in after:
            yield Difference(part, Change.REMOVED, describe_clause(before[name]))
        else:
            yield from _clause(part, before[name], after[name])


def describe_clause(clause: Clause) -> str:
    """A clause in one sentence."""
    return (
        f"{_listed(clause.documents)} from {_end(clause.from_)} to {_end(clause.to)}, "
        f"for {_listed(clause.purposes)}: {_listed(clause.categories)}"
    )


def _clause(part: str, old: Clause, new: Clause) -> Iterator[Difference]:
    yield from _sets(part, "may go", old.documents, new.documents)
    yield from _sets(part, "is covered", old.purposes, new.purposes)
    yield from _sets(part, "may go", old.categories, new.categories)
    yield from _limits(part, "basis", old.bases, new.bases)
    for side, ends in (("sender", (old.from_, new.from_)), ("recipient", (old.to, new.to))):
        yield from _limits(part, side, _reached(ends[0]), _reached(ends[1]))
        yield from _limits(part, f"{side}'s desk", ends[0].desks, ends[1].desks)
    yield from _forms(part, old, new)
    if old.paragraph != new.paragraph:
        yield Difference(part, Change.REWORDED, f"{old.paragraph!r} becomes {new.paragraph!r}")


def _forms(part: str, old: Clause, new: Clause) -> Iterator[Difference]:
    for name in sorted(set(old.categories) & set(new.categories)):
        before, after = old.generalise.get(name), new.generalise.get(name)
        if before == after:
            continue
        if before is not None:
            words = f"{name} goes whole" if after is None else f"{name} goes by {after}"
            yield Difference(part, Change.WIDENED, f"{words}, formerly only by {before}")
        if after is not None:
            words = f"{name} goes only by {after}, formerly {'whole' if before is None else f'by {before}'}"
            yield Difference(part, Change.NARROWED, words)


def _sets(part: str, does: str, old: Iterable[str], new: Iterable[str]) -> Iterator[Difference]:
    before, after = set(old), set(new)
    if gone := before - after:
        yield Difference(part, Change.NARROWED, f"{_listed(gone)} no longer {does}")
    if came := after - before:
        yield Difference(part, Change.WIDENED, f"{_listed(came)} now {does}")


def _limits(part: str, side: str, old: Iterable[str], new: Iterable[str]) -> Iterator[Difference]:
    """As `_sets`, where an empty list is no limit at all."""
    before, after = set(old), set(new)
    words = f"{side}: {_listed(after) or _ANY}, formerly {_listed(before) or _ANY}"
    if before != after and after and (not before or before - after):
        yield Difference(part, Change.NARROWED, words)
    if before != after and before and (not after or after - before):
        yield Difference(part, Change.WIDENED, words)


def _reached(end: End) -> list[str]:
    return [*(f"kind {each}" for each in end.kinds), *end.organisations]


def _end(end: End) -> str:
    who = _listed(_reached(end)) or "any party"
    return f"{who} ({_listed(end.desks)})" if end.desks else who


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _said(value: Any) -> str:
    if isinstance(value, tuple):
        return "; ".join(_said(each) for each in value)
    if hasattr(value, "model_dump"):
        return ", ".join(f"{key} {each}" for key, each in value.model_dump(mode="json").items())
    return str(value)
