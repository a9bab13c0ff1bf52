"""How each id of the guidance is implemented, checked against rules and vectors (`ppg rulebook coverage`).

`requirements.yaml` lists the ids; `coverage/<domain file>.yaml` says of each what has become of it. A file
that is there must account for all ids of its domain file.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Self

from pydantic import Field, model_validator

from gateway.core.errors import RulebookError
from gateway.core.gate_model import Gates
from gateway.core.loading import read_model
from gateway.core.rulebook_model import Entry, RequirementId, Rules, Text
from gateway.core.yaml_source import parse_yaml

CEILINGS: Final = "ceilings.yaml"
"""Beside the domain files: how many of each may wait."""


class State(StrEnum):
    """What has become of a requirement."""

    RULE = "rule"
    PREREQUISITE = "prerequisite"
    NEED = "need"
    AGREEMENT = "agreement"
    VALIDATION = "validation"
    RECORD = "record"
    CLOCK = "clock"
    LATER = "later"
    OUTSIDE = "outside"


_NAMED: Final = frozenset({State.RULE, State.PREREQUISITE, State.NEED, State.VALIDATION, State.RECORD})
"""States that say by what."""


class Implementation(Entry):
    """One id: its state; by what rules, facts, documents or checks; and why, in words."""

    state: State
    by: tuple[Text, ...] = ()
    reason: Text | None = None

    @model_validator(mode="after")
    def _check_words(self) -> Self:
        if self.state in _NAMED and not self.by:
            raise ValueError(f"by: say by what, since the state is {self.state}")
        if not self.by and not self.reason:
            raise ValueError(f"reason: say why it is {self.state}, or `by` what")
        return self


class CoverageFile(Entry):
    """coverage/<domain file>.yaml."""

    coverage: dict[RequirementId, Implementation]


class Ceilings(Entry):
    """coverage/ceilings.yaml: how many ids of each domain file may wait; the numbers only ever fall."""

    ceilings: dict[str, int] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Vector:
    """A case file as far as coverage looks at it: its name, and the rules that it expects to fire."""

    case: str
    rules: frozenset[str]


@dataclass(frozen=True, slots=True)
class Sources:
    """All that coverage is worked out from.

    Attributes:
        requirements: ids of the domain files, with a line on each.
        files: texts of the folder `coverage`, by name.
        rules: rules and built-in checks with the ids that they implement, those not chosen included.
        vectors: the cases.
        prerequisites: ids of prerequisites, and names of facts.
        records: types of record, and `TYPE.member` of each, with the ids that the type satisfies.
        stated: other names that may say where something is recorded: of the contract, of files.
    """

    requirements: Mapping[str, str]
    files: Mapping[str, str]
    rules: Mapping[str, frozenset[str]]
    vectors: tuple[Vector, ...]
    prerequisites: frozenset[str]
    records: Mapping[str, frozenset[str]] = field(default_factory=dict)
    stated: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Row:
    """One id with what implements it."""

    id: str
    text: str
    implementation: Implementation
    rules: tuple[str, ...]
    vectors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """Every id of the files that are there, and what is wrong with the account."""

    rows: tuple[Row, ...]
    faults: tuple[str, ...]

    def count(self) -> dict[str, Counter[str]]:
        """How many ids are in each state, by domain file."""
        counts: dict[str, Counter[str]] = {}
        for row in self.rows:
            counts.setdefault(domain_of(row.id), Counter())[row.implementation.state.value] += 1
        return counts


def domain_of(requirement: str) -> str:
    """The domain file of a qualified id."""
    return requirement.partition(":")[0]


def read_implements(texts: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """Each rule and built-in check with the ids that it implements; RulebookError on a fault in a file."""
    found: dict[str, frozenset[str]] = {}
    for name in sorted(texts):
        if name.startswith("rules-"):
            rules = read_model(parse_yaml(name, texts[name], RulebookError), Rules, RulebookError).rules
            found |= {each.id: frozenset(each.implements) for each in rules}
    gates = read_model(parse_yaml("gates.yaml", texts["gates.yaml"], RulebookError), Gates, RulebookError)
    return found | {each.id: frozenset(each.implements) for _, each in gates}


def assess(sources: Sources) -> Coverage:
    """Works out the coverage.

    Raises:
        RulebookError: a file is not of its form.
    """
    accounts = {name: _read(name, text) for name, text in sources.files.items() if name != CEILINGS}
    entries = {id_: each for account in accounts.values() for id_, each in account.items()}
    shown = _vectors_by_id(sources)
    by_rule = _vectors_by_rule(sources.vectors)
    rows = tuple(_row(sources, id_, entries[id_], shown, by_rule) for id_ in sorted(entries))
    return Coverage(rows, tuple(_faults(sources, accounts)))


def _read(name: str, text: str) -> dict[str, Implementation]:
    return read_model(parse_yaml(name, text, RulebookError), CoverageFile, RulebookError).coverage


def _row(
    sources: Sources,
    id_: str,
    entry: Implementation,
    shown: Mapping[str, set[str]],
    by_rule: Mapping[str, set[str]],
) -> Row:
    rules = sorted(name for name, implements in sources.rules.items() if id_ in implements)
    vectors = shown.get(id_, set()).union(*(by_rule.get(name, set()) for name in rules))
    text = sources.requirements.get(id_, "")
    return Row(id_, text, entry, tuple(rules), tuple(sorted(vectors)))


def _vectors_by_id(sources: Sources) -> dict[str, set[str]]:
    """A case is about the longest id with which its name begins: child:L-29 for child:L-29-adult."""
    found: dict[str, set[str]] = {}
    for vector in sources.vectors:
        name = vector.case
        while name and name not in sources.requirements:
            name = name.rpartition("-")[0]
        if name:
            found.setdefault(name, set()).add(vector.case)
    return found


def _vectors_by_rule(vectors: Iterable[Vector]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for vector in vectors:
        for rule in vector.rules:
            found.setdefault(rule, set()).add(vector.case)
    return found


def _faults(sources: Sources, accounts: Mapping[str, Mapping[str, Implementation]]) -> Iterator[str]:
    for name, account in sorted(accounts.items()):
        yield from _file_faults(sources, name, account)
        for id_, entry in account.items():
            yield from (f"{name}: {id_}: {fault}" for fault in _entry_faults(sources, id_, entry))
    yield from _ceiling_faults(sources, accounts)
    for rule, implements in sorted(sources.rules.items()):
        for id_ in sorted(implements - sources.requirements.keys()):
            yield f"rule {rule}: implements {id_}, which requirements.yaml does not list: correct the id"
    for name, satisfies in sources.records.items():
        for id_ in sorted(satisfies - sources.requirements.keys()):
            yield f"record {name}: satisfies {id_}, which requirements.yaml does not list: correct the id"


def _file_faults(sources: Sources, name: str, account: Mapping[str, Implementation]) -> Iterator[str]:
    domain = name.removesuffix(".yaml")
    expected = [id_ for id_ in sources.requirements if domain_of(id_) == domain]
    if not expected:
        yield f"{name}: no domain file is called {domain}: name it after one"
    for id_ in expected:
        if id_ not in account:
            yield f"{name}: {id_} is missing: say how it is implemented"
    for id_ in account:
        if id_ not in expected:
            yield f"{name}: {id_} is not an id of {domain} in requirements.yaml: correct or remove it"


def _entry_faults(sources: Sources, id_: str, entry: Implementation) -> Iterator[str]:
    if entry.state is State.RULE:
        for name in entry.by:
            if name not in sources.rules:
                yield f"by: there is no rule {name}"
        if not any(id_ in sources.rules.get(name, ()) for name in entry.by):
            yield f"none of {', '.join(entry.by)} has it under `implements`: add it there"
    elif entry.state is State.PREREQUISITE and sources.prerequisites.isdisjoint(entry.by):
        yield f"by: none of {', '.join(entry.by)} is a prerequisite or a fact"
    elif entry.state is State.RECORD:
        yield from _record_faults(sources, id_, entry)


def _record_faults(sources: Sources, id_: str, entry: Implementation) -> Iterator[str]:
    """What is on record says so itself: a type of record lists the ids that it satisfies."""
    for name in entry.by:
        if name in sources.records:
            if id_ not in sources.records[name]:
                yield f"by: {name} does not have it under `satisfies`: add it in gateway.core.log"
        elif not any(name in known for known in (sources.stated, sources.rules, sources.prerequisites)):
            yield f"by: {name} is no type or member of a record, and nothing that the contract names"


def _ceiling_faults(sources: Sources, accounts: Mapping[str, Mapping[str, Implementation]]) -> Iterator[str]:
    ceilings = _ceilings(sources.files.get(CEILINGS))
    for name, account in sorted(accounts.items()):
        domain = name.removesuffix(".yaml")
        later = sum(1 for each in account.values() if each.state is State.LATER)
        ceiling = ceilings.get(domain)
        if ceiling is None:
            yield f"{CEILINGS}: write `{domain}: {later}`: how many ids of it may wait"
        elif later > ceiling:
            yield f"{name}: {later} ids wait, at most {ceiling} may: what waits may only become less"
        elif later < ceiling:
            yield f"{CEILINGS}: lower {domain} from {ceiling} to {later}: what waits may only become less"


def _ceilings(text: str | None) -> dict[str, int]:
    if text is None:
        return {}
    return read_model(parse_yaml(CEILINGS, text, RulebookError), Ceilings, RulebookError).ceilings
