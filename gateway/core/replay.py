"""Decides abstracts of past exchanges again, under two rulebooks, and says what would be different.

What a new condition would have come to cannot be told from an abstract, since it holds no values. So each way
that it could have come out is tried: where all lead to the same decision the answer is certain all the same.
Masking of free text is not compared: the text is not kept.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import product
from typing import Any, Final

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from publicprotection.exchange.v1 import header_pb2

from gateway.core.abstracts import EVERYBODY, HEADER, Abstract, concerns
from gateway.core.categories import leaf_kind
from gateway.core.conditions import Condition, Truth
from gateway.core.decide import decide_for, prepare
from gateway.core.documents import descriptor_of, document_types
from gateway.core.filling import filled_leaf
from gateway.core.flow import desk_of
from gateway.core.model import TYPE_PATH, Case, Desk, Ruling
from gateway.core.owners import OWNER
from gateway.core.rulebook import CompiledRule, Rulebook
from gateway.core.vocabulary import fact_names
from gateway.core.world import World
from services.kit.evidence.derive import FUNCTIONS
from services.kit.evidence.errors import EvidenceError, NotDerivableError
from services.kit.evidence.leaves import unflatten
from services.kit.evidence.paths import fields_along
from services.kit.evidence.values import JsonValue

_SAMPLES: Final = ("2000-01-01", "ZZ1 1ZZ")
_UNKNOWN: Final = 6
"""More conditions than this that nothing is known of are not tried in every way."""


class Verdict(StrEnum):
    """What a replay came to."""

    SAME = "same"
    CHANGED = "changed"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One abstract under both rulebooks: the verdict, and what changed or why it cannot be told."""

    exchange: str
    verdict: Verdict
    differences: tuple[str, ...]


def compare_rulebooks(abstract: Abstract, old: World, new: World) -> Comparison:
    """Decides one abstract in both worlds."""
    try:
        case = _case(abstract)
    except (EvidenceError, ValueError) as fault:
        return Comparison(abstract.exchange, Verdict.CANNOT_TELL, (str(fault),))
    found = [_compare(abstract, case, desk_of(each), (old, new)) for each in case.header.recipients]
    verdicts = {verdict for verdict, _ in found}
    verdict = next(
        (each for each in (Verdict.CHANGED, Verdict.CANNOT_TELL) if each in verdicts), Verdict.SAME
    )
    return Comparison(abstract.exchange, verdict, tuple(line for _, lines in found for line in lines))


def _compare(
    abstract: Abstract, case: Case, desk: Desk, worlds: tuple[World, World]
) -> tuple[Verdict, list[str]]:
    before, after = (list(_rulings(abstract, case, desk, world)) for world in worlds)
    if not before or not after:
        return Verdict.CANNOT_TELL, [f"{desk}: too many conditions are new"]
    ways = [list(_differences(one, other)) for one, other in product(before, after)]
    if not any(ways):
        return Verdict.SAME, []
    lines = [f"{desk}: {line}" for line in min((way for way in ways if way), key=len)]
    if all(ways):
        return Verdict.CHANGED, lines
    return Verdict.CANNOT_TELL, [f"{line}, depending on a condition that is new" for line in lines]


def _rulings(abstract: Abstract, case: Case, desk: Desk, world: World) -> Iterator[Ruling]:
    """The ruling for each way in which conditions that nothing is known of could come out."""
    known = abstract.truths.get(EVERYBODY, {}) | abstract.truths.get(str(desk), {})
    rules = [each for each in world.rulebook.rules if concerns(each, abstract.document_type)]
    texts = {each.condition.text for each in rules if each.condition}
    unknown = sorted(texts - known.keys())
    if len(unknown) > _UNKNOWN:
        return
    for truths in product((Truth.TRUE, Truth.FALSE), repeat=len(unknown)):
        book = with_truths(world.rulebook, rules, known | dict(zip(unknown, truths, strict=True)))
        yield decide_for(prepare(case, world.with_rulebook(book)), desk)


def with_truths(book: Rulebook, rules: Iterable[CompiledRule], truths: Mapping[str, Truth]) -> Rulebook:
    """A rulebook of these rules alone, whose conditions come to what is given, by text."""
    return replace(book, rules=tuple(_with_truth(each, truths) for each in rules))


