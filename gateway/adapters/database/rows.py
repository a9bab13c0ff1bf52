"""Between the application's values and table rows: the columns are named as the fields are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from functools import cache
from typing import Any

from sqlalchemy import Insert, RowMapping, Select, Table, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.adapters.database.deferring import DeferringConnection


def columns_of(value: Any, *without: str) -> dict[str, Any]:
    """A dataclass as a row; enumerations of strings are strings already."""
    return {name: getattr(value, name) for name in _names(value.__class__) if name not in without}


@cache
def insert_into(table: Table) -> Insert:
    """The statement that inserts into a table. Made once: making one costs as much as running it."""
    return insert(table)


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


async def insert_rows(
    connection: AsyncConnection, table: Table, values: Iterable[Any], *without: str
) -> None:
    """Inserts dataclasses, all in one statement."""
    rows = [columns_of(value, *without) for value in values]
    if rows:
        await insert_plain(connection, table, rows)


async def insert_plain(connection: AsyncConnection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Inserts rows in one statement, or puts them off."""
    if isinstance(connection, DeferringConnection) and connection.puts_off(table):
        connection.put_off(table, rows)
    else:
        await connection.execute(insert_into(table), rows)


async def insert_absent(connection: AsyncConnection, table: Table, values: Iterable[Any]) -> None:
    """Inserts those dataclasses whose keys are not there yet; the others stay as they are."""
    rows = [columns_of(value) for value in values]
    if rows:
        await insert_absent_plain(connection, table, rows)


async def insert_absent_plain(connection: AsyncConnection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Inserts those rows whose keys are not there yet; the others stay as they are."""
    await connection.execute(_insert_absent(connection.dialect.name, table), rows)


@cache
def _insert_absent(dialect: str, table: Table) -> Insert:
    if dialect == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


async def fetch(
    connection: AsyncConnection, query: Select[Any], values: Mapping[str, Any] | None = None
) -> Sequence[RowMapping]:
    """All rows of a query, by column name."""
    rows: Sequence[RowMapping] = (await connection.execute(query, values)).mappings().all()
    return rows


async def fetch_one(
    connection: AsyncConnection, query: Select[Any], values: Mapping[str, Any] | None = None
) -> RowMapping | None:
    """The one row of a query, or none."""
    row: RowMapping | None = (await connection.execute(query, values)).mappings().one_or_none()
    return row


def named(row: RowMapping, *without: str) -> dict[str, Any]:
    """A row as keyword arguments."""
    return {str(name): value for name, value in row.items() if name not in without}
