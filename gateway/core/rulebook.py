"""Loads the rulebook: files of data in, one immutable, cross-checked value out. All of it or none."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Any, Final, get_args

from publicprotection.common.v1 import organisation_pb2

from gateway.core.breaches.law import BreachLaw
from gateway.core.conditions import Condition, ConditionError, compile_condition
from gateway.core.deadlines.form import TimeLimit
from gateway.core.deadlines.limits import Limits, compile_limits
from gateway.core.errors import RulebookError
from gateway.core.facts import FactScope, fact_scope
from gateway.core.freetext_model import FreeText
from gateway.core.gate_model import Gates
from gateway.core.header_use import Use, uses
from gateway.core.loading import read_model
from gateway.core.model import Effect, FiredRule
from gateway.core.prerequisite_model import Prerequisite
from gateway.core.release_model import Contradiction, ContradictionsFile, Release
from gateway.core.retention_model import Retention
from gateway.core.rulebook_files import FORMS
from gateway.core.rulebook_model import (
    Basis,
    HeaderLeaves,
    Kind,
    Minimum,
    Need,
    Protective,
    Regime,
    Rule,
    Rules,
    Sensitive,
)
from gateway.core.rulebook_model import Condition as SensitiveCondition
from gateway.core.vocabulary import KIND_PREFIX, WHOLE, short_names
from gateway.core.yaml_source import Source, parse_yaml

_CONTRADICTIONS: Final = "contradictions-"

BUILT_IN: Final = frozenset({"AGREEMENT", "IDENTIFIED_RISK", "PROTECTIVE_REVIEW"})
"""Prerequisites that the steps themselves wait for (agreement, needs)."""


@dataclass(frozen=True)
class CompiledRule:
    """A rule with its condition, None where it needs none, and the guidance that it is from."""

    rule: Rule
    condition: Condition | None
    guidance: str = ""

    @cached_property
    def fired(self) -> FiredRule:
        """The rule as it is reported where it fires."""
        return FiredRule(self.rule.id, self.rule.paragraph, _effect(self.rule), self.rule.reason)


_FLOWS: Final = 4_096


@dataclass(frozen=True)
class Rulebook:
    """The rulebook, indexed. `version` is the published number and the beginning of the content's digest."""

    version: str
    rules: tuple[CompiledRule, ...]
    kinds: Mapping[str, Kind]
    bases: Mapping[str, tuple[Basis, ...]]
    sensitive: Mapping[str, Sensitive]
    conditions: Mapping[str, SensitiveCondition]
    needs: tuple[Need, ...]
    header: HeaderLeaves
    protective: Mapping[str, Protective]
    minimum: Mapping[str, Minimum]
    prerequisites: Mapping[str, Prerequisite]
    releases: tuple[Release, ...]
    contradictions: Mapping[str, Contradiction]
    gates: Gates
    freetext: FreeText
    retention: Retention
    breaches: BreachLaw
    limits: Limits

    @cached_property
    def use_of(self) -> Callable[[str], Use]:
        """To whom a leaf of the header goes, by its shape."""
        return uses(self.header)

    @cached_property
    def applying(self) -> Callable[[str, str, str, str], tuple[CompiledRule, ...]]:
        """The rules for a document, a purpose, a kind of sender and one of recipient; found once for each."""

        @lru_cache(maxsize=_FLOWS)
        def find(document: str, purpose: str, sender: str, recipient: str) -> tuple[CompiledRule, ...]:
            flow = (document, purpose, sender, recipient)
            return tuple(each for each in self.rules if each.rule.applies.covers(*flow))

        return find

    @cached_property
    def carrying(self) -> Callable[[str, str, str, str], tuple[Release, ...]]:
        """The rows of releases.yaml for a flow, named as in `applying`."""

        @lru_cache(maxsize=_FLOWS)
        def find(document: str, purpose: str, sender: str, recipient: str) -> tuple[Release, ...]:
            flow = (document, purpose, sender, recipient)
            return tuple(each for each in self.releases if each.applies.covers(*flow))

        return find

    @cached_property
    def needed(self) -> Callable[[str, str, str, str], Mapping[str, str]]:
        """Category to finest form: the union of the needs for a flow, named as in `applying`."""

        @lru_cache(maxsize=_FLOWS)
        def find(document: str, purpose: str, sender: str, recipient: str) -> Mapping[str, str]:
            found: dict[str, str] = {}
            for need in self.needs:
                if need.covers(document, purpose, sender, recipient):
                    for category, form in need.categories.items():
                        found[category] = _finer(found.get(category, form), form)
            return MappingProxyType(found)

        return find


