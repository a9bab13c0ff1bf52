"""Tells a database that cannot be used now from a statement that was wrong: waiting helps only the first."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from sqlalchemy.exc import (
    DBAPIError,
    InterfaceError,
    InternalError,
    OperationalError,
    PendingRollbackError,
    ResourceClosedError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

# Classes of SQLSTATE (PostgreSQL's appendix A): connection, transaction's state (a standby is read-only),
# authorisation, no such database, rolled back for another's sake, out of resources, not in the right state,
# the operator stepped in, the system's own errors.
_AWAY_CLASSES: Final = frozenset({"08", "25", "28", "3D", "40", "53", "55", "57", "58", "F0", "XX"})
# Rights or tables that an operator took away: what arrives meanwhile must wait, not be set aside.
_AWAY_STATES: Final = frozenset({"42501", "42P01"})
# The transaction had failed, and went on all the same: our own mistake.
_OURS: Final = frozenset({"25P02"})


def is_away(error: SQLAlchemyError) -> bool:
    """Whether the database cannot be used now: full, locked, gone, or busy with another's transaction."""
    if isinstance(error, PoolTimeoutError | PendingRollbackError | ResourceClosedError):
        return True
    state: str | None = getattr(getattr(error, "orig", None), "sqlstate", None)
    if state is None:
        return isinstance(error, OperationalError | InterfaceError | InternalError)
    return state not in _OURS and (state in _AWAY_STATES or state[:2] in _AWAY_CLASSES)


@asynccontextmanager
async def translate_faults(unavailable: Callable[[str], Exception]) -> AsyncIterator[None]:
    """Raises `unavailable(name)` for a database that is away. Its own text, which may quote, stays here."""
    try:
        yield
    except SQLAlchemyError as error:
        if not is_away(error):
            raise
        raise unavailable(_name(error)) from None


def _name(error: SQLAlchemyError) -> str:
    return type(error.orig if isinstance(error, DBAPIError) else error).__name__
