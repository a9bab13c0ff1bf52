"""SQLite on the event loop: statements run where they are called, and only what may wait goes to a thread.

aiosqlite hands each call to a thread of its own, and SQLAlchemy makes four calls a statement. The changes of
thread cost many times what the statement does: most are answered from memory in tens of microseconds. What
waits, for the disk or for another process's lock, still does so in the thread.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Final, TypeVar

import aiosqlite
from sqlalchemy import event
from sqlalchemy.engine import URL, Connection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

T = TypeVar("T")

_WAITING: Final = frozenset({"BEGIN IMMEDIATE", "COMMIT"})
_CHUNK: Final = 64  # aiosqlite's own; SQLAlchemy fetches all at once
_PRAGMAS: Final = (
    "PRAGMA journal_mode=WAL",  # a reader never waits for the writer
    "PRAGMA synchronous=FULL",  # a commit is on the disk when it returns
    "PRAGMA secure_delete=ON",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=5000",
)


class InlineConnection(aiosqlite.Connection):
    """aiosqlite's connection, but for where its calls run. The pool lets one task use it at a time."""

    async def _execute(self, fn: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        if args and args[0] in _WAITING:
            return await self._in_thread(fn, *args, **kwargs)
        if not self._running or self._connection is None:
            raise ValueError("Connection closed")  # as aiosqlite; SQLAlchemy knows it by this text
        return fn(*args, **kwargs)

    async def commit(self) -> None:
        """Waits for the disk, and lets the loop go on meanwhile."""
        await self._in_thread(self._conn.commit)

    async def _in_thread(self, fn: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        call: Callable[..., Coroutine[Any, Any, T]] = super()._execute
        return await _outlast(asyncio.create_task(call(fn, *args, **kwargs)))


async def _outlast(running: asyncio.Task[T]) -> T:
    """Waits for what a thread does, and is cancelled only after it.

    Whoever is cancelled rolls back and closes, which runs on the loop: the thread would lose the connection
    from under its statement, and the process would end with it. `busy_timeout` bounds the wait.
    """
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        while not running.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([running])
        if not running.cancelled():
            running.exception()  # looked at: nobody is left to be told
        raise


def make_writer(url: URL, **options: Any) -> AsyncEngine:
    """One connection, whose transactions take the lock for writing at once."""
    engine = make_engine(url, pool_size=1, max_overflow=0, **options)
    _prepare(engine, "BEGIN IMMEDIATE", _PRAGMAS)
    return engine


def make_reader(url: URL, connections: int, **options: Any) -> AsyncEngine:
    """Connections that cannot write."""
    engine = make_engine(url, pool_size=connections, max_overflow=0, **options)
    _prepare(engine, "BEGIN", (*_PRAGMAS, "PRAGMA query_only=ON"))
    return engine


def make_engine(url: URL, **options: Any) -> AsyncEngine:
    """An engine for a file.

    Args:
        url: `sqlite+aiosqlite` with a file.
        options: as `create_async_engine`.
    """
    path = url.database or ""

    def connect(*_: Any, **__: Any) -> aiosqlite.Connection:
        made = InlineConnection(lambda: sqlite3.connect(path, check_same_thread=False), _CHUNK)
        made._thread.daemon = True  # noqa: SLF001  # as SQLAlchemy does with those that it makes
        return made

    return create_async_engine(url, async_creator=connect, **options)


def _prepare(engine: AsyncEngine, begin: str, pragmas: tuple[str, ...]) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        # The driver's own BEGIN comes late, and breaks savepoints: we begin ourselves.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)
