"""What the steps of a decision share: the submission, worked out once, and the flow to one recipient."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property, partial
from itertools import repeat
from typing import Any, NamedTuple

from publicprotection.common.v1 import organisation_pb2
from publicprotection.exchange.v1 import directory_service_pb2, header_pb2

from gateway.core.categories import LeafKind, kind_about, kinds_of
from gateway.core.conditions import Truth, activate
from gateway.core.documents import descriptor_of
from gateway.core.facts import FactBook, FactScope, fact_scope
from gateway.core.gate_model import Gate
from gateway.core.model import Answer, Case, Desk, Effect, FiredRule, InsteadOf, Outcome, Tell
from gateway.core.rulebook import CompiledRule
from gateway.core.rulebook_model import Instead, Rule, Telling
from gateway.core.vocabulary import kind_name, purpose_name
from gateway.core.world import World
from services.kit.evidence.paths import parts_above

DOCUMENT = "document."
KNOWN_KINDS = ("IDENTITY", "LOCATION", "CONTACT")
"""What may be known of a party from earlier exchanges."""


class Leaf(NamedTuple):
    """A leaf of the document: where it is, what it is, and whose information it is."""

    path: str
    kind: LeafKind
    owner: str


_MAKE_LEAF = partial(tuple.__new__, Leaf)
"""From a path, a kind and an owner, at half the cost of calling the class: it is done for every leaf."""


@dataclass(frozen=True, slots=True)
class Party:
    """One end of a flow, as the directory knows it."""

    organisation: directory_service_pb2.Organisation
    desk: directory_service_pb2.Desk | None
    kind: str

    @property
    def id(self) -> str:
        """The organisation's id."""
        return self.organisation.organisation

    @property
    def end(self) -> tuple[str, str, str]:
        """Id, kind and desk, empty where none is named."""
        return self.id, self.kind, self.desk.desk if self.desk else ""


@dataclass(frozen=True)
class Submission:
    """One case with what is the same for every recipient. `sender` is None if the directory has none."""

    case: Case
    world: World
    sender: Party | None
    owners: "Owners"
    book: FactBook

    @cached_property
    def leaves(self) -> tuple[Leaf, ...]:
        """The document's leaves, in the order of the seal."""
        return tuple(_read_leaves(self.case, self.owners))

    @cached_property
    def has_texts(self) -> bool:
        """Whether any leaf is free text, which alone is masked."""
        return any([leaf.kind.free_text for leaf in self.leaves])  # noqa: C419  # twice as fast

    @cached_property
    def known(self) -> tuple[Leaf, ...]:
        """Leaves that stand for the parties known from earlier exchanges, to ask who may learn of them."""
        return tuple(_known_leaves(self.case))

    @cached_property
    def categories(self) -> frozenset[str]:
        """The categories of the document's leaves, and of what is known from earlier exchanges."""
        return frozenset({leaf.kind.category for leaf in (*self.leaves, *self.known)})

    @cached_property
    def parts(self) -> frozenset[str]:
        """Every part of the document that has a leaf: the leaves' paths, and all that covers them."""
        return frozenset(part for leaf in self.leaves for part in parts_above(leaf.path))

    @cached_property
    def truths(self) -> dict[str, Truth]:
        """What conditions that do not read the recipient came to, by text: each is evaluated once."""
        return {}

    @cached_property
    def purpose(self) -> str:
        """Such as MANAGE_RISK; empty if not stated or not known."""
        return purpose_name(self.case.header.purpose)

    @cached_property
    def recipient_kinds(self) -> frozenset[str]:
        """The kinds of all organisations that the exchange is addressed to."""
        index = self.world.directory
        return frozenset(kind_name(index.kind_of(each.organisation)) for each in self.case.header.recipients)

    @cached_property
    def day(self) -> date:
        """The day of the decision, on which agreements begin and end."""
        return self.case.at.date()


@dataclass(frozen=True, slots=True)
class Owners:
    """Whose information each part is: the longest provenance prefix that covers it, else the sender's.

    `by_system` says the same way from which system it was taken, in lower case.
    """

    sender: str
    by_prefix: Mapping[str, str]
    by_system: Mapping[str, str]

    def of(self, path: str) -> str:
        """The owner of a leaf."""
        return _longest(self.by_prefix, path) or self.sender

    def system_of(self, path: str) -> str:
        """The system that a leaf was taken from, in lower case; empty if not said."""
        return _longest(self.by_system, path)


def _read_leaves(case: Case, owners: Owners) -> Iterator[Leaf]:
    paths = [path for path in case.leaves if path.startswith(DOCUMENT)]
    whose = map(owners.of, paths) if owners.by_prefix else repeat(owners.sender)
    found = zip(paths, kinds_of(descriptor_of(case.document), paths), whose, strict=False)
    return map(_MAKE_LEAF, found)


def _known_leaves(case: Case) -> Iterator[Leaf]:
    for index, party in enumerate(case.known_parties):
        for kind in KNOWN_KINDS:
            yield Leaf(f"known[{index}].{kind}", kind_about(party.about, kind), party.owner)


def _longest(entries: Mapping[str, str], path: str) -> str:
    if not entries:
        return ""
    return next((entries[part] for part in parts_above(path) if part in entries), "")


