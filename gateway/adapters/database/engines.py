"""Engines and their settings, for SQLite and PostgreSQL."""

import fcntl
import os
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine, event, make_url
from sqlalchemy.engine import URL, Connection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine

from services.kit.sqlite import make_engine

# Durable at every commit, deleted means gone, and a reader never waits for the writer (design section 8).
_PRAGMAS: Final = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA secure_delete=ON",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=5000",
)


class DatabaseUrlError(ValueError):
    """The database's URL is not of a kind that is supported."""


class StoreInUseError(Exception):
    """Another process uses the database file; says what to do."""


def guard_file(url: URL) -> int | None:
    """Makes a SQLite file for its owner alone, and keeps other gateways out of it while this process lives.

    Returns:
        A descriptor to close at the end; None for a database that is not a file.

    Raises:
        StoreInUseError: it cannot be opened, or another process has it.
    """
    if url.get_backend_name() != "sqlite":
        return None
    path = Path(url.database or "")
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        # Beside the database: closing any handle of the file itself would drop SQLite's own locks.
        guard = os.open(path.with_name(path.name + ".lock"), os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise StoreInUseError(f"{path}: cannot be opened ({type(error).__name__})") from None
    try:
        fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(guard)
        raise StoreInUseError(f"{path}: another process uses it. Stop that one first") from None
    return guard


def parse_url(text: str) -> URL:
    """Reads a database URL.

    Raises:
        DatabaseUrlError: neither sqlite+aiosqlite with a file nor postgresql with an asynchronous driver.
    """
    try:
        url = make_url(text)
    except ArgumentError:
        raise DatabaseUrlError("the database's URL is malformed") from None
    if url.drivername == "sqlite+aiosqlite":
        if not url.database or url.database == ":memory:":
            raise DatabaseUrlError("the database must be a file: in memory nothing is durable")
    elif url.get_backend_name() != "postgresql":
        raise DatabaseUrlError("the database must be sqlite+aiosqlite or postgresql")
    return url


def writer(url: URL) -> AsyncEngine:
    """One connection, whose transactions take the write lock at once."""
    ping = url.get_backend_name() != "sqlite"
    engine = make_engine(url, pool_size=1, max_overflow=0, pool_pre_ping=ping, hide_parameters=True)
    _prepare(engine.sync_engine, url, "BEGIN IMMEDIATE", _PRAGMAS)
    return engine


def reader(url: URL) -> AsyncEngine:
    """A few connections that cannot write."""
    engine = make_engine(url, pool_size=4, max_overflow=0, hide_parameters=True)
    _prepare(engine.sync_engine, url, "BEGIN", (*_PRAGMAS, "PRAGMA query_only=ON"))
    return engine


def _prepare(engine: Engine, url: URL, begin: str, pragmas: tuple[str, ...]) -> None:
    if url.get_backend_name() != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        # The driver's own idea of when a transaction begins breaks savepoints: we begin ourselves.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)
