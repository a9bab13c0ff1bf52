"""Rows that are only ever added are written together, many exchanges' at once, at the end of a block.

A statement costs more than a row. So inside `DeferringConnection.together`, rows of a few tables wait. They
are written before any statement that has to do with their table: whoever reads sees what was added before.
What is undone to a savepoint takes with it what was put off since.
"""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy import (
    Column,
    CursorResult,
    Executable,
    LargeBinary,
    Table,
    UpdateBase,
    bindparam,
    insert,
    select,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import TextClause
from sqlalchemy.sql.visitors import iterate

from gateway.adapters.database.agreement_tables import ABSTRACT, ABSTRACT_PARTY
from gateway.adapters.database.log_tables import LOG_LISTING, LOG_RECORD
from gateway.adapters.database.register_tables import REGISTER_LISTING
from gateway.adapters.database.tables import DECISION, DELIVERY, METADATA, OUTCOME, PACKET, TEXT
from gateway.app.ports import WrittenTogetherError
from gateway.core.tallies import Tally
from services.kit.database.faults import is_away

Row = Mapping[str, Any]

_PUT_OFF: Final = frozenset(
    {
        ABSTRACT,
        ABSTRACT_PARTY,
        DECISION,
        DELIVERY,
        LOG_LISTING,
        LOG_RECORD,
        OUTCOME,
        PACKET,
        REGISTER_LISTING,
        TEXT,
    }
)
_ORDER: Final = tuple(table for table in METADATA.sorted_tables if table in _PUT_OFF)  # parents first
# What must be there before; records of the log also before anybody looks at how they are listed.
_PARENTS: Final = {table: {key.column.table for key in table.foreign_keys} for table in _ORDER}
_INSERT: Final = {table: insert(table) for table in _ORDER}
_LIST = insert(LOG_LISTING).from_select(
    ["listed_under", "position"],
    select(bindparam("key", type_=LargeBinary), LOG_RECORD.c.position).where(
        LOG_RECORD.c.record_hash == bindparam("hash")
    ),
)
_touched: WeakKeyDictionary[Any, frozenset[Table]] = WeakKeyDictionary()


class DeferringConnection(AsyncConnection):
    """A connection that can put rows off. Everywhere but in `together`, it is as any other."""

    _together = False

    @classmethod
    def over(cls, connection: AsyncConnection) -> "DeferringConnection":
        """The same connection, in the same transaction."""
        made = cls(connection.engine, connection.sync_connection)
        made._rows = {}
        made._listings = []
        made.counted = Counter()
        return made

    counted: Counter[Tally]
    """What was counted so far, to be written when the unit ends."""

    _rows: dict[Table, list[Row]]
    _listings: list[Row]  # keys, and of which of the records put off, by its hash

    def puts_off(self, table: Table) -> bool:
        """Whether rows of this table wait now."""
        return self._together and table in _PUT_OFF

    def put_off(self, table: Table, rows: Iterable[Row]) -> None:
        """Adds rows to those that wait."""
        self._rows.setdefault(table, []).extend(rows)

    def put_off_record(self, row: Row, listed_under: Sequence[bytes]) -> None:
        """Adds a record of the log, whose place in the queue is not known before it is written."""
        self.put_off(LOG_RECORD, [row])
        self._listings.extend({"key": key, "hash": row["record_hash"]} for key in listed_under)

    @asynccontextmanager
    async def together(self) -> AsyncIterator[None]:
        """Inside, rows wait; at the end they are written.

        Raises:
            WrittenTogetherError: one of them cannot be written; nobody knows which.
        """
        self._together = True
        try:
            yield
            await self.settle()
        finally:
            self._together = False

    async def execute(self, statement: Any, parameters: Any = None, **options: Any) -> CursorResult[Any]:
        """As ever; what waits and concerns it is written before."""
        if self._rows:
            await self.settle(_tables_of(statement))
        done: CursorResult[Any] = await super().execute(statement, parameters, **options)
        return done

    async def settle(self, concerned: frozenset[Table] = _PUT_OFF) -> None:
        """Writes what waits for these tables."""
        try:
            for table in _ORDER:
                if table in concerned and table in self._rows:
                    await self._write(table, self._rows.pop(table))
        except SQLAlchemyError as error:
            if is_away(error):
                raise
            raise WrittenTogetherError(type(error).__name__) from None

    async def _write(self, table: Table, rows: list[Row]) -> None:
        await super().execute(_INSERT[table], rows)
        if table is LOG_RECORD and self._listings:
            listings, self._listings = self._listings, []
            await super().execute(_LIST, listings)

    def remember(self) -> Callable[[], None]:
        """Notes what waits; calling what it returns has just that wait again, after an undoing."""
        rows = {table: list(waiting) for table, waiting in self._rows.items()}
        listings, counted = list(self._listings), Counter(self.counted)

        def restore() -> None:
            self._rows, self._listings, self.counted = rows, listings, counted

        return restore


def _tables_of(statement: Executable) -> frozenset[Table]:
    """Which of the tables that put rows off a statement has to do with, and those to which they refer."""
    found = _touched.get(statement)
    if found is None:
        named = _PUT_OFF & set(_find_tables(statement))
        found = _touched[statement] = named.union(*(_PARENTS[table] for table in named)) & _PUT_OFF
    return found


def _find_tables(statement: Any) -> Iterable[Table]:
    """The tables that it names; all if nobody can tell."""
    if isinstance(statement, UpdateBase) and isinstance(statement.table, Table):
        yield from (key.column.table for key in statement.table.foreign_keys)
        yield statement.table
    for element in iterate(statement):
        if isinstance(element, TextClause):
            yield from _PUT_OFF
        elif isinstance(element, Table):
            yield element
        elif isinstance(element, Column) and isinstance(element.table, Table):
            yield element.table