def load_rulebook(texts: Mapping[str, str]) -> Rulebook:
    """Builds a rulebook from the texts of its files, by file name.

    Raises:
        RulebookError: a file is missing or unknown, or says what it may not; names file, line and entry.
    """
    files = {name: _read(name, texts) for name in FORMS}
    settled = _read_contradictions(texts)
    rules = [
        _read_rules(name, texts[name]) for name in sorted(texts) if not (name in FORMS or _is_settled(name))
    ]
    if not rules:
        raise RulebookError("rules-*.yaml", 0, "", "there is no file of rules: add rules-<guidance>.yaml")
    models = {name: model for name, (_, model) in files.items()}
    book = _assemble(texts, models, rules, settled, _read_limits(*files["clocks.yaml"], settled))
    _check_prerequisites(book, files, rules)
    _check_kinds(book)
    _check_built_in(book)
    return book


def _read(name: str, texts: Mapping[str, str]) -> tuple[Source, Any]:
    if name not in texts:
        raise RulebookError(name, 0, "", "the file is missing: a rulebook is loaded whole or not at all")
    source = parse_yaml(name, texts[name], RulebookError)
    return source, read_model(source, FORMS[name], RulebookError)


def _effect(rule: Rule) -> Effect:
    if rule.refuse is not None:
        return Effect.REFUSE
    if rule.hold is not None:
        return Effect.HOLD
    if rule.generalise:
        return Effect.GENERALISE
    if rule.flag is not None:
        return Effect.FLAG
    return Effect.LIMIT if rule.limit else Effect.WITHHOLD


def _finer(first: str, second: str) -> str:
    return WHOLE if WHOLE in (first, second) else min(first, second)


def _read_contradictions(texts: Mapping[str, str]) -> dict[str, Contradiction]:
    sources = [parse_yaml(name, texts[name], RulebookError) for name in sorted(texts) if _is_settled(name)]
    read = [read_model(source, ContradictionsFile, RulebookError) for source in sources]
    return _index("contradictions", ((each.id, each) for one in read for each in one.contradictions))


def _is_settled(name: str) -> bool:
    return name.startswith(_CONTRADICTIONS)


def _read_rules(name: str, text: str) -> tuple[Source, tuple[CompiledRule, ...]]:
    if not (name.startswith("rules-") and name.endswith(".yaml")):
        raise RulebookError(
            name, 0, "", "no file of a rulebook is called that: rules are in rules-<guidance>.yaml"
        )
    source = parse_yaml(name, text, RulebookError)
    file = read_model(source, Rules, RulebookError)
    guidance = f"{file.guidance}, {file.edition}"
    return source, tuple(_compile(source, index, rule, guidance) for index, rule in enumerate(file.rules))


def _compile(source: Source, index: int, rule: Rule, guidance: str) -> CompiledRule:
    if rule.when is None:
        return CompiledRule(rule, None, guidance)
    try:
        return CompiledRule(rule, compile_condition(rule.when, rule.applies.documents), guidance)
    except ConditionError as fault:
        line = source.line_of(("rules", index, "when"))
        raise RulebookError(source.file, line, rule.id, f"when: {fault}") from None


def _assemble(
    texts: Mapping[str, str],
    models: Mapping[str, Any],
    files: list[tuple[Source, tuple[CompiledRule, ...]]],
    settled: Mapping[str, Contradiction],
    limits: Limits,
) -> Rulebook:
    rules = [rule for _, some in files for rule in some]
    _check_unique("rules", (each.rule.id for each in rules))
    rules = [each for each in rules if _is_chosen(each.rule, settled)]
    prerequisites = models["prerequisites.yaml"].prerequisites
    return Rulebook(
        version=f"{models['version.yaml'].version}+{_digest(texts)}",
        rules=tuple(sorted(rules, key=lambda each: each.rule.id)),
        kinds=_index("kinds.yaml", ((each.kind, each) for each in models["kinds.yaml"].kinds)),
        bases=_rows_by_basis(models["bases.yaml"].bases),
        sensitive=_index("conditions.yaml", ((e.regime, e) for e in models["conditions.yaml"].sensitive)),
        conditions=_index(
            "conditions.yaml", ((e.condition, e) for e in models["conditions.yaml"].conditions)
        ),
        needs=models["needs.yaml"].needs,
        header=models["header.yaml"],
        protective=_index("protective.yaml", ((e.category, e) for e in models["protective.yaml"].protective)),
        minimum=_index("minimum.yaml", ((e.document, e) for e in models["minimum.yaml"].minimum)),
        prerequisites=_index("prerequisites.yaml", ((each.id, each) for each in prerequisites)),
        releases=models["releases.yaml"].releases,
        contradictions=settled,
        gates=models["gates.yaml"],
        freetext=models["freetext.yaml"],
        retention=models["retention.yaml"],
        breaches=models["breaches.yaml"],
        limits=limits,
    )


