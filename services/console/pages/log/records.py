"""Records of the disclosure log in plain words: what each member of an entry says."""

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any, Final

from publicprotection.oversight.v1.disclosure_log_service_pb2 import LogRecord, RecordText

from services.console import words
from services.console.pages.log.entries import moment_of, read_members, read_time
from services.console.pages.log.filter_words import filter_lines
from services.kit.words import plain

GROUPS: Final = {
    "what": "What happened",
    "who": "Who",
    "why": "Why",
    "decided": "What was decided",
    "asked": "What was asked",
    "technical": "For the file",
}
"""Headings of a record's page, in order."""


_LABEL: Final = re.compile(r"\[[^\]]*\]")


@dataclass(frozen=True, slots=True)
class Line:
    """One member of an entry, as a page shows it.

    Attributes:
        label: what it is called.
        form: how it is shown: text, list, rules, moment, exchange, record, hash, id, quote, pairs, paths or
            apart.
        value: fit for that form.
        cite: what asks for it; may be empty.
    """

    label: str
    form: str
    value: Any = field(repr=False)
    cite: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Lines under a heading."""

    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A record in a list.

    Attributes:
        at: None of one whose entry was pruned.
        by: whose act it is, and `to` where it went: names.
    """

    index: int
    record_hash: str
    at: datetime | None
    title: str
    by: str
    to: str
    exchange: str
    about: str


@dataclass(frozen=True, slots=True)
class Member:
    """How a member is called and written; see record_words.toml."""

    label: str
    kind: str
    group: str
    cite: str


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What records and their members are called.

    Attributes:
        types: title and meaning, by type.
        members: by name.
        verbs: names of operations.
    """

    types: Mapping[str, tuple[str, str]]
    members: Mapping[str, Member]
    verbs: Mapping[str, str]


@cache
def vocabulary() -> Vocabulary:
    """The words, read once."""
    read = tomllib.loads(
        (files("services.console.pages.log") / "record_words.toml").read_text(encoding="utf-8")
    )
    return Vocabulary(
        types={name: (title, meaning) for name, (title, meaning) in read["types"].items()},
        members={name: Member(*said) for name, said in read["members"].items()},
        verbs=read["verbs"],
    )


def title_of(kind: str) -> str:
    """What a type of record is called."""
    return vocabulary().types.get(kind, (words.code(kind), ""))[0]


def meaning_of(kind: str) -> str:
    """What a type of record says, as a sentence or two."""
    return vocabulary().types.get(kind, ("", ""))[1]


def row_of(record: LogRecord) -> Row:
    """A record for a list."""
    said = read_members(record)
    by = said.get("sender") or said.get("organisation") or ""
    to = said.get("recipient") or said.get("told") or ""
    about = said.get("document_type") or said.get("queried") or said.get("change") or said.get("limit") or ""
    return Row(
        index=record.index,
        record_hash=record.record_hash,
        at=read_time(record),
        title=title_of(said["type"]) if "type" in said else "Deleted at the end of its time",
        by=words.organisation(by) if by else "",
        to=_desk(to) if to else "",
        exchange=said.get("exchange") or said.get("queried_exchange") or "",
        about=_name_about(said, about),
    )


def sections_of(record: LogRecord, texts: Mapping[str, RecordText]) -> tuple[Section, ...]:
    """A record for its page.

    Args:
        record: whole, or an excerpt.
        texts: those that were opened, by the member that commits to them.
    """
    said = read_members(record)
    known = vocabulary().members
    grouped: dict[str, list[Line]] = {name: [] for name in GROUPS}
    for name, member in known.items():
        if name in said:
            grouped[member.group].append(_line(name, member, said[name], texts.get(name)))
    grouped["technical"] += [_unknown(name, said[name]) for name in said if name not in known]
    return tuple(Section(GROUPS[name], tuple(lines)) for name, lines in grouped.items() if lines)


def _line(name: str, member: Member, value: Any, text: RecordText | None) -> Line:
    if text is not None:
        form, shown = _opened(name, text)
        return Line(member.label, form, shown, member.cite)
    form, read = _KINDS.get(member.kind, ("text", str))
    return Line(member.label, form, read(value), member.cite)


def _unknown(name: str, value: Any) -> Line:
    return Line(words.code(name.upper()), "text", value if isinstance(value, str) else json.dumps(value))


def _opened(member: str, text: RecordText) -> tuple[str, Any]:
    """A text that an entry commits to, as sentences, as pairs of name and value, or field by field."""
    value = json.loads(text.text)
    if not isinstance(value, dict):
        return "quote", str(value)
    if set(value) == {"name", "role"}:
        return "text", f"{value['name']}, {words.job(value['role'])}"
    if set(value) == {"reason"}:
        return "quote", str(value["reason"])
    if member == "paths_commitment":
        return "paths", [(words.code(str(name).upper()), _paths(each)) for name, each in value.items()]
    return "pairs", [(_path(str(name)), _flat(each)) for name, each in value.items()]


def _paths(value: Any) -> list[str]:
    """Fields, each with the rule that bore on it where there is one."""
    rows = [each if isinstance(each, list) else [each] for each in value] if isinstance(value, list) else []
    return [": ".join((_path(str(row[0])), *(_code(str(each)) for each in row[1:]))) for row in rows]


def _path(path: str) -> str:
    """A field's path in words: `document.victims[…].relationship` becomes `Victims, relationship`."""
    parts = [each for each in _LABEL.sub("", path).split(".") if each != "document"]
    return words.sentence(", ".join(plain(part).lower() for part in parts))


