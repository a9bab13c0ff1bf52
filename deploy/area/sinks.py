"""Where rows go, many at a time: past the gateway's transactions, which would take hours, into its tables.

Nobody else may have the databases open, and what is written may be lost with the power until it is closed.
"""

import sqlite3
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Protocol, Self

import psycopg
from psycopg import sql
from sqlalchemy import Boolean, make_url

from deploy.area.batch import POSITIONED, Batch
from deploy.area.snapshot import COLUMNS
from gateway.adapters.database.tables import METADATA

_FAST: Final = ("journal_mode=OFF", "synchronous=OFF", "secure_delete=OFF", "cache_size=-1000000")
_FLAGS: Final = {
    table.name: [number for number, column in enumerate(table.columns) if isinstance(column.type, Boolean)]
    for table in METADATA.sorted_tables
}


class Sink(Protocol):
    """A database to be filled. Use as a context manager: committed at the end, unless the block raises."""

    def add(self, table: str, rows: list[tuple[Any, ...]]) -> None:
        """Adds rows, columns in the order of the table."""

    def positions(self) -> dict[str, int]:
        """The last position in each table that numbers its rows."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def open_sink(url: str, password: str = "") -> Sink:
    """A sink for a database of the gateway's, by its SQLAlchemy URL."""
    parsed = make_url(url)
    if parsed.drivername.startswith("sqlite"):
        return SqliteSink(Path(parsed.database or ""))
    plain = parsed.set(drivername="postgresql").render_as_string(hide_password=False)
    return PostgresSink(plain, password)


def write_batch(sink: Sink, batch: Batch) -> None:
    """Writes a batch's rows, tables that others refer to first."""
    for table in COLUMNS:
        if batch.rows.get(table):
            sink.add(table, batch.rows[table])


class SqliteSink:
    """A file of SQLite."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        for pragma in _FAST:
            self._connection.execute(f"PRAGMA {pragma}")

    def add(self, table: str, rows: list[tuple[Any, ...]]) -> None:
        """As the protocol."""
        marks = ", ".join("?" * len(COLUMNS[table]))
        self._connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608  # own names

    def positions(self) -> dict[str, int]:
        """As the protocol."""
        return {table: self._last(table) for table in POSITIONED}

    def _last(self, table: str) -> int:
        query = f"SELECT coalesce(max(position), 0) FROM {table}"  # noqa: S608  # own names
        return int(self._connection.execute(query).fetchone()[0])

    def __enter__(self) -> Self:
        self._connection.execute("BEGIN")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._connection.execute("COMMIT")
            self._connection.execute("ANALYZE")
        self._connection.close()


class SecretSink:
    """The file of a key store."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        for pragma in _FAST:
            self._connection.execute(f"PRAGMA {pragma}")

    def add(self, batch: Batch) -> None:
        """Adds a batch's keys and salts."""
        self._connection.executemany("INSERT INTO data_key VALUES (?, ?)", batch.keys)
        self._connection.executemany("INSERT INTO salt VALUES (?, ?, ?)", sorted(batch.salts))

    def __enter__(self) -> Self:
        self._connection.execute("BEGIN")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._connection.execute("COMMIT")
            self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.close()


class PostgresSink:
    """A database of PostgreSQL."""

    def __init__(self, url: str, password: str) -> None:
        self._connection = psycopg.connect(url, password=password or None)
        self._connection.execute("SET synchronous_commit = off")

    def add(self, table: str, rows: list[tuple[Any, ...]]) -> None:
        """As the protocol."""
        columns = sql.SQL(", ").join(map(sql.Identifier, COLUMNS[table]))
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), columns)
        flags = _FLAGS[table]
        with self._connection.cursor().copy(statement) as copy:
            for row in rows:
                copy.write_row(_flagged(row, flags) if flags else row)

    def positions(self) -> dict[str, int]:
        """As the protocol."""
        found = {}
        for table in POSITIONED:
            query = sql.SQL("SELECT coalesce(max(position), 0) FROM {}").format(sql.Identifier(table))
            row = self._connection.execute(query).fetchone()
            found[table] = int(row[0]) if row else 0
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._go_on()
            self._connection.commit()
            self._connection.autocommit = True
            self._connection.execute("VACUUM ANALYZE")
        self._connection.close()

    def _go_on(self) -> None:
        """Has each table number its rows from where these end."""
        for table, last in self.positions().items():
            if last:
                self._connection.execute(
                    "SELECT setval(pg_get_serial_sequence(%s, 'position'), %s)", (table, last)
                )


def _flagged(row: tuple[Any, ...], flags: list[int]) -> tuple[Any, ...]:
    changed = list(row)
    for number in flags:
        changed[number] = None if row[number] is None else bool(row[number])
    return tuple(changed)
