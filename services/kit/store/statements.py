"""Statements made once: making one costs as much as running it."""

from functools import cache

from sqlalchemy import Insert, Table, insert


@cache
def insert_into(table: Table) -> Insert:
    """The statement that inserts rows into a table; the values come with its execution."""
    return insert(table)
