"""The leaf grammar: paths, and the fields they lead through (docs/leaf-form.md).

A path names one leaf: `document.offences[0a...f3].title`, `document.labels{"a.b"}`. Its *shape* is the path
without labels and keys, `document.offences.title`: what a rule, an annotation or an error speaks about.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from services.kit.evidence.errors import MalformedPathError, UnknownPathError

LABEL_DIGITS = 20
MAX_PATH_LENGTH = 1_024

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_LABEL = r"\[[0-9a-f]{20}\]"
_INDEX = r"\[(?:0|[1-9][0-9]{0,5})\]"
_KEY = r'\{"(?:[^"\\\x00-\x1f]|\\["\\bfnrt]|\\u00[01][0-9a-f])*"\}'
_PATH = re.compile(rf"{_NAME}(?:\.{_NAME}(?:{_LABEL}|{_KEY})?)*")
_INDEXED_PATH = re.compile(rf"{_NAME}(?:\.{_NAME}(?:{_INDEX}|{_LABEL}|{_KEY})?)*")
_SEGMENT = re.compile(rf"({_NAME})({_LABEL}|{_INDEX}|{_KEY})?")
_SELECTOR = re.compile(rf"{_LABEL}|{_KEY}")
_LABELS = re.compile(_LABEL)


class Segment(NamedTuple):
    """One step of a path: a field, and which of its elements (label) or entries (key) if it has several."""

    name: str
    label: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Path:
    """A parsed path: the root's prefix and the steps below it; no steps means the root itself."""

    prefix: str
    segments: tuple[Segment, ...]

    @property
    def shape(self) -> str:
        """The path without labels and keys."""
        return ".".join((self.prefix, *(segment.name for segment in self.segments)))


def is_path(text: str) -> bool:
    """Whether a text is written in the leaf grammar, in its one form."""
    if len(text) > MAX_PATH_LENGTH or _PATH.fullmatch(text) is None:
        return False
    return "{" not in text or all(_is_canonical_key(part) for part in _SELECTOR.findall(text))


def parse_path(text: str) -> Path:
    """Takes a path apart.

    Raises:
        MalformedPathError: it is not in the leaf grammar, or longer than 1,024 characters.
    """
    # Plain paths recur from one exchange to the next. Others are not kept: a key may be personal data.
    return _parse(text) if "[" in text or "{" in text else _parse_plain(text)


def shape_of(path: str) -> str:
    """The shape of a well-formed path. Cheap: for use on every leaf."""
    if "{" in path:
        return _SELECTOR.sub("", path)
    return _LABELS.sub("", path) if "[" in path else path


def covers(prefix: str, path: str) -> bool:
    """Whether a path is the prefix itself or lies below it, at a boundary of the grammar.

    `document.a` covers `document.a`, `document.a.b`, `document.a[...]` and not `document.ab`.
    """
    return path.startswith(prefix) and path[len(prefix) : len(prefix) + 1] in ("", ".", "[", "{")


def parts_above(path: str) -> Iterator[str]:
    """Every prefix that covers a path, the longest, the path itself, first.

    To look a path up among many prefixes: asking each whether it covers takes as long as there are prefixes,
    and their number is the sender's to choose.
    """
    yield path
    for end in range(len(path) - 1, -1, -1):
        if path[end] in ".[{":
            yield path[:end]


def fields_along(path: str, descriptor: Descriptor) -> tuple[FieldDescriptor, ...]:
    """The fields from the root to the leaf, outermost first; empty for the root itself.

    An entry of a map leads to the map's field; below it, to the fields of the map's value.

    Args:
        path: a well-formed path, or a shape.
        descriptor: the message type at the root.

    Raises:
        UnknownPathError: a step names no field, or goes on below a scalar.
    """
    return _fields_of_shape(shape_of(path), descriptor)


def label_path(indexed: str, paths: Iterable[str]) -> str:
    """Replaces indices by labels: `document.offences[1]` becomes `document.offences[<label of the second>]`.

    People and systems count; a seal must not (design section 4). Used for provenance, whose prefixes are
    written with indices and travel with labels.

    Args:
        indexed: a path or prefix of paths in which elements may be given by index, from 0.
        paths: all leaf paths of the message that the indices refer to.

    Raises:
        MalformedPathError: it is not in the grammar.
        UnknownPathError: there is no such element.
    """
    if len(indexed) > MAX_PATH_LENGTH or _INDEXED_PATH.fullmatch(indexed) is None:
        raise MalformedPathError("malformed_path")
    known, steps = list(paths), _SEGMENT.findall(indexed)
    labelled: str = steps[0][0]
    for name, selector in steps[1:]:
        labelled += "." + name
        labelled += _label_at(labelled, selector, known) if _is_index(selector) else selector
    return labelled


def write_key(key: str) -> str:
    """A map key as the grammar writes it: a canonical JSON string (RFC 8785 3.2.2.2) in braces."""
    return "{" + json.dumps(key, ensure_ascii=False) + "}"


@lru_cache(maxsize=8_192)
def _fields_of_shape(shape: str, descriptor: Descriptor) -> tuple[FieldDescriptor, ...]:
    fields: list[FieldDescriptor] = []
    below: Descriptor | None = descriptor
    for name in shape.split(".")[1:]:
        field = below.fields_by_name.get(name) if below is not None else None
        if field is None:
            raise UnknownPathError("unknown_path")
        fields.append(field)
        below = _message_below(field)
    return tuple(fields)


def _message_below(field: FieldDescriptor) -> Descriptor | None:
    below = field.message_type
    if below is not None and below.GetOptions().map_entry:
        return below.fields_by_name["value"].message_type
    return below


def _parse(text: str) -> Path:
    if not is_path(text):
        raise MalformedPathError("malformed_path")
    prefix, *steps = _SEGMENT.findall(text)
    return Path(prefix[0], tuple(_segment(name, selector) for name, selector in steps))


_parse_plain = lru_cache(maxsize=4_096)(_parse)


def _segment(name: str, selector: str) -> Segment:
    if not selector:
        return Segment(name)
    if selector[0] == "[":
        return Segment(name, label=selector[1:-1])
    return Segment(name, key=json.loads(selector[1:-1]))


def _is_canonical_key(selector: str) -> bool:
    if selector[0] == "[":
        return True
    key = json.loads(selector[1:-1])
    return write_key(key) == selector and not any("\ud800" <= char <= "\udfff" for char in key)


def _is_index(selector: str) -> bool:
    return selector.startswith("[") and len(selector) < LABEL_DIGITS + 2


def _label_at(field: str, selector: str, paths: list[str]) -> str:
    start = len(field) + 1
    own = {path[start : start + LABEL_DIGITS] for path in paths if path.startswith(field + "[")}
    position = int(selector[1:-1])
    if position >= len(own):
        raise UnknownPathError("unknown_element", shape=shape_of(field))
    return f"[{sorted(own)[position]}]"
