"""Under what an exchange is listed in the register: one narrow row for each term.

A term is a number of 64 bits for whose listing it is, a facet and a value: "what kent-police sent", "what was
decided for kent-police under MAPPA-21.28". Whoever filters reads only listings that tell no more than the
page does: the sender's, and those of who sees it whole, are by everything; a recipient's by what left for it
alone. The digest hides nothing: it is of codes and ids of organisations.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from publicprotection.exchange.v1 import decision_pb2

from gateway.app.register.rows import Facet, Result, Side
from services.kit.evidence.canonical import canonical

_OCTETS: Final = 8


@dataclass(frozen=True, slots=True)
class Part:
    """What was decided for one organisation, all of its desks.

    Attributes:
        results: of each desk, as it stands.
        rules: ids of rules and clauses that bore on any decision.
        got: whether anything left for it that was not stopped.
        got_victim: whether what left says anything about a victim.
        unacknowledged: whether anything that left waits for a person there.
    """

    organisation: str
    results: frozenset[Result] = frozenset()
    rules: frozenset[str] = frozenset()
    got: bool = False
    got_victim: bool = False
    unacknowledged: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """All of an exchange that it is listed by.

    Attributes:
        purpose, urgency, marking: numbers of the contract's enumerations.
        victim: whether the document says anything about a victim.
    """

    sender: str
    document_type: str
    purpose: int
    urgency: int
    marking: int
    victim: bool
    parts: tuple[Part, ...]
    is_recalled: bool = False


@lru_cache(maxsize=1 << 16)
def term(side: Side, organisation: str, facet: Facet, value: str = "") -> int:
    """The number of one listing: signed, of 64 bits."""
    octets = canonical([side.value, organisation, facet.value, value])
    return int.from_bytes(hashlib.sha256(octets).digest()[:_OCTETS], "big", signed=True)


def terms_of(listed: Listed) -> set[int]:
    """Every term under which an exchange stands now."""
    found = _all_of(_whole_sides(listed), _whole(listed))
    for part in listed.parts:
        if part.got:
            found |= _all_of([(Side.RECEIVED, part.organisation)], _told(listed, part))
    return found


def passing_terms(listed: Listed) -> set[int]:
    """Every term under which it may have stood before and does not now: whatever can come and go."""
    passing = [*((Facet.RESULT, each.value) for each in Result), (Facet.UNACKNOWLEDGED, "")]
    found = _all_of(_whole_sides(listed), passing)
    for part in listed.parts:
        told = [*_told(listed, part), (Facet.VICTIM, ""), *passing]
        found |= _all_of([(Side.RECEIVED, part.organisation)], told)
    return found - terms_of(listed)


def result_of(decision: decision_pb2.Decision) -> Result:
    """How a decision stands for its recipient."""
    if decision.outcome == decision_pb2.DECISION_OUTCOME_HELD:
        return Result.HELD
    if decision.outcome != decision_pb2.DECISION_OUTCOME_RELEASED:
        return Result.REFUSED
    return Result.RELEASED_IN_PART if decision.withheld or decision.held else Result.RELEASED


def withheld_in(decision: decision_pb2.Decision) -> tuple[str, ...]:
    """Categories of which something was not released, sorted."""
    return tuple(sorted({each.category for each in decision.withheld}))


def held_in(decision: decision_pb2.Decision) -> tuple[str, ...]:
    """Categories of which something waits, sorted."""
    return tuple(sorted({category for each in decision.held for category in each.categories}))


def rules_of(decision: decision_pb2.Decision) -> frozenset[str]:
    """Ids of the rules and clauses that the decision names; of no others, so that no filter tells more."""
    references = [*decision.rules, decision.reason]
    references += [each.rule for each in decision.withheld]
    references += [each.rule for each in decision.held]
    named = {each.rule for each in references}
    if decision.HasField("agreement"):
        named |= {decision.agreement.agreement, decision.agreement.clause}
    return frozenset(named - {""})


def _all_of(sides: Iterable[tuple[Side, str]], facets: Iterable[tuple[Facet, str]]) -> set[int]:
    by = list(facets)
    return {term(side, owner, facet, value) for side, owner in sides for facet, value in by}


def _whole_sides(listed: Listed) -> Iterator[tuple[Side, str]]:
    yield Side.EVERYBODY, ""
    yield Side.SENT, listed.sender
    for organisation in sorted({part.organisation for part in listed.parts}):
        yield Side.DECIDED_FOR, organisation


def _whole(listed: Listed) -> Iterator[tuple[Facet, str]]:
    """What it is listed by for who sees it whole."""
    yield from _plain(listed)
    for part in listed.parts:
        yield Facet.RECIPIENT, part.organisation
        yield from ((Facet.RULE, rule) for rule in part.rules)
    yield from ((Facet.RESULT, result.value) for result in _results(listed))
    if listed.victim:
        yield Facet.VICTIM, ""
    if any(part.unacknowledged for part in listed.parts):
        yield Facet.UNACKNOWLEDGED, ""


def _told(listed: Listed, part: Part) -> Iterator[tuple[Facet, str]]:
    """What it is listed by for a recipient: the outcome is nothing that it was told, a recall is."""
    yield from _plain(listed)
    yield Facet.RECIPIENT, part.organisation
    if listed.is_recalled:
        yield Facet.RESULT, Result.RECALLED.value
    if part.got_victim:
        yield Facet.VICTIM, ""
    if part.unacknowledged:
        yield Facet.UNACKNOWLEDGED, ""


def _plain(listed: Listed) -> Iterator[tuple[Facet, str]]:
    yield Facet.ALL, ""
    yield Facet.DOCUMENT, listed.document_type
    yield Facet.PURPOSE, str(listed.purpose)
    yield Facet.URGENCY, str(listed.urgency)
    yield Facet.MARKING, str(listed.marking)
    yield Facet.SENDER, listed.sender


def _results(listed: Listed) -> Iterable[Result]:
    """Of all recipients; what was recalled waits for nothing any more."""
    found = {result for part in listed.parts for result in part.results}
    return (found - {Result.HELD}) | {Result.RECALLED} if listed.is_recalled else found
