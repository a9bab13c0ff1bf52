"""`docs/rules.md` and `docs/schema/*.json`: the rulebook for readers and for editors, generated from it.

python -m tools.rules_doc          write them
python -m tools.rules_doc check    fail if they are not what would be written
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from gateway.adapters.coverage import read_sources
from gateway.adapters.files import read_agreements, read_rulebook, rulebook_texts
from gateway.core.coverage import Vector
from gateway.core.errors import DataError, RulebookError
from gateway.core.loading import read_model
from gateway.core.published import agreement_schema, rulebook_schema
from gateway.core.rulebook_model import Rules
from gateway.core.yaml_source import parse_yaml
from services.kit.clocks.limits import immediate
from tools import clocks_text
from tools.commands import CommandError
from tools.paths import ROOT
from tools.requirements import read_requirements
from tools.rules_text import Source, compose

DOCS = ROOT / "docs"


def compose_all() -> dict[Path, str]:
    """Each generated file with its text."""
    return {
        DOCS / "rules.md": compose(read_source()),
        DOCS / "clocks.md": clocks_text.compose(
            read_rulebook(), read_requirements().requirements, immediate()
        ),
        DOCS / "schema" / "rulebook.schema.json": _as_json(rulebook_schema()),
        DOCS / "schema" / "agreement.schema.json": _as_json(agreement_schema()),
    }


def read_source() -> Source:
    """Reads rulebook, agreements, cases and requirements. DataError on a fault in them."""
    book, sources = read_rulebook(), read_sources()
    return Source(
        book=book,
        files={
            name: _rules(name, text) for name, text in rulebook_texts().items() if name.startswith("rules-")
        },
        agreements=read_agreements(ROOT / "deploy" / "agreements", book),
        vectors=_by_rule(sources.vectors),
        requirements=sources.requirements,
    )


def write() -> str:
    """Writes the files; returns what it did."""
    for path, text in compose_all().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return "wrote docs/rules.md and docs/schema"


def check() -> str:
    """Raises `CommandError` if a committed file is not what the rulebook says today."""
    for path, text in compose_all().items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            name = path.relative_to(ROOT)
            raise CommandError(f"{name} is out of date: run `make rules-doc` and commit it")
    return "the rules' page and schemas say what the rulebook says"


def main(arguments: list[str]) -> int:
    """Writes or checks; returns the exit status."""
    try:
        print(check() if arguments == ["check"] else write())
    except (CommandError, DataError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _rules(name: str, text: str) -> Rules:
    return read_model(parse_yaml(name, text, RulebookError), Rules, RulebookError)


def _by_rule(vectors: tuple[Vector, ...]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for vector in vectors:
        for rule in vector.rules:
            found.setdefault(rule, []).append(vector.case)
    return {rule: tuple(sorted(cases)) for rule, cases in found.items()}


def _as_json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
