"""One writer for a store: works queue up and share transactions.

SQLite lets one connection write at a time. Instead of waiting for its lock, whoever writes waits in a queue
here, and what has gathered is committed at once: one wait for the disk serves them all. A work that fails is
undone alone. A caller that is cancelled undoes nothing: its work was queued, and takes place.

Savepoints cost as much as the statements between them, so they are used only once something has failed: then
the transaction is undone and all its works run again, each in a savepoint of its own.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.kit.store.errors import StoreError, StoreUnavailableError

T = TypeVar("T")
Work = Callable[[AsyncConnection], Awaitable[T]]
"""Statements on the one writing connection. Nothing but the store is to be awaited in it.

It may run twice, the first time undone, so it is to change nothing but the store.
"""

_MOST_AT_ONCE = 64
_MOST_WAITING = 4096

_Queued = tuple[Work[Any], asyncio.Future[Any]]


class Writer:
    """Runs works one after the other.

    Args:
        engine: to the database; this takes one connection.
        most: works that may wait. Callers that gave up leave theirs, so their number bounds nothing.
    """

    def __init__(self, engine: AsyncEngine, most: int = _MOST_WAITING) -> None:
        self._engine = engine
        self._queue: asyncio.Queue[_Queued] = asyncio.Queue(most)
        self._closed = False
        self._task = asyncio.create_task(self._run(), name="store writer")

    async def write(self, work: Work[T]) -> T:
        """Runs a work; returns once it is committed, with its result, or raises what it raised.

        Raises:
            StoreError: the store is closed.
            StoreUnavailableError: too many works wait; this one was not queued.
        """
        if self._closed:
            raise StoreError("store_closed", "the process is stopping: call again once it has started")
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        try:
            self._queue.put_nowait((work, done))
        except asyncio.QueueFull:
            raise StoreUnavailableError("QueueFull") from None
        return await done

    async def close(self) -> None:
        """Finishes what is queued, then stops."""
        self._closed = True
        await self._queue.join()
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _run(self) -> None:
        while True:
            works = [await self._queue.get()]
            while len(works) < _MOST_AT_ONCE and not self._queue.empty():
                works.append(self._queue.get_nowait())
            await self._commit(works)
            for _ in works:
                self._queue.task_done()

    async def _commit(self, works: list[_Queued]) -> None:
        try:
            async with self._engine.begin() as connection:
                results = [(done, await _take_turn(connection, work)) for work, done in works]
        except Exception:  # noqa: BLE001  # found out below whose it was
            await self._commit_apart(works)
        else:
            _succeed(results)

    async def _commit_apart(self, works: list[_Queued]) -> None:
        results: list[tuple[asyncio.Future[Any], Any]] = []
        try:
            async with self._engine.begin() as connection:
                for work, done in works:
                    await _attempt(connection, work, done, results)
        except Exception as error:  # noqa: BLE001  # whatever it was, each caller is told
            for _, done in works:
                _fail(done, error)
        else:
            _succeed(results)


async def _take_turn(connection: AsyncConnection, work: Work[T]) -> T:
    """Runs a work, after others than the store have had their turn: statements themselves do not wait."""
    await asyncio.sleep(0)
    return await work(connection)


async def _attempt(
    connection: AsyncConnection,
    work: Work[Any],
    done: asyncio.Future[Any],
    results: list[tuple[asyncio.Future[Any], Any]],
) -> None:
    try:
        async with connection.begin_nested():
            result = await work(connection)
    except Exception as error:  # noqa: BLE001  # the caller's to deal with; the others go on
        _fail(done, error)
    else:
        results.append((done, result))


def _succeed(results: list[tuple[asyncio.Future[Any], Any]]) -> None:
    for done, result in results:
        if not done.done():
            done.set_result(result)


def _fail(done: asyncio.Future[Any], error: Exception) -> None:
    if not done.done():
        done.set_exception(error)
