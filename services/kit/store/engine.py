"""Opening a store: engine, pragmas, migrations, the check of the key."""

import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeVar

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, event, insert, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, InterfaceError, InternalError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.kit.sqlite import make_engine
from services.kit.store import tables
from services.kit.store.errors import StoreError, StoreUnavailableError, VaultError
from services.kit.store.vault import Place, Vault
from services.kit.store.writer import Work, Writer

T = TypeVar("T")

BACKEND: Final = "sqlite"
MIGRATIONS: Final = Path(__file__).parent / "migrations"
_READERS: Final = 4
_PRAGMAS: Final = (
    "journal_mode=WAL",
    "synchronous=FULL",  # a commit is on the disk when it returns
    "secure_delete=ON",
    "foreign_keys=ON",
    "busy_timeout=5000",
)
_CHECK: Final = Place("vault_check", "body", "vault")
_KNOWN: Final = b"publicprotection"


class Store:
    """An organisation's database: many readers, one writer.

    Attributes:
        vault: encrypts what is kept about people.
    """

    def __init__(self, reader: AsyncEngine, writer: AsyncEngine, vault: Vault, guard: BinaryIO) -> None:
        self.vault = vault
        self._engines = (reader, writer)
        self._reader = reader
        self._writer = Writer(writer)
        self._guard = guard

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection that sees one state and cannot write."""
        async with _faults(), self._reader.begin() as connection:
            yield connection

    async def write(self, work: Work[T]) -> T:
        """Runs a work in a transaction; see `Writer.write`.

        Raises:
            StoreUnavailableError: the database cannot be used now; the work was undone.
        """
        async with _faults():
            return await self._writer.write(work)

    async def close(self) -> None:
        """Finishes writing and closes the database."""
        await self._writer.close()
        for engine in self._engines:
            await engine.dispose()
        self._guard.close()


@asynccontextmanager
async def _faults() -> AsyncIterator[None]:
    """Tells a database that is away from a statement that was wrong; its own text is not passed on."""
    try:
        yield
    except (OperationalError, InterfaceError, InternalError, PoolTimeoutError) as error:
        raise StoreUnavailableError(type(error).__name__) from None


async def open_store(url: str, vault: Vault) -> Store:
    """Opens a store, brought up to this version's schema.

    Args:
        url: `sqlite+aiosqlite:///` and the path of the file.
        vault: with the key that the store was made with.

    Raises:
        StoreError: another kind of database, a file that cannot be opened or is in use by another process, a
            schema newer than this version, or another key.
    """
    parsed, path = _parse(url)
    guard = _guard(path)
    try:
        writer = _engine(parsed, "BEGIN IMMEDIATE", *_PRAGMAS)
        await _prepare(writer, vault)
    except BaseException:
        guard.close()
        raise
    reader = _engine(parsed, "BEGIN", *_PRAGMAS, "query_only=ON")
    return Store(reader, writer, vault, guard)


def _parse(url: str) -> tuple[URL, Path]:
    advice = "use sqlite+aiosqlite:/// and the path of a file"
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StoreError("url_malformed", advice) from None
    if parsed.get_backend_name() != BACKEND or not parsed.database or parsed.database == ":memory:":
        raise StoreError("database_not_supported", advice)
    return parsed, Path(parsed.database)


def _guard(path: Path) -> BinaryIO:
    """Makes the file for its owner alone, and keeps other processes out of it while this one lives."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        # Beside the database: closing any handle of the file itself would drop SQLite's own locks.
        beside = path.with_name(path.name + ".lock")
        guard = os.fdopen(os.open(beside, os.O_CREAT | os.O_RDWR, 0o600), "rb")
    except OSError as error:
        raise StoreError("file_not_usable", f"{path} cannot be opened ({type(error).__name__})") from None
    try:
        fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        guard.close()
        raise StoreError("store_in_use", f"another process uses {path}: stop it first") from None
    return guard


def _engine(url: URL, begin: str, *pragmas: str) -> AsyncEngine:
    size = _READERS if begin == "BEGIN" else 1
    # Parameters stay out of error messages: they may be ids, and a message may end up anywhere.
    engine = make_engine(url, pool_size=size, max_overflow=0, hide_parameters=True)

    @event.listens_for(engine.sync_engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        # The driver's own BEGIN comes late, and never before a read (SQLAlchemy's notes on pysqlite).
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


async def _prepare(engine: AsyncEngine, vault: Vault) -> None:
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_migrate)
            await _check_key(connection, vault)
    except CommandError:
        await engine.dispose()
        raise StoreError("schema_unknown", "the store was made by a newer version: start that one") from None
    except VaultError as error:
        await engine.dispose()
        raise StoreError(
            error.reason, "the key at rest is not the one that this store was made with"
        ) from None
    except SQLAlchemyError as error:
        await engine.dispose()
        raise StoreError("database_fault", f"the store cannot be read ({type(error).__name__})") from None


def _migrate(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


async def _check_key(connection: AsyncConnection, vault: Vault) -> None:
    stored = (await connection.execute(select(tables.vault_check.c.body))).scalar()
    if stored is None:
        body = vault.encrypt(_KNOWN, _CHECK)
        await connection.execute(insert(tables.vault_check).values(name=_CHECK.row, body=body))
    else:
        vault.decrypt(stored, _CHECK)
