"""Writes settings as TOML; only the shapes that settings files here have."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

Value = str | int | float | bool | Path | list[str]
Table = Mapping[str, "Value | Mapping[str, Value]"]


def render(settings: Table) -> str:
    """Render top-level values, then one table for each mapping. Paths are written as they are.

    >>> print(render({"organisation": "a", "listen": {"port": 1}}))
    organisation = "a"
    <BLANKLINE>
    [listen]
    port = 1
    <BLANKLINE>
    """
    plain = {name: value for name, value in settings.items() if not isinstance(value, Mapping)}
    tables = {name: value for name, value in settings.items() if isinstance(value, Mapping)}
    parts = [_lines(plain), *(f"[{name}]\n{_lines(table)}" for name, table in tables.items())]
    return "\n".join(part for part in parts if part)


def _lines(values: Mapping[str, Value]) -> str:
    return "".join(f"{name} = {_value(value)}\n" for name, value in values.items())


def _value(value: Value) -> str:
    # JSON's strings, numbers, booleans and arrays of strings are TOML's too.
    return json.dumps(str(value) if isinstance(value, Path) else value)
