"""Writes settings as TOML; only the shapes that settings files here have."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

Value = str | int | float | bool | Path | list[str]
Table = Mapping[str, Any]
"""Values, further tables, and lists of tables, by name."""


def render(settings: Table) -> str:
    """Render values first, then a table for each mapping, and one for each of a list of mappings.

    Paths are written as they are.

    >>> print(render({"organisation": "a", "listen": {"port": 1}, "clients": [{"id": "b"}]}))
    organisation = "a"
    <BLANKLINE>
    [listen]
    port = 1
    <BLANKLINE>
    [[clients]]
    id = "b"
    <BLANKLINE>
    """
    return "\n".join(_render(settings, ""))


def _render(table: Table, prefix: str, head: str = "") -> Iterator[str]:
    """The table's own lines, unless it has none and no head of its own; then what is inside."""
    plain = {name: value for name, value in table.items() if not _is_nested(value)}
    if plain or head:
        lines = "".join(f"{name} = {_value(value)}\n" for name, value in plain.items())
        yield (f"{head}\n" if head else "") + lines
    for name, value in table.items():
        path = f"{prefix}{name}"
        if isinstance(value, Mapping):
            yield from _render(value, f"{path}.", f"[{path}]")
        elif _is_nested(value):
            for item in value:
                yield from _render(item, f"{path}.", f"[[{path}]]")


def _is_nested(value: Any) -> bool:
    items = value if isinstance(value, list) else [value]
    return any(isinstance(item, Mapping) for item in items)


def _value(value: Any) -> str:
    # JSON's strings, numbers, booleans and arrays of strings are TOML's too.
    return json.dumps(str(value) if isinstance(value, Path) else value)
