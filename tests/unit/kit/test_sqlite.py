"""SQLite on the event loop: what runs where, and that nothing else differs from SQLAlchemy's own engine."""

import asyncio
import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import event, make_url, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from services.kit.database.sqlite import InlineConnection, make_engine


def _engine(folder: Path) -> AsyncEngine:
    engine = make_engine(make_url(f"sqlite+aiosqlite:///{folder / 'some.db'}"), pool_size=1, max_overflow=0)

    @event.listens_for(engine.sync_engine, "connect")
    def _configure(connection: object, _record: object) -> None:
        connection.isolation_level = None  # type: ignore[attr-defined]

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: object) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # type: ignore[attr-defined]

    return engine


async def test_statements_run_on_the_loop_and_what_waits_does_not(tmp_path: Path) -> None:
    ran: dict[str, int] = {}
    engine = _engine(tmp_path)
    async with engine.connect() as connection:
        raw = await connection.get_raw_connection()
        driver = raw.driver_connection
        assert isinstance(driver, InlineConnection)
        driver._conn.set_trace_callback(lambda sql: ran.update({sql: threading.get_ident()}))
        await connection.execute(text("CREATE TABLE one (value INTEGER)"))
        await connection.execute(text("INSERT INTO one VALUES (1)"))
        await connection.commit()
        driver._conn.set_trace_callback(None)
    await engine.dispose()
    here = threading.get_ident()
    assert ran["INSERT INTO one VALUES (1)"] == here
    assert ran["BEGIN IMMEDIATE"] != here
    assert ran["COMMIT"] != here


async def test_the_loop_goes_on_while_another_process_holds_the_lock(tmp_path: Path) -> None:
    engine = _engine(tmp_path)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE one (value INTEGER)"))
    other = sqlite3.connect(tmp_path / "some.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    async def write() -> None:
        async with engine.begin() as connection:
            await connection.execute(text("INSERT INTO one VALUES (1)"))

    writing = asyncio.create_task(write())
    await asyncio.sleep(0.05)
    assert not writing.done()
    other.execute("COMMIT")
    await writing
    assert other.execute("SELECT count(*) FROM one").fetchone() == (1,)
    other.close()
    await engine.dispose()


async def test_whoever_is_cancelled_leaves_once_the_thread_let_go_of_the_connection(tmp_path: Path) -> None:
    """What follows closes the connection, on the loop: with a thread still inside it the process ends."""
    engine = _engine(tmp_path)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE one (value INTEGER)"))
    other = sqlite3.connect(tmp_path / "some.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    async def write() -> None:
        async with engine.begin() as connection:
            await connection.execute(text("INSERT INTO one VALUES (1)"))

    writing = asyncio.create_task(write())
    for _ in range(3):
        await asyncio.sleep(0.02)
        writing.cancel()
    assert not writing.done()
    other.execute("COMMIT")
    with pytest.raises(asyncio.CancelledError):
        await writing
    async with engine.begin() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM one"))).scalar() == 0
    other.close()
    await engine.dispose()


async def test_what_is_not_committed_is_undone(tmp_path: Path) -> None:
    engine = _engine(tmp_path)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE one (value INTEGER)"))
    async with engine.connect() as connection:
        await connection.execute(text("INSERT INTO one VALUES (1)"))
    async with engine.begin() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM one"))).scalar() == 0
    await engine.dispose()


async def test_a_fault_is_the_library_s_own(tmp_path: Path) -> None:
    engine = _engine(tmp_path)
    async with engine.begin() as connection:
        with pytest.raises(OperationalError, match="no such table"):
            await connection.execute(text("SELECT * FROM missing"))
    await engine.dispose()
