"""Fills a database with a long log, quickly: rows, listings, tiles and a signed head, all of one tree.

Each entry is a real one, written by the gateway, with a nonce, time and exchange of its own. They are written
past the gateway, which would take hours; what is measured afterwards is the gateway's own code on them.
"""

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol, Self

import psycopg

from gateway.app.rows import RecordRow
from gateway.core.log.tiles import TileId, append, plan_append
from services.kit.evidence.checkpoint import Checkpoint, sign_checkpoint
from services.kit.evidence.keys import SigningKey
from services.kit.evidence.merkle import EMPTY_ROOT, leaf_hash
from tests.support.databases import Database, FileDatabase
from tests.support.gateway import NOW

STEP: Final = timedelta(milliseconds=20)
ONE_IN: Final = 10_000
"""How many records there are for each one about the subject whose records are listed."""

_CHUNK: Final = 1 << 16
_RECORDS_OF_EXCHANGE: Final = 4
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_RECORD: Final = ("position", "entry", "record_hash", "type", "exchange_id", "at", "leaf_index")
_LISTING: Final = ("listed_under", "position")
Rows = Sequence[tuple[Any, ...]]


def time_of(index: int) -> datetime:
    """When the record with that index was made."""
    return NOW + index * STEP


@dataclass(frozen=True, slots=True)
class Template:
    """A real entry with places for what differs."""

    kind: str
    text: str

    @classmethod
    def of(cls, row: RecordRow) -> Self:
        """Of a record that the gateway wrote."""
        text = (row.entry or "").replace("%", "%%")
        nonce = text.partition('"nonce":"')[2][:32]
        at = text.partition('"at":"')[2].partition('"')[0]
        places = {nonce: "%(nonce)s", at: "%(at)s", row.exchange_id or nonce: "%(exchange)s"}
        for value, place in places.items():
            text = text.replace(value, place)
        return cls(row.type, text)


class Sink(Protocol):
    """Where rows go, quickly: what is written may be lost with the power."""

    def execute(self, statement: str) -> list[tuple[Any, ...]]:
        """Runs a statement; its rows."""

    def insert(self, table: str, columns: Sequence[str], rows: Rows) -> None:
        """Adds rows."""

    def replace(self, table: str, columns: Sequence[str], rows: Rows, keys: int) -> None:
        """Adds rows, or writes over those with the same first columns."""

    def close(self) -> None:
        """Commits."""


