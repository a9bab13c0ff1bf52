"""Reads what coverage is worked out from: requirements, the accounts of them, rules and vectors."""

from pathlib import Path
from typing import Any, Final

import yaml

from gateway.adapters.files import RULEBOOK, read_rulebook, rulebook_texts
from gateway.core.contract_names import contract_names
from gateway.core.coverage import Sources, Vector, read_implements
from gateway.core.errors import CaseFileError, RulebookError
from gateway.core.log.specs import record_names
from gateway.core.vocabulary import fact_names

VECTORS: Final = RULEBOOK.parent.parent / "tests" / "vectors" / "decision"
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_sources(rulebook: Path = RULEBOOK, vectors: Path = VECTORS) -> Sources:
    """Reads all of it. RulebookError or CaseFileError on a fault in a file; OSError if one is unreadable."""
    known = _mapping(rulebook / "requirements.yaml").get("requirements", {})
    return Sources(
        requirements={name: str(each.get("text", "")) for name, each in known.items()},
        files={
            each.name: each.read_text(encoding="utf-8")
            for each in sorted((rulebook / "coverage").glob("*.yaml"))
        },
        rules=read_implements(rulebook_texts(rulebook)),
        vectors=read_vectors(vectors),
        prerequisites=frozenset({*read_rulebook(rulebook).prerequisites, *fact_names()}),
        records=record_names(),
        stated=contract_names() | {file.name for file in rulebook.glob("*.yaml")},
    )


def read_vectors(folder: Path = VECTORS) -> tuple[Vector, ...]:
    """The names of cases, and the rules that they expect to fire."""
    return tuple(_vector(file) for file in sorted(folder.glob("**/*.yaml")))


def _vector(file: Path) -> Vector:
    value = _load(file)
    if not isinstance(value, dict) or "case" not in value:
        raise CaseFileError(file.name, 1, "", "case: is missing: write it")
    expected = value.get("expect") or {}
    rules = (rule for each in expected.values() for rule in each.get("rules") or ())
    return Vector(str(value["case"]), frozenset(rules))


def _mapping(file: Path) -> dict[str, Any]:
    value = _load(file)
    if not isinstance(value, dict):
        raise RulebookError(file.name, 1, "", "must be a mapping")
    return value


def _load(file: Path) -> Any:
    try:
        return yaml.load(file.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - a SafeLoader, in C
    except yaml.MarkedYAMLError as fault:
        line = fault.problem_mark.line + 1 if fault.problem_mark else 0
        raise RulebookError(file.name, line, "", f"not YAML: {fault.problem}") from None
