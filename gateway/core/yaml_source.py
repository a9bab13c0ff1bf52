"""YAML with line numbers, read narrowly: a rule's error must name the line to mend.

Only true, false, null and numbers have types (YAML 1.2): `YES`, `no` and `2026-11-23` stay text, as written.
A key given twice is refused; the second would silently win.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import yaml

from gateway.core.errors import DataError

Location = tuple[int | str, ...]

_TYPED: Final = {"true": True, "false": False, "null": None, "~": None, "": None}
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"[-+]?[0-9]+\.[0-9]+")


@dataclass(frozen=True, slots=True)
class Source:
    """A parsed file: its value, and the line of each place in it."""

    file: str
    value: Any
    lines: dict[Location, int]

    def line_of(self, location: Location) -> int:
        """The line of a place, or of the nearest place above it that has one."""
        while location and location not in self.lines:
            location = location[:-1]
        return self.lines.get(location, 1)

    def item_at(self, location: Location) -> str:
        """The `id` of the innermost entry around a place; empty if none has one."""
        for end in range(len(location), -1, -1):
            identity = _id_of(self._value_at(location[:end]))
            if identity:
                return identity
        return ""

    def _value_at(self, location: Location) -> Any:
        value = self.value
        for step in location:
            try:
                value = value[step]
            except (KeyError, IndexError, TypeError):
                return None
        return value


def parse_yaml(file: str, text: str, error: type[DataError]) -> Source:
    """Reads one YAML document.

    Raises:
        DataError: of the class given, where the text is not YAML or says a key twice.
    """
    lines: dict[Location, int] = {}
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as fault:
        line = fault.problem_mark.line + 1 if fault.problem_mark else 0
        raise error(file, line, "", f"not YAML: {fault.problem}") from None
    if node is None:
        raise error(file, 1, "", "the file is empty")
    return Source(file, _value(node, (), lines, _Context(file, error)), lines)


@dataclass(frozen=True, slots=True)
class _Context:
    file: str
    error: type[DataError]


def _value(node: yaml.Node, at: Location, lines: dict[Location, int], context: _Context) -> Any:
    lines[at] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        return dict(_entries(node, at, lines, context))
    if isinstance(node, yaml.SequenceNode):
        return [_value(child, (*at, index), lines, context) for index, child in enumerate(node.value)]
    return _scalar(node)


def _entries(
    node: yaml.MappingNode, at: Location, lines: dict[Location, int], context: _Context
) -> Iterator[tuple[str, Any]]:
    seen: set[str] = set()
    for key_node, child in node.value:
        key, line = str(key_node.value), key_node.start_mark.line + 1
        if key in seen or key == "<<":
            raise context.error(
                context.file, line, "", f"{key!r} stands here twice or is a merge key: write it once"
            )
        seen.add(key)
        yield key, _value(child, (*at, key), lines, context)
        lines[(*at, key)] = line


def _scalar(node: yaml.Node) -> Any:
    text = str(node.value)
    if getattr(node, "style", None):
        return text
    if text in _TYPED:
        return _TYPED[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text


def _id_of(value: Any) -> str:
    return str(value.get("id", "")) if isinstance(value, dict) else ""
