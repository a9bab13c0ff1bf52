"""The writer's queue is bounded: callers that gave up leave their works in it."""

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from services.kit.store.errors import StoreUnavailableError
from services.kit.store.writer import Writer


async def test_works_of_callers_that_gave_up_do_not_pile_up(tmp_path: Path) -> None:
    engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path}/a.db")
    writer, held = Writer(engine, most=3), asyncio.Event()

    async def work(connection: AsyncConnection) -> None:
        await held.wait()
        await connection.exec_driver_sql("SELECT 1")

    first = asyncio.create_task(writer.write(work))
    await asyncio.sleep(0.05)  # under way, no longer in the queue
    for _ in range(3):
        gave_up = asyncio.create_task(writer.write(work))
        await asyncio.sleep(0)
        gave_up.cancel()
        with suppress(asyncio.CancelledError):
            await gave_up
    with pytest.raises(StoreUnavailableError, match="QueueFull"):
        await writer.write(work)
    held.set()
    await first
    await writer.close()
    await engine.dispose()