def _code(value: str) -> str:
    return words.NOTHING if value == "UNSPECIFIED" else words.code(value)


def _references(values: Any) -> list[str]:
    """Agreements, each with version and clause: three lists side by side, with commas between."""
    columns = [str(each).split(", ") for each in values]
    return [", ".join(filter(None, (row[0], *row[1:]))) for row in zip(*columns, strict=False)]


def _flat(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(_flat(each) for each in value)
    if isinstance(value, dict):
        return ", ".join(f"{words.code(str(name).upper())}: {_flat(each)}" for name, each in value.items())
    return str(value)


def _name_about(said: Mapping[str, Any], about: str) -> str:
    if not about:
        return ""
    return words.document(about) if about == said.get("document_type") else words.code(about)


def _desk(written: str) -> str:
    organisation, _, desk = written.partition("/")
    named = words.organisation(organisation)
    return f"{named}, {words.desk(organisation, desk)}" if desk else named


def _codes(values: Any) -> list[str]:
    return [_code(str(each)) for each in values]


def _rules(rows: Any) -> list[tuple[str, str]]:
    return [(str(row[0]), ", ".join(words.code(str(each)) for each in row[1:])) for row in rows]


def _facts(rows: Any) -> list[str]:
    return [_fact([str(each) for each in row]) for row in rows]


def _fact(row: list[str]) -> str:
    name, *rest = row
    said_by = f", by {words.organisation(rest[1])}" if len(rest) > 1 else ""
    return f"{words.code(name)}: {words.code(rest[0])}{said_by}" if rest else words.code(name)


def _escalations(rows: Any) -> list[str]:
    return [f"{row[0]}, {words.moment(moment_of(row[-1]))}" for row in rows]


def _mentioned(rows: Any) -> list[str]:
    return [words.code(str(row[0])) for row in rows]


def _commitments(values: Any) -> str:
    return words.count_of(len(values), "person", "people")


def _yes(value: Any) -> str:
    return "Yes" if value else "No"


def _apart(_value: Any) -> str:
    return ""


_KINDS: Final[Mapping[str, tuple[str, Callable[[Any], Any]]]] = {
    "moment": ("moment", moment_of),
    "verb": ("text", lambda value: vocabulary().verbs.get(value, words.code(value))),
    "exchange": ("exchange", str),
    "record": ("record", str),
    "id": ("id", str),
    "ids": ("list", lambda values: [str(each) for each in values]),
    "hash": ("hash", str),
    "hashes": ("list", lambda values: [str(each) for each in values]),
    "document": ("text", words.document),
    "code": ("text", _code),
    "references": ("list", _references),
    "codes": ("list", _codes),
    "types": ("list", lambda values: [title_of(each) for each in values]),
    "number": ("text", lambda value: f"{value:,}"),
    "yes": ("text", _yes),
    "organisation": ("text", words.organisation),
    "desk": ("text", _desk),
    "desks": ("list", lambda values: [_desk(each) for each in values]),
    "categories": ("list", lambda values: [words.sentence(words.category(each)) for each in values]),
    "rules": ("rules", _rules),
    "facts": ("list", _facts),
    "filters": ("list", filter_lines),
    "escalations": ("list", _escalations),
    "mentioned": ("list", _mentioned),
    "commitment": ("apart", _apart),
    "commitments": ("text", _commitments),
    "person": ("apart", _apart),
    "text": ("apart", _apart),
}
"""From a member's kind to the form in which it is shown, and what reads it."""
