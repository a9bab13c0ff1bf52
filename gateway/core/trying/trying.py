"""Decides what is supposed, as it would be decided: once for certain, and once for each open circumstance.

Rules only ever take away. So the decision in which no open circumstance is so releases the most, that in
which all are so the least, and what both release goes for certain.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from publicprotection.exchange.v1 import header_pb2

from gateway.core.conditions import Truth
from gateway.core.decide import decide_for, prepare
from gateway.core.documents import shareable_documents
from gateway.core.flow import Flow, Submission, find_party
from gateway.core.lawful_basis import covering_bases
from gateway.core.model import Case, Desk, Ruling
from gateway.core.prove_world import synthetic_agreement
from gateway.core.replay import with_truths
from gateway.core.rulebook import CompiledRule, Rulebook
from gateway.core.trying.asking import Asked, ask_facts
from gateway.core.trying.circumstances import Circumstance, Conditions, read_conditions
from gateway.core.trying.imagining import categories_of, imagine, parts_of_document
from gateway.core.trying.supposed import Agreements, Supposed, TryError
from gateway.core.vocabulary import fact_names, kind_name, purpose_name, short_name
from gateway.core.world import World


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a try.

    Attributes:
        supposed: with the bases and conditions that were relied on.
        case: as imagined.
        ruling: were no open circumstance so.
        worst: were all of them so.
        alone: were only this one so, for each.
        facts: that the rules for the flow ask for.
        systems: at which the rules for the flow look.
    """

    supposed: Supposed
    case: Case
    ruling: Ruling
    worst: Ruling
    alone: tuple[tuple[Circumstance, Ruling | None], ...]
    facts: tuple[Asked, ...]
    systems: tuple[str, ...]


def try_exchange(supposed: Supposed, world: World, at: datetime) -> Tried:
    """Decides what is supposed in a world.

    Args:
        supposed: the question.
        world: with the agreements in force, and the desks of which whoever asks may know.
        at: the time of the decision.

    Raises:
        TryError: it names something that there is not.
    """
    _check(supposed)
    world = _agreed(supposed, world)
    supposed = _founded(supposed, world, at)
    case = imagine(supposed, world.directory, at)
    rules = _applying(supposed, world)
    conditions = read_conditions(rules, case, with_source=bool(supposed.system))
    _check_circumstances(supposed, conditions)
    deciding = _Deciding(case, world, rules, supposed, conditions)
    ruling, worst = deciding.decide(()), deciding.decide(conditions.open)
    asked = tuple(ask_facts(supposed, world.rulebook, rules, (ruling, worst)))
    return Tried(supposed, case, ruling, worst, tuple(deciding.alone()), asked, _systems(rules))


@dataclass(frozen=True, slots=True)
class _Deciding:
    case: Case
    world: World
    rules: tuple[CompiledRule, ...]
    supposed: Supposed
    conditions: Conditions

    def decide(self, so: Sequence[Circumstance]) -> Ruling:
        """With these open circumstances so, apart from those that are supposed to be or not to be."""
        truths = dict(self.conditions.known)
        for each in self.conditions.open:
            is_so = self.supposed.circumstances.get(each.id, each in so)
            truths[each.text] = Truth.TRUE if is_so else Truth.FALSE
        book = with_truths(self.world.rulebook, self.rules, truths)
        return decide_for(prepare(self.case, self.world.with_rulebook(book)), self.supposed.recipient)

    def alone(self) -> Iterator[tuple[Circumstance, Ruling | None]]:
        """Each open circumstance, and the ruling were only it so; None where it is supposed."""
        for each in self.conditions.open:
            yield each, None if each.id in self.supposed.circumstances else self.decide((each,))


def _check(supposed: Supposed) -> None:
    if supposed.document not in shareable_documents():
        raise TryError("document_type", "there is no such document that organisations send each other")
    if strange := sorted(set(supposed.facts).difference(fact_names())):
        raise TryError("facts", f"there is no fact {', '.join(strange)}")
    held = parts_of_document(supposed.document).union(categories_of(supposed.document))
    if strange := sorted(supposed.without - held):
        raise TryError("without", f"the document never holds {', '.join(strange)}")


def _check_circumstances(supposed: Supposed, conditions: Conditions) -> None:
    if strange := sorted(set(supposed.circumstances).difference(each.id for each in conditions.open)):
        raise TryError("circumstances", f"{', '.join(strange)}: no rule for this flow depends on that")


def _agreed(supposed: Supposed, world: World) -> World:
    if supposed.agreements is Agreements.IN_FORCE:
        return world
    ends = {supposed.sender.organisation, supposed.recipient.organisation}
    known = len(ends) > 1 and all(world.directory.organisation(each) for each in ends)
    everything = supposed.agreements is Agreements.EVERYTHING and known
    return replace(world, agreements=(synthetic_agreement(ends),) if everything else ())


def _founded(supposed: Supposed, world: World, at: datetime) -> Supposed:
    """With the bases and conditions that the rulebook has for the flow, where none are given."""
    if supposed.bases is None:
        every = replace(supposed, bases=tuple(header_pb2.LawfulBasis.values()[1:]))
        flow = _flow(prepare(imagine(every, world.directory, at), world), supposed.recipient)
        names = {row.basis for row in covering_bases(flow)} if flow else set()
        bases = sorted(header_pb2.LawfulBasis.Value(f"LAWFUL_BASIS_{name}") for name in names)
        supposed = replace(supposed, bases=tuple(bases))
    if supposed.conditions is None:
        supposed = replace(supposed, conditions=tuple(_serving(supposed, world.rulebook)))
    return supposed


def _serving(supposed: Supposed, book: Rulebook) -> Iterator[int]:
    purpose = purpose_name(supposed.purpose)
    for number in header_pb2.ProcessingCondition.values():
        known = book.conditions.get(
            short_name(header_pb2.ProcessingCondition, "PROCESSING_CONDITION_", number)
        )
        if known is not None and (not known.purposes or purpose in known.purposes):
            yield number


def _flow(submission: Submission, recipient: Desk) -> Flow | None:
    viewer = submission.case.header.sender.organisation
    found = find_party(submission.world, recipient.organisation, recipient.desk, viewer)
    return None if submission.sender is None or found is None else Flow(submission, submission.sender, found)


def _applying(supposed: Supposed, world: World) -> tuple[CompiledRule, ...]:
    ends = (supposed.sender.organisation, supposed.recipient.organisation)
    sender, recipient = (kind_name(world.directory.kind_of(each)) for each in ends)
    return world.rulebook.applying(supposed.document, purpose_name(supposed.purpose), sender, recipient)


def _systems(rules: Sequence[CompiledRule]) -> tuple[str, ...]:
    named = {each.rule.system or (each.rule.hold.system if each.rule.hold else "") for each in rules}
    return tuple(sorted(named - {""}))
