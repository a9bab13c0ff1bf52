"""A SQLite file: its owner's alone, and one process's at a time."""

import fcntl
import os
from pathlib import Path

from sqlalchemy.engine import URL

from services.kit.database.errors import DatabaseInUseError, DatabaseUnfitError
from services.kit.database.urls import is_postgresql


def guard_file(url: URL) -> int | None:
    """Makes a SQLite file for its owner alone, and keeps other processes out of it while this one lives.

    Returns:
        A descriptor to close at the end; None for a database that is not a file.

    Raises:
        DatabaseUnfitError: it cannot be opened.
        DatabaseInUseError: another process has it.
    """
    if is_postgresql(url):
        return None
    path = Path(url.database or "")
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        # Beside the database: closing any handle of the file itself would drop SQLite's own locks.
        guard = os.open(path.with_name(path.name + ".lock"), os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise DatabaseUnfitError(
            "file_not_usable", f"{path}: cannot be opened ({type(error).__name__})"
        ) from None
    try:
        fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(guard)
        raise DatabaseInUseError(
            "store_in_use", f"{path}: another process uses it. Stop that one first"
        ) from None
    return guard
