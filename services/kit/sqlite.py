"""SQLite on the event loop: statements run where they are called, and only what may wait goes to a thread.

aiosqlite hands each call to a thread of its own, and SQLAlchemy makes four calls a statement. The changes of
thread cost many times what the statement does: most are answered from memory in tens of microseconds. What
waits, for the disk or for another process's lock, still does so in the thread.
"""

import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

import aiosqlite
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

T = TypeVar("T")

_WAITING: Final = frozenset({"BEGIN IMMEDIATE", "COMMIT"})
_CHUNK: Final = 64  # aiosqlite's own; SQLAlchemy fetches all at once


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
        call: Callable[..., Awaitable[T]] = super()._execute
        return await call(fn, *args, **kwargs)


def make_engine(url: URL, **options: Any) -> AsyncEngine:
    """An engine for a file of SQLite; for any other database, SQLAlchemy's own.

    Args:
        url: `sqlite+aiosqlite` with a file.
        options: as `create_async_engine`.
    """
    if url.get_backend_name() != "sqlite":
        return create_async_engine(url, **options)
    path = url.database or ""

    def connect(*_: Any, **__: Any) -> aiosqlite.Connection:
        made = InlineConnection(lambda: sqlite3.connect(path, check_same_thread=False), _CHUNK)
        made._thread.daemon = True  # noqa: SLF001  # as SQLAlchemy does with those that it makes
        return made

    return create_async_engine(url, async_creator=connect, **options)
