"""The pages of `docs/rules.md`: what the rulebook says, for whoever is to sign it (Markdown)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from gateway.core.agreements import Agreement
from gateway.core.rulebook import Rulebook
from gateway.core.rulebook_model import Rule, Rules
from gateway.core.wording.rules import effects
from gateway.core.wording.words import scope, spelt_out, told, word
from tools.rules_tables import compose_tables

_INTRODUCTION: Final = """\
# The rules

Written by `make rules-doc` from the rulebook and the agreements; do not edit it. Every rule says what it
does, under which paragraph, to which exchanges it applies, what lifts it, what each side is told, and which
cases under `tests/vectors/decision` show it. Nothing is released unless every step permits it:

1. Sender, recipient and desk are known.
2. The release kind carries the document to that recipient.
3. A lawful basis covers the flow, and a condition covers sensitive data at both ends.
4. An agreement covers it, or the minimum set may go without one.
5. The marking fits the desk's clearance.
6. The purpose needs each category.
7. Owners of the information have agreed where they must.
8. Prerequisites are met.
9. Necessity is stated.
10. Rules withhold, generalise, hold or refuse.
11. Prohibitions remove what must never go, whatever an agreement says; `ppg rulebook prove` tries everything.

Where a condition of a rule cannot be evaluated the rule applies. Categories are named by whom they are about
and what they are, such as *subject offence*; what has no category is never released.
"""
_SIGNATURE: Final = """\
| signed for | name | role | date |
|---|---|---|---|
| | | | |
"""


@dataclass(frozen=True, slots=True)
class Source:
    """All that the page is made of: files of rules by name, cases by rule, requirements by id."""

    book: Rulebook
    files: Mapping[str, Rules]
    agreements: tuple[Agreement, ...]
    vectors: Mapping[str, tuple[str, ...]]
    requirements: Mapping[str, str]


def compose(source: Source) -> str:
    """The whole page, ending in one newline."""
    lines = [_INTRODUCTION, f"Rulebook version: `{source.book.version}`", "", _SIGNATURE]
    lines.extend(_contents(source))
    for name, file in sorted(source.files.items(), key=lambda each: (each[1].guidance, each[0])):
        lines.extend(_file(source, name, file))
    lines.extend(compose_tables(source.book, source.agreements))
    return "\n".join(lines).rstrip() + "\n"


def _contents(source: Source) -> Iterator[str]:
    rules = [rule for file in source.files.values() for rule in file.rules]
    shown = sum(1 for rule in rules if source.vectors.get(rule.id))
    yield f"{len(rules)} rules in {len(source.files)} files, of which {shown} are shown by a case."
    yield ""


def _file(source: Source, name: str, file: Rules) -> Iterator[str]:
    parts = name.removeprefix("rules-").removesuffix(".yaml").split("-")
    theme = " ".join(parts[1:]) or "general"
    yield f"## {file.guidance}: {theme}"
    yield ""
    yield f"Edition: {file.edition}. File: `{name}`."
    yield ""
    for rule in sorted(file.rules, key=lambda each: each.id):
        yield from _rule(source, rule)


def _rule(source: Source, rule: Rule) -> Iterator[str]:
    yield f"### {rule.id}"
    yield ""
    yield rule.reason
    yield ""
    yield from (f"- **{label}**: {text}" for label, text in _facets(source, rule) if text)
    yield ""


def _facets(source: Source, rule: Rule) -> Iterator[tuple[str, str]]:
    in_force = any(each.rule.id == rule.id for each in source.book.rules)
    yield "Not in force", "" if in_force else "another option was chosen, see Contradictions"
    yield "Paragraph", rule.paragraph
    yield "Effect", "; ".join(effects(source.book, rule))
    yield "Applies", scope(rule.applies)
    yield "Condition", f"{spelt_out(rule.when)} (`{' '.join(rule.when.split())}`)" if rule.when else ""
    yield "Only", f"what comes from the system {rule.system}" if rule.system else ""
    yield "Lifted by", " or ".join(f"{word(fact)} (`{fact}`)" for fact in rule.unless)
    yield "In force while", ", ".join(f"{name} is {option}" for name, option in rule.chosen.items())
    yield "Told", told(rule.tell)
    yield "Implements", "; ".join(f"{name} ({_line(source, name)})" for name in rule.implements)
    yield "Shown by", ", ".join(source.vectors.get(rule.id, ())) or "no case yet"


def _line(source: Source, requirement: str) -> str:
    return source.requirements.get(requirement, "not listed")