def _read_limits(source: Source, file: Any, settled: Mapping[str, Contradiction]) -> Limits:
    _check_unique("clocks.yaml", (each.id for each in file.limits))
    chosen = [each for each in file.limits if _is_chosen(each, settled)]
    return compile_limits(source, file, chosen)


def _is_chosen(rule: Rule | TimeLimit, settled: Mapping[str, Contradiction]) -> bool:
    for contradiction, option in rule.chosen.items():
        known = settled.get(contradiction)
        if known is None or option not in known.options:
            advice = f"chosen: {contradiction} has no option {option} in contradictions-*.yaml: add it there"
            raise RulebookError("rules-*.yaml", 0, rule.id, advice)
    return all(settled[name].choice == option for name, option in rule.chosen.items())


def _rows_by_basis(rows: Iterable[Basis]) -> dict[str, tuple[Basis, ...]]:
    by_basis: dict[str, tuple[Basis, ...]] = {}
    for row in rows:
        by_basis[row.basis] = (*by_basis.get(row.basis, ()), row)
    return by_basis


def _index(file: str, pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    listed = list(pairs)
    _check_unique(file, (key for key, _ in listed))
    return dict(listed)


def _check_unique(file: str, ids: Iterable[str]) -> None:
    seen: set[str] = set()
    for each in ids:
        if each in seen:
            raise RulebookError(file, 0, each, "stands twice: give each entry an id of its own")
        seen.add(each)


def _check_prerequisites(book: Rulebook, files: Mapping[str, tuple[Source, Any]], rules: list[Any]) -> None:
    for source, compiled in rules:
        for index, each in enumerate(compiled):
            for advice in _rule_faults(book, each.rule):
                raise RulebookError(source.file, source.line_of(("rules", index)), each.rule.id, advice)
    source, model = files["bases.yaml"]
    for index, basis in enumerate(model.bases):
        known = basis.prerequisite is None or basis.prerequisite in book.prerequisites
        if not known:
            line = source.line_of(("bases", index))
            raise RulebookError(source.file, line, basis.basis, "prerequisite: not in prerequisites.yaml")


def _rule_faults(book: Rulebook, rule: Rule) -> Iterator[str]:
    if rule.hold is not None and rule.hold.prerequisite not in book.prerequisites:
        yield f"hold: {rule.hold.prerequisite} is not in prerequisites.yaml: add it there or correct the name"
    item = rule.hold is not None and rule.hold.scope == "ITEM"
    for name in rule.unless:
        if fact_scope(name) is FactScope.ITEM and not item:
            yield f"unless: {name} is about one item, so only a hold of scope ITEM can be lifted by it"


def _check_kinds(book: Rulebook) -> None:
    for name in short_names(organisation_pb2.OrganisationKind, KIND_PREFIX):
        if name not in book.kinds:
            raise RulebookError("kinds.yaml", 0, name, "the kind has no entry: say what standing it has")


def _check_built_in(book: Rulebook) -> None:
    for name in sorted(BUILT_IN - book.prerequisites.keys()):
        raise RulebookError("prerequisites.yaml", 0, name, "the decision itself needs this entry: write it")
    for regime in get_args(Regime):
        if regime not in book.sensitive:
            raise RulebookError("conditions.yaml", 0, regime, "the regime has no entry under `sensitive`")


def _digest(texts: Mapping[str, str]) -> str:
    digest = hashlib.sha256()
    for name in sorted(texts):
        for part in (name, texts[name]):
            data = part.encode()
            digest.update(len(data).to_bytes(8) + data)
    return digest.hexdigest()[:12]
