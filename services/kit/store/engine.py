"""Opening a store: engine, pragmas, migrations, the check of the key."""

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final, TypeVar

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, insert, select
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.kit.database import (
    NO_ACCESS,
    DatabaseAccess,
    DatabaseError,
    guard_file,
    make_reader,
    make_writer,
    require_fit,
    translate_faults,
)
from services.kit.store import tables
from services.kit.store.errors import StoreError, StoreUnavailableError, VaultError
from services.kit.store.vault import Place, Vault
from services.kit.store.writer import Work, Writer

T = TypeVar("T")

MIGRATIONS: Final = Path(__file__).parent / "migrations"
_CHECK: Final = Place("vault_check", "body", "vault")
_KNOWN: Final = b"publicprotection"


class Store:
    """An organisation's database: many readers, one writer.

    Attributes:
        vault: encrypts what is kept about people.
    """

    def __init__(self, reader: AsyncEngine, writer: AsyncEngine, vault: Vault, guard: int | None) -> None:
        self.vault = vault
        self._engines = (reader, writer)
        self._reader = reader
        self._writer = Writer(writer)
        self._guard = guard

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection that sees one state and cannot write."""
        async with translate_faults(StoreUnavailableError), self._reader.begin() as connection:
            yield connection

    async def write(self, work: Work[T]) -> T:
        """Runs a work in a transaction; see `Writer.write`.

        Raises:
            StoreUnavailableError: the database cannot be used now; the work was undone. If the connection
                went in the middle of the commit, it may have been done in full: whoever repeats it finds out.
        """
        async with translate_faults(StoreUnavailableError):
            return await self._writer.write(work)

    async def close(self) -> None:
        """Finishes writing and closes the database."""
        await self._writer.close()
        for engine in self._engines:
            await engine.dispose()
        if self._guard is not None:
            os.close(self._guard)
            self._guard = None


async def open_store(url: str, vault: Vault, access: DatabaseAccess = NO_ACCESS) -> Store:
    """Opens a store, brought up to this version's schema.

    Args:
        url: `sqlite+aiosqlite:///` and the path of a file, or `postgresql+psycopg://` and a database of the
            process's own.
        vault: with the key that the store was made with.
        access: files that belong to a server's URL.

    Raises:
        StoreError: another kind of database, one that cannot be opened, may forget or is in use by another
            process, a schema newer than this version, or another key.
    """
    try:
        return await _open(access.require_match(url), vault, access)
    except DatabaseError as error:
        raise StoreError(error.reason, str(error)) from None


async def _open(url: URL, vault: Vault, access: DatabaseAccess) -> Store:
    guard = guard_file(url)
    async with AsyncExitStack() as undo:
        if guard is not None:
            undo.callback(os.close, guard)
        writer = make_writer(url, access, alone=True)
        undo.push_async_callback(writer.dispose)
        await _prepare(writer, vault)
        undo.pop_all()
    return Store(make_reader(url, access), writer, vault, guard)


async def _prepare(engine: AsyncEngine, vault: Vault) -> None:
    try:
        async with engine.begin() as connection:
            await require_fit(connection)
            await connection.run_sync(_migrate)
            await _check_key(connection, vault)
    except CommandError:
        raise StoreError("schema_unknown", "the store was made by a newer version: start that one") from None
    except VaultError as error:
        raise StoreError(
            error.reason, "the key at rest is not the one that this store was made with"
        ) from None
    except SQLAlchemyError as error:
        raise _refuse(error) from None


async def matches_key(connection: AsyncConnection, vault: Vault) -> bool:
    """Whether a store was made with this vault's key; true of one that has nothing in it yet."""
    stored = (await connection.execute(select(tables.vault_check.c.body))).scalar()
    try:
        return stored is None or vault.decrypt(stored, _CHECK) == _KNOWN
    except VaultError:
        return False


def _refuse(error: SQLAlchemyError) -> StoreError:
    fault = getattr(error, "orig", None) or error
    if isinstance(fault, LockNotAvailable):  # only the right to write is waited for
        return StoreError("store_in_use", "another process uses the database: stop it first")
    return StoreError("database_fault", f"the database cannot be used ({type(fault).__name__})")


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
