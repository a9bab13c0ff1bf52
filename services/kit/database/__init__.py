"""Databases: SQLite in a file, or PostgreSQL; engines that mean the same on both (docs/databases.md).

A writer's transaction begins with the right to write, so that one follows the other; a reader's sees one
state and cannot write; a commit is on the disk when it returns; and no error message quotes a stored value.
"""

from services.kit.database.engines import make_reader, make_writer, require_fit, share_lock, take_lock
from services.kit.database.errors import (
    DatabaseError,
    DatabaseInUseError,
    DatabaseUnfitError,
    DatabaseUrlError,
)
from services.kit.database.faults import is_away, translate_faults
from services.kit.database.files import guard_file
from services.kit.database.settings import NO_ACCESS, DatabaseAccess, DatabaseSettings
from services.kit.database.urls import parse_url

__all__ = [
    "NO_ACCESS",
    "DatabaseAccess",
    "DatabaseError",
    "DatabaseInUseError",
    "DatabaseSettings",
    "DatabaseUnfitError",
    "DatabaseUrlError",
    "guard_file",
    "is_away",
    "make_reader",
    "make_writer",
    "parse_url",
    "require_fit",
    "share_lock",
    "take_lock",
    "translate_faults",
]
