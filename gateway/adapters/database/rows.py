"""Between the application's values and table rows: the columns are named as the fields are."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import RowMapping, Select, Table, insert
from sqlalchemy.ext.asyncio import AsyncConnection


def columns_of(value: Any, *without: str) -> dict[str, Any]:
    """A dataclass as a row; enumerations of strings are strings already."""
    return {name: item for name, item in asdict(value).items() if name not in without}


async def insert_rows(
    connection: AsyncConnection, table: Table, values: Iterable[Any], *without: str
) -> None:
    """Inserts dataclasses, all in one statement."""
    rows = [columns_of(value, *without) for value in values]
    if rows:
        await connection.execute(insert(table), rows)


async def fetch(connection: AsyncConnection, query: Select[Any]) -> Sequence[RowMapping]:
    """All rows of a query, by column name."""
    rows: Sequence[RowMapping] = (await connection.execute(query)).mappings().all()
    return rows


async def fetch_one(connection: AsyncConnection, query: Select[Any]) -> RowMapping | None:
    """The one row of a query, or none."""
    row: RowMapping | None = (await connection.execute(query)).mappings().one_or_none()
    return row


def named(row: RowMapping, *without: str) -> dict[str, Any]:
    """A row as keyword arguments."""
    return {str(name): value for name, value in row.items() if name not in without}