def _with_truth(compiled: CompiledRule, truths: Mapping[str, Truth]) -> CompiledRule:
    if compiled.condition is None:
        return compiled
    text = compiled.condition.text
    program = _Recorded(truths[text])
    programs: dict[str, Any] = dict.fromkeys(compiled.condition.programs, program)
    return CompiledRule(compiled.rule, Condition(text, programs))


@dataclass(frozen=True, slots=True)
class _Recorded:
    """Stands in for a compiled condition: it comes to what was recorded, whatever it is given."""

    truth: Truth

    def eval(self, _: Any) -> "_Recorded":
        """What a compiled condition offers; the activation is not read."""
        return self

    def value(self) -> bool | None:
        """True, False, or, for a fault, neither."""
        return {Truth.TRUE: True, Truth.FALSE: False}.get(self.truth)


def _case(abstract: Abstract) -> Case:
    kind = document_types().get(abstract.document_type)
    if kind is None:
        raise ValueError(f"the contract has no document {abstract.document_type} any more")
    strange = sorted({each.name for each in abstract.facts}.difference(fact_names()))
    if strange:
        raise ValueError(f"the contract has no fact {', '.join(strange)} any more")
    coded: dict[str, JsonValue] = {path: code for path, code in abstract.header.items() if code is not None}
    header = header_pb2.Header()
    header.CopyFrom(unflatten(coded, header_pb2.Header, prefix=HEADER.removesuffix(".")))
    header.necessity = "stated" if abstract.necessity else ""
    stated = {path: "" if code is None else code for path, code in abstract.header.items()}
    leaves: dict[str, JsonValue] = {TYPE_PATH: abstract.document_type, **stated}
    descriptor = descriptor_of(kind)
    leaves |= {path: _sample(descriptor, path, forms) for path, forms in abstract.paths.items()}
    leaves |= {prefix + OWNER: owner for prefix, owner in abstract.owners.items()}
    facts = tuple(each.known() for each in abstract.facts)
    return Case(abstract.exchange, abstract.document_type, header, kind(), leaves, facts, abstract.at)


def _sample(descriptor: Descriptor, path: str, forms: tuple[str, ...]) -> JsonValue:
    """A made-up value of the leaf's type that allows the same generalisations as the one that was there."""
    fields = fields_along(path, descriptor)
    filled = filled_leaf(fields[-1])
    if fields[-1].type != FieldDescriptor.TYPE_STRING:
        return filled
    # No name may stand in a text, or it would be masked there.
    samples = ("-",) if leaf_kind(descriptor, path).free_text else (filled, *_SAMPLES)
    return next((each for each in samples if _allows(each) == set(forms)), samples[0])


def _allows(sample: JsonValue) -> set[str]:
    found = set()
    for name, function in FUNCTIONS.items():
        try:
            function(sample)
        except NotDerivableError:
            continue
        found.add(name)
    return found


def _differences(old: Ruling, new: Ruling) -> Iterator[str]:
    if old.outcome is not new.outcome:
        yield f"{old.outcome} becomes {new.outcome}{_because(new)}"
    yield from _gained("released", old.released, new.released)
    yield from _gained(
        "generalised", *({(one.path, one.function) for one in each.derived} for each in (old, new))
    )
    yield from _gained(
        "withheld", *({(one.path, one.rule.rule) for one in each.withheld} for each in (old, new))
    )
    yield from _gained("held", *(set(_holds(each)) for each in (old, new)))
    if old.instead != new.instead:
        yield f"what to do instead becomes {new.instead.explanation if new.instead else 'nothing'}"
    yield from _gained("flagged", *(set(map(str, each.flags)) for each in (old, new)))


def _because(ruling: Ruling) -> str:
    return f" ({ruling.reason.rule}: {ruling.reason.reason})" if ruling.reason else ""


def _holds(ruling: Ruling) -> Iterator[tuple[str, str]]:
    for each in ruling.held:
        yield from ((path, each.prerequisite) for path in each.paths or ("the exchange",))


def _gained(what: str, old: Iterable[Any], new: Iterable[Any]) -> Iterator[str]:
    before, after = set(old), set(new)
    for sign, some in (("now", after - before), ("no longer", before - after)):
        if some:
            yield f"{sign} {what}: {', '.join(sorted(map(_said, some)))}"


def _said(item: Any) -> str:
    return f"{item[0]} ({item[1]})" if isinstance(item, tuple) else str(item)