class Firing(NamedTuple):
    """A rule that fires for a flow, as it will be reported."""

    rule: Rule
    fired: FiredRule


@dataclass(frozen=True)
class Flow:
    """A submission on its way to one recipient, both ends known."""

    submission: Submission
    sender: Party
    recipient: Party

    @property
    def header(self) -> header_pb2.Header:
        """The header of the exchange."""
        return self.submission.case.header

    @property
    def world(self) -> World:
        """Directory, agreements, rulebook."""
        return self.submission.world

    @property
    def gates(self) -> Any:
        """The wording of the built-in checks (gate_model.Gates)."""
        return self.world.rulebook.gates

    def answer(self, fact: str, path: str | None = None) -> Answer:
        """What is known of a fact, for this recipient and, where it is about an item, this leaf."""
        return self.submission.book.answer(fact, self.recipient.id, path)

    def looks_at(self, rule: Rule, leaf: Leaf) -> bool:
        """Whether a rule that removes concerns a leaf: that from its system, or any if it names none."""
        return not rule.system or self.submission.owners.system_of(leaf.path) == rule.system.lower()

    @cached_property
    def firing(self) -> tuple[Firing, ...]:
        """The rules that fire, by id. A fault in a condition fires: none of these rules permits anything."""
        return tuple(self._firing())

    def _firing(self) -> Iterator[Firing]:
        ends = self.sender.kind, self.recipient.kind
        document, purpose = self.submission.case.document_type, self.submission.purpose
        for compiled in self.world.rulebook.applying(document, purpose, *ends):
            rule = compiled.rule
            if rule.applies.lacking and not rule.applies.lacking.isdisjoint(self.submission.recipient_kinds):
                continue
            truth = self._truth(compiled)
            if truth is not Truth.FALSE and not self._is_lifted(rule):
                yield Firing(rule, _fired(compiled, truth))

    def _truth(self, compiled: CompiledRule) -> Truth:
        case = self.submission.case
        if compiled.condition is None:
            return Truth.TRUE
        if compiled.condition.is_void(case.header, case.document):
            return Truth.FALSE
        text = compiled.condition.text
        known = self._truths if compiled.condition.by_recipient else self.submission.truths
        if text not in known:
            known[text] = compiled.condition.evaluate(case.document_type, self._activation)
        return known[text]

    @cached_property
    def _truths(self) -> dict[str, Truth]:
        return {}

    @cached_property
    def _activation(self) -> Any:
        """What conditions read: made once a flow, and only if a rule needs it."""
        desk = self.recipient.desk.desk if self.recipient.desk else ""
        reference = organisation_pb2.DeskReference(organisation=self.recipient.id, desk=desk)
        return activate(self.header, self.submission.case.document, self.submission.day, reference)

    def _is_lifted(self, rule: Rule) -> bool:
        names = [name for name in rule.unless if fact_scope(name) is not FactScope.ITEM]
        return any(self.answer(name) is Answer.YES for name in names)


@dataclass(frozen=True, slots=True)
class Stop:
    """A check that stops the whole exchange for one recipient: refused, or held for a prerequisite."""

    outcome: Outcome
    fired: FiredRule
    prerequisite: str = ""
    instead: InsteadOf | None = None
    tell: Telling = field(default_factory=Telling)


def refuse(gate: Gate) -> Stop:
    """A built-in check refuses."""
    fired = gate_fired(gate, Effect.REFUSE)
    return Stop(Outcome.REFUSED, fired, instead=instead_of(gate.instead), tell=gate.tell)


def hold(gate: Gate, prerequisite: str) -> Stop:
    """A built-in check holds the exchange."""
    return Stop(Outcome.HELD, gate_fired(gate, Effect.HOLD), prerequisite, tell=gate.tell)


def gate_fired(gate: Gate, effect: Effect) -> FiredRule:
    """A built-in check as it is reported."""
    return FiredRule(gate.id, gate.paragraph, effect, gate.reason)


def instead_of(instead: Instead | None) -> InsteadOf | None:
    """What to do instead, as it is reported."""
    if instead is None:
        return None
    return InsteadOf(instead.document_type, instead.workflow, instead.explanation)


def least(first: Tell, second: Tell) -> Tell:
    """The one that tells less."""
    order = (Tell.NOTHING, Tell.CATEGORY, Tell.REASON)
    return min(first, second, key=order.index)


def find_party(world: World, organisation: str, desk: str, viewer: str) -> Party | None:
    """An organisation and, where a desk is named, that desk; None if the directory lacks either.

    A restricted desk that the viewer may not know of is one that the directory lacks.
    """
    known = world.directory.organisation(organisation)
    found = world.directory.desk_seen_by(viewer, organisation, desk) if desk else None
    kind = kind_name(known.kind) if known else ""
    if known is None or not kind or (desk and found is None):
        return None
    return Party(known, found, kind)


def desk_of(reference: Any) -> Desk:
    """A desk reference of the contract as a value."""
    return Desk(reference.organisation, reference.desk)


def _fired(compiled: CompiledRule, truth: Truth) -> FiredRule:
    if truth is Truth.TRUE:
        return compiled.fired
    fault = " (Its condition could not be evaluated, so it applies.)"
    return replace(compiled.fired, reason=compiled.fired.reason + fault)