@dataclass(frozen=True, slots=True)
class Filler:
    """Makes a log longer.

    Attributes:
        templates: taken in turn.
        key: the log's.
        subject: key of the listing under which one record of `ONE_IN` stands.
        organisation: key of the listing under which all of them stand.
    """

    templates: Sequence[Template]
    key: SigningKey
    subject: bytes
    organisation: bytes

    def fill(self, database: Database, size: int) -> None:
        """Makes it as long as that, and signs its head; no gateway may have it open."""
        sink = _open(database)
        [(first,)] = sink.execute("SELECT coalesce(max(leaf_index) + 1, 0) FROM log_record")
        [(position,)] = sink.execute("SELECT coalesce(max(position) + 1, 1) FROM log_record")
        root = EMPTY_ROOT
        for start in range(first, size, _CHUNK):
            root = self._extend(sink, start, min(start + _CHUNK, size), position - first)
        if first < size:
            at = time_of(size)
            note = sign_checkpoint(Checkpoint(size, root), self.key, at)
            sink.replace(
                "log_head", ("only", "size", "root", "note", "at"), [(1, size, root, note, _stored(at))], 1
            )
        sink.close()

    def _extend(self, sink: Sink, start: int, end: int, ahead: int) -> bytes:
        """Records with these indexes, positions being ahead of them; the new root."""
        rows, leaves = [], []
        for index in range(start, end):
            kind, exchange, entry = self._entry(index)
            leaf = leaf_hash(entry.encode())
            leaves.append(leaf)
            rows.append((index + ahead, entry, leaf.hex(), kind, exchange, _stored(time_of(index)), index))
        grown = append(start, _tiles(sink, start), leaves)
        sink.insert("log_record", _RECORD, rows)
        sink.insert("log_listing", _LISTING, sorted(self._listings(start, end, ahead)))
        tiles = [(tile.level, tile.number, octets) for tile, octets in grown.tiles.items()]
        sink.replace("log_tile", ("level", "tile", "hashes"), tiles, 2)
        return grown.root

    def _entry(self, index: int) -> tuple[str, str, str]:
        template = self.templates[index % len(self.templates)]
        exchange = hashlib.sha256(b"exchange %d" % (index // _RECORDS_OF_EXCHANGE)).hexdigest()[:32]
        at = time_of(index).isoformat(timespec="milliseconds")
        nonce = hashlib.md5(b"%d" % index, usedforsecurity=False).hexdigest()
        entry = template.text % {"nonce": nonce, "at": at, "exchange": exchange}
        return template.kind, exchange, entry

    def _listings(self, start: int, end: int, ahead: int) -> Iterator[tuple[bytes, int]]:
        """Every record is about somebody: the one subject now and then, others of their own otherwise."""
        for index in range(start, end):
            other = hashlib.sha256(b"subject %d" % (index // _RECORDS_OF_EXCHANGE)).digest()
            yield (other if index % ONE_IN else self.subject), index + ahead
            yield self.organisation, index + ahead


def _tiles(sink: Sink, size: int) -> dict[TileId, bytes]:
    wanted = [f"(level = {tile.level} AND tile = {tile.number})" for tile in plan_append(size)]
    where = " OR ".join(wanted) or "level < 0"
    found = sink.execute(f"SELECT level, tile, hashes FROM log_tile WHERE {where}")  # noqa: S608  # numbers
    return {TileId(level, tile): bytes(hashes) for level, tile, hashes in found}


def _stored(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _open(database: Database) -> Sink:
    if isinstance(database, FileDatabase):
        return _SqliteSink(database)
    return _PostgresSink(psycopg.connect(**database.connection))


class _SqliteSink:
    def __init__(self, database: FileDatabase) -> None:
        self._connection = sqlite3.connect(database.path)
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "secure_delete=OFF", "cache_size=-3000000"):
            self._connection.execute(f"PRAGMA {pragma}")

    def execute(self, statement: str) -> list[tuple[Any, ...]]:
        return self._connection.execute(statement).fetchall()

    def insert(self, table: str, columns: Sequence[str], rows: Rows, rest: str = "") -> None:
        marks = ", ".join("?" * len(columns))
        statement = f"INSERT INTO {table} ({_names(columns)}) VALUES ({marks}) {rest}"  # noqa: S608  # own
        self._connection.executemany(statement, rows)

    def replace(self, table: str, columns: Sequence[str], rows: Rows, keys: int) -> None:
        self.insert(table, columns, rows, _over(columns, keys))

    def close(self) -> None:
        self._connection.commit()
        self._connection.close()


class _PostgresSink:
    def __init__(self, connection: "psycopg.Connection[tuple[Any, ...]]") -> None:
        self._connection = connection
        self.execute("SET synchronous_commit = off")

    def execute(self, statement: str) -> list[tuple[Any, ...]]:
        done = self._connection.execute(statement.encode())
        return done.fetchall() if done.description else []

    def insert(self, table: str, columns: Sequence[str], rows: Rows) -> None:
        statement = f"COPY {table} ({_names(columns)}) FROM STDIN"
        with self._connection.cursor().copy(statement.encode()) as copy:
            for row in rows:
                copy.write_row(row)

    def replace(self, table: str, columns: Sequence[str], rows: Rows, keys: int) -> None:
        marks = ", ".join(["%s"] * len(columns))
        statement = f"INSERT INTO {table} ({_names(columns)}) VALUES ({marks}) {_over(columns, keys)}"  # noqa: S608  # own
        self._connection.cursor().executemany(statement.encode(), rows)

    def close(self) -> None:
        last = "SELECT max(position) FROM log_record"
        self.execute(f"SELECT setval(pg_get_serial_sequence('log_record', 'position'), ({last}))")  # own
        self._connection.commit()
        self._connection.autocommit = True
        self.execute("VACUUM ANALYZE log_record")
        self._connection.close()


def _over(columns: Sequence[str], keys: int) -> str:
    changed = ", ".join(f'"{name}" = excluded."{name}"' for name in columns[keys:])
    return f"ON CONFLICT ({_names(columns[:keys])}) DO UPDATE SET {changed}"


def _names(columns: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)
