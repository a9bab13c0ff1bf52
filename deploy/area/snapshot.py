"""What a rehearsal's database holds at a moment, by thread, as its driver gives it."""

import re
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from deploy.area.play import Thread
from gateway.adapters.database.tables import METADATA

Values = tuple[Any, ...]
Rows = dict[str, list[Values]]

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    table.name: tuple(column.name for column in table.columns) for table in METADATA.sorted_tables
}
"""Names of each table's columns; tables that others refer to first."""

NOT_OF_THREADS: Final = frozenset({"log_head", "log_tile", "log_checkpoint", "log_cosignature", "in_force"})
LISTINGS: Final = {"log_listing": "log_record", "register_listing": "exchange"}
"""Tables of positions, and whose positions they are."""

_SCOPES: Final = ("exchange:", "subject:")
_ID: Final = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")


@dataclass(frozen=True)
class Snapshot:
    """The rows of every thread by table, at a moment."""

    at: datetime
    threads: list[Rows]


def take_snapshot(database: Path, threads: Iterable[Thread], at: datetime) -> Snapshot:
    """Reads a rehearsal's database."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        found = {name: _read(connection, name) for name in COLUMNS if name not in NOT_OF_THREADS}
    finally:
        connection.close()
    everybody = list(threads)
    finder = _Finder({sent: number for number, each in enumerate(everybody) for sent in each.sent})
    finder.learn_subjects(found["subject_mention"])
    sorted_rows: list[Rows] = [{} for _ in everybody]
    for name in sorted(found, key=LISTINGS.__contains__):  # by then it is known whose each position is
        for row in found[name]:
            number = finder.find(name, row)
            if number is not None:
                sorted_rows[number].setdefault(name, []).append(row)
    return Snapshot(at, sorted_rows)


def _read(connection: sqlite3.Connection, name: str) -> list[Values]:
    columns = ", ".join(f'"{each}"' for each in COLUMNS[name])
    order = " ORDER BY position" if "position" in COLUMNS[name] else ""
    return connection.execute(f"SELECT {columns} FROM {name}{order}").fetchall()  # noqa: S608  # own names


class _Finder:
    """Finds the thread of a row by the ids that stand in it."""

    def __init__(self, known: dict[Any, int]) -> None:
        self._known = known

    def learn_subjects(self, mentions: Iterable[Values]) -> None:
        """Whom an exchange mentions belongs to its thread: in a rehearsal nobody is named in two."""
        subject, exchange = (COLUMNS["subject_mention"].index(name) for name in ("subject_id", "exchange_id"))
        for row in mentions:
            self._known[row[subject]] = self._known[row[exchange]]

    def find(self, name: str, row: Values) -> int | None:
        """The thread; rows that come later in the order of tables are known by what this one is called."""
        columns = COLUMNS[name]
        if name in LISTINGS:
            return self._known.get((LISTINGS[name], row[columns.index("position")]))
        number = next((self._known[key] for key in _keys(row) if key in self._known), None)
        if number is None and name == "log_record":
            number = next((self._known[key] for key in _ID.findall(row[1] or "") if key in self._known), None)
        if number is not None:
            self._learn(name, row, number)
        return number

    def _learn(self, name: str, row: Values, number: int) -> None:
        for column, value in zip(COLUMNS[name], row, strict=True):
            if column == "position":
                self._known[name, value] = number
            elif column.endswith("_id") and (isinstance(value, bytes) or _is_id(value)):
                self._known.setdefault(value, number)


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def _keys(row: Values) -> Iterable[Any]:
    for value in row:
        if isinstance(value, str) and value.startswith(_SCOPES):
            yield value.partition(":")[2]
        elif isinstance(value, str | bytes):
            yield value
