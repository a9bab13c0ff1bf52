"""Proves of each prohibition that what it forbids cannot be released, by trying everything.

Design section 5: for each prohibition, document, sender, recipient kind and purpose a document with every
leaf filled is decided in the most permissive world, with every fact YES; of the facts that lift the
prohibition, all subsets; of the leaves that its condition reads, values that make it true. The same is done
for `never.yaml`, what the guidance forbids, stated apart from the rules: a rule weakened by mistake must not
prove itself.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain, combinations, islice, product
from typing import Final

from google.protobuf.message import Message
from publicprotection.exchange.v1 import header_pb2

from gateway.core.categories import leaf_kind, leaf_kinds
from gateway.core.conditions import Condition, Reading, Truth, activate, readings
from gateway.core.decide import decide
from gateway.core.documents import descriptor_of, document_class, shareable_documents
from gateway.core.filling import Setting, fill_document, variants
from gateway.core.model import Case, Ruling
from gateway.core.never import Never
from gateway.core.prove_routes import Routes
from gateway.core.prove_world import (
    AT,
    DESK,
    Route,
    organisation_of,
    permissive_world,
    synthetic_case,
    synthetic_header,
)
from gateway.core.rulebook import CompiledRule, Rulebook
from gateway.core.rulebook_model import Applies, Rule
from gateway.core.world import World
from services.kit.evidence.leaves import flatten
from services.kit.evidence.values import JsonValue

_EACH: Final = 4
"""How many ways of making a condition true are tried in each combination."""

_FIXED: Final = (("header", "purpose"), ("header", "sender"), ("header", "recipients"), ("recipient",))
"""What the combination itself says, so that no variant changes it."""

Ruler = Callable[[Case, World], tuple[Ruling, ...]]


@dataclass(frozen=True)
class Forbidden:
    """A prohibition to be proved: a rule of the rulebook, or a statement of never.yaml."""

    name: str
    applies: Applies
    withhold: frozenset[str]
    permit_only: frozenset[str] | None
    unless: tuple[str, ...] = ()
    when: str = ""
    condition: Condition | None = None
    system: str = ""

    def removes(self, category: str) -> bool:
        """Whether it forbids a category."""
        return category in self.withhold if self.permit_only is None else category not in self.permit_only

    @cached_property
    def readings(self) -> list[Reading]:
        """What its condition reads and the proof can vary."""
        read = readings(self.when) if self.when else ()
        return [each for each in read if not any(each.path[: len(fixed)] == fixed for fixed in _FIXED)]

    @cached_property
    def desks(self) -> tuple[str, ...]:
        """The recipients' desks to try: one that means nothing, and those that its condition may look for."""
        texts = (each.texts for each in readings(self.when or "") if each.path == ("recipient", "desk"))
        return (DESK, *sorted(text for some in texts for text in some if text))

    def header(self, route: Route, desk: str, name: str, changes: Iterable[Setting]) -> header_pb2.Header:
        """A header for a document, all of which comes from the system that it looks at, if any."""
        fields = descriptor_of(document_class(name)).fields if self.system else ()
        sources = {f"document.{field.name}": self.system for field in fields}
        return synthetic_header(route, desk, sources, tuple(changes))


@dataclass(frozen=True, slots=True)
class Breach:
    """A combination in which something forbidden is released."""

    prohibition: str
    document: str
    route: Route
    categories: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.prohibition}: {self.document} from {self.route} releases {', '.join(self.categories)}"


