"""Leaves in words: what a field is called, and what a value says to somebody who never saw the contract."""

import re
from datetime import date
from typing import Final

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from publicprotection.privacy.v1 import privacy_pb2

from services.kit.evidence.paths import fields_along, parse_path, shape_of
from services.kit.evidence.values import JsonValue
from services.kit.subject_access.rules import read_wording

_DATE: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:T([0-9]{2}:[0-9]{2})[^ ]*)?")
_WORD: Final = re.compile(r"[A-Za-z]+")
_LABEL: Final = re.compile(r"\[[0-9a-f]{20}\]")


def title_of(document: Descriptor) -> str:
    """What a document is called."""
    options = document.GetOptions().Extensions[privacy_pb2.document]
    return options.title or document.name


def in_words(text: str) -> str:
    """A phrase as it is written: a capital first, and acronyms in theirs."""
    known = {each.casefold(): each for each in read_wording().acronyms}
    words = _WORD.sub(lambda match: known.get(match[0].casefold(), match[0]), text)
    return words[:1].upper() + words[1:]


def label_of(path: str) -> str:
    """What a leaf is called: its fields, from the outermost."""
    words = [part.replace("_", " ") for part in shape_of(path).split(".")[1:]]
    named = ": ".join(each for index, each in enumerate(words) if index == 0 or each != words[index - 1])
    return in_words(named)


def group_of(path: str) -> str:
    """The element of a list in which a leaf stands, or empty: leaves of one element belong together."""
    found = _LABEL.search(path)
    return path[: found.end()] if found and found.end() < len(path) else ""


def place_of(document: Descriptor, path: str) -> tuple[tuple[int, str], ...]:
    """Where a leaf stands in its document: by the order of the contract, and of elements in their list."""
    fields = fields_along(shape_of(path), document)
    labels = (segment.label or segment.key or "" for segment in parse_path(path).segments)
    return tuple((field.index, label) for field, label in zip(fields, labels, strict=True))


def show_value(document: Descriptor, path: str, value: JsonValue) -> str:
    """A value in words."""
    fields = fields_along(shape_of(path), document)
    leaf = fields[-1]
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if leaf.type == FieldDescriptor.TYPE_ENUM and leaf.enum_type is not None and isinstance(value, str):
        return _show_enum(leaf.enum_type, value)
    return show_date(value) if isinstance(value, str) else str(value)


def show_date(value: str) -> str:
    """`2026-11-23` as `23 November 2026`, with the time if there is one; anything else as it is."""
    match = _DATE.fullmatch(value)
    if match is None:
        return value
    day = date(int(match[1]), int(match[2]), int(match[3]))
    written = f"{day.day} {day:%B %Y}"
    return f"{written}, {match[4]} UTC" if match[4] else written


def _show_enum(kind: EnumDescriptor, value: str) -> str:
    prefix = kind.values_by_number[0].name.removesuffix("UNSPECIFIED")
    return in_words(value.removeprefix(prefix).replace("_", " ").lower())
