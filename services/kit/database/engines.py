"""Writers and readers of a database, whichever it is."""

from typing import Any, Final

from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.kit.database import postgresql, sqlite
from services.kit.database.settings import NO_ACCESS, DatabaseAccess
from services.kit.database.urls import POSTGRESQL, is_postgresql

_READERS: Final = 4
# Parameters stay out of error messages: they may be ids, and a message may end up anywhere.
_OPTIONS: Final[dict[str, Any]] = {"hide_parameters": True}


def make_writer(url: URL, access: DatabaseAccess = NO_ACCESS, *, alone: bool = False) -> AsyncEngine:
    """One connection; each of its transactions begins with the right to write, which one at a time has.

    Args:
        url: from `parse_url`.
        access: files that belong to it.
        alone: only this process may write at all, for as long as it is connected. A file of SQLite is one
            process's anyway (`guard_file`).
    """
    if is_postgresql(url):
        return postgresql.make_writer(url, access, alone=alone, **_OPTIONS)
    return sqlite.make_writer(url, **_OPTIONS)


def make_reader(url: URL, access: DatabaseAccess = NO_ACCESS) -> AsyncEngine:
    """A few connections; each transaction sees one state, and cannot write."""
    if is_postgresql(url):
        return postgresql.make_reader(url, access, _READERS, **_OPTIONS)
    return sqlite.make_reader(url, _READERS, **_OPTIONS)


async def require_fit(connection: AsyncConnection) -> None:
    """Refuses a database that is set up to forget.

    Raises:
        DatabaseUnfitError: a commit may be lost there, or a text be altered.
    """
    if connection.dialect.name == POSTGRESQL:
        await postgresql.require_fit(connection)


async def take_lock(connection: AsyncConnection, name: str) -> None:
    """Waits for a lock, held until the transaction ends.

    On SQLite a transaction that may write has the one lock that there is, so nothing is to be done.

    Args:
        connection: in a writer's transaction.
        name: of the lock, in this database; processes that name it alike take turns.
    """
    if connection.dialect.name == POSTGRESQL:
        await postgresql.take_lock(connection, name)


async def share_lock(connection: AsyncConnection, name: str) -> None:
    """Waits until nobody has a lock, and keeps others from taking it until the transaction ends.

    Several may share it at once. On SQLite as `take_lock`.
    """
    if connection.dialect.name == POSTGRESQL:
        await postgresql.share_lock(connection, name)