@dataclass(slots=True)
class Proof:
    """What came of it.

    Attributes:
        visited: combinations decided.
        stands_for: combinations of prohibition, document, kinds, purpose and facts that these stand for.
        prohibitions: how many were proved or refuted.
        breaches: combinations that release what is forbidden.
        idle: prohibitions that no combination exercises: their condition is never true, or what they forbid
            would not be released without them either.
        bare: prohibitions on documents that cannot hold what they forbid yet.
    """

    visited: int = 0
    stands_for: int = 0
    prohibitions: int = 0
    breaches: list[Breach] = field(default_factory=list)
    idle: list[str] = field(default_factory=list)
    bare: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether everything forbidden stays back, and each prohibition was seen at work."""
        return not self.breaches and not self.idle


@dataclass(frozen=True, slots=True)
class _Sample:
    """A filled document with its leaves, and what is changed in the header to go with it."""

    document: Message
    leaves: dict[str, JsonValue]
    header: tuple[Setting, ...] = ()
    desk: str = DESK


@dataclass(frozen=True, slots=True)
class _Combination:
    """What is tried once: a document on a route, with some of the facts that lift the prohibition YES."""

    sample: _Sample
    route: Route
    facts: tuple[str, ...]

    def case(self, one: "Forbidden") -> Case:
        """As it is decided."""
        name = type(self.sample.document).__name__
        header = one.header(self.route, self.sample.desk, name, self.sample.header)
        unknown = set(one.unless).difference(self.facts)
        return synthetic_case(header, self.sample.document, self.sample.leaves, unknown)


def prove(
    rulebook: Rulebook, never: Iterable[Never] = (), rule: Ruler = decide, *, every: bool = False
) -> Proof:
    """Tries every combination; of kinds and purposes that no prohibition tells apart, one for all.

    Args:
        rulebook: whose prohibitions are to be proved.
        never: what else must hold, whatever the rules say.
        rule: the decision.
        every: decides for each kind of recipient and each purpose, alike or not; this takes minutes.
    """
    prohibitions = [each for each in rulebook.rules if each.rule.prohibition]
    routes = Routes([(each.rule.applies, each.rule.when or "") for each in prohibitions], every=every)
    forbidden = [*map(_of_rule, prohibitions), *map(_of_never, never)]
    desks = frozenset(desk for each in forbidden for desk in each.desks if desk != DESK)
    proof, prover = Proof(), _Prover(permissive_world(rulebook, desks), rule, routes)
    for one in forbidden:
        proof.prohibitions += 1
        if not prover.prove(one, proof):
            (proof.idle if _can_hold(one) else proof.bare).append(one.name)
    return proof


def _of_rule(compiled: CompiledRule) -> Forbidden:
    one: Rule = compiled.rule
    permitted = None if one.permit_only is None else frozenset(one.permit_only)
    return Forbidden(
        name=one.id,
        applies=one.applies,
        withhold=frozenset(one.withhold),
        permit_only=permitted,
        unless=one.unless,
        when=one.when or "",
        condition=compiled.condition,
        system=one.system,
    )


def _of_never(one: Never) -> Forbidden:
    permitted = None if one.permit_only is None else frozenset(one.permit_only)
    return Forbidden(f"never {one.id}", one.applies, frozenset(one.withhold), permitted, one.unless)


class _Prover:
    """Decides combinations in one world."""

    def __init__(self, world: World, rule: Ruler, routes: Routes) -> None:
        self._world, self._rule = world, rule
        self._lawless = replace(world, rulebook=replace(world.rulebook, rules=()))
        self._samples: dict[str, _Sample] = {}
        self._routes = routes

    def prove(self, one: Forbidden, proof: Proof) -> bool:
        """Visits all combinations of one prohibition; whether any of them puts it to work."""
        exercised = False
        for each in self._combinations(one):
            case = each.case(one)
            proof.visited += 1
            proof.stands_for += each.route.stands_for
            found = self._released(one, case, self._world)
            if found and not each.facts:
                proof.breaches.append(Breach(one.name, case.document_type, each.route, found))
            # Each prohibition must once be seen to be all that stands in the way.
            exercised = exercised or bool(self._released(one, case, self._lawless))
        return exercised

    def _combinations(self, one: Forbidden) -> Iterator[_Combination]:
        for name in _documents(one.applies):
            for route in self._routes.of(name, one.applies):
                for sample in self._true_samples(one, name, route):
                    for facts in _subsets(one.unless):
                        yield _Combination(sample, route, facts)

    def _released(self, one: Forbidden, case: Case, world: World) -> tuple[str, ...]:
        (ruling,) = self._rule(case, world)
        descriptor = descriptor_of(case.document)
        paths = (path for path in ruling.released if path.startswith("document."))
        categories = {leaf_kind(descriptor, path).category for path in paths}
        return tuple(sorted(category for category in categories if one.removes(category)))

    def _true_samples(self, one: Forbidden, name: str, route: Route) -> Iterator[_Sample]:
        if one.condition is None:
            yield self._filled(name)
            return
        yield from islice(self._varied(one, name, route), _EACH)

    def _varied(self, one: Forbidden, name: str, route: Route) -> Iterator[_Sample]:
        roots = {"header": descriptor_of(header_pb2.Header), "document": descriptor_of(fill_document(name))}
        ends = frozenset({organisation_of(route.recipient), organisation_of(route.sender)})
        read = [replace(each, texts=each.texts | ends) for each in one.readings]
        for settings, desk in product(variants(read, roots), one.desks):
            document = _copy(fill_document(name), settings["document"])
            header = one.header(route, desk, name, settings["header"])
            if _is_true(one, name, header, document):
                leaves = flatten(document, prefix="document", entropy=bytes)
                yield _Sample(document, leaves, tuple(settings["header"]), desk)

    def _filled(self, name: str) -> _Sample:
        if name not in self._samples:
            document = fill_document(name)
            self._samples[name] = _Sample(document, flatten(document, prefix="document", entropy=bytes))
        return self._samples[name]


def _documents(applies: Applies) -> Iterator[str]:
    for name in applies.documents or shareable_documents():
        if name not in applies.except_documents:
            yield name


def _can_hold(one: Forbidden) -> bool:
    """Whether a document that it is about has a leaf of what it forbids."""
    kinds = chain.from_iterable(
        leaf_kinds(descriptor_of(document_class(name))) for name in _documents(one.applies)
    )
    return any(one.removes(kind.category) for _, kind in kinds)


def _subsets(facts: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    return chain.from_iterable(combinations(facts, count) for count in range(len(facts) + 1))


def _is_true(one: Forbidden, name: str, header: header_pb2.Header, document: Message) -> bool:
    if one.condition is None:
        return True
    activation = activate(header, document, AT.date(), header.recipients[0])
    return one.condition.evaluate(name, activation) is not Truth.FALSE


def _copy(document: Message, settings: Iterable[Setting]) -> Message:
    copy = type(document)()
    copy.CopyFrom(document)
    for each in settings:
        each.apply(copy)
    return copy
