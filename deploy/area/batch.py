"""Rows on their way into the databases, many threads' at once."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from deploy.area.snapshot import COLUMNS


@dataclass
class Batch:
    """Rows by table, in the order of their columns, and what goes into the key store.

    Attributes:
        positions: the last that each table gave out.
    """

    rows: dict[str, list[tuple[Any, ...]]] = field(default_factory=lambda: defaultdict(list))
    keys: list[tuple[str, bytes]] = field(default_factory=list)
    salts: list[tuple[str, str, bytes]] = field(default_factory=list)
    positions: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def add_positioned(self, table: str, *values: Any) -> None:
        """Adds a row of a table whose first column is its position."""
        self.positions[table] += 1
        self.rows[table].append((self.positions[table], *values))

    def clear(self) -> None:
        """Begins anew; positions go on."""
        self.rows.clear()
        self.keys.clear()
        self.salts.clear()


POSITIONED = frozenset(name for name, columns in COLUMNS.items() if columns[0] == "position")
"""Tables that number their rows."""
