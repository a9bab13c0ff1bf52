"""The tables of legal holds, and of the key scopes that an erasure has still to destroy."""

from typing import Final

from sqlalchemy import Column, Table

from gateway.adapters.database.tables import ID, METADATA, POSITION, SCOPE
from gateway.adapters.database.types import Instant

LEGAL_HOLD: Final = Table(
    "legal_hold",
    METADATA,
    Column("position", POSITION, primary_key=True, autoincrement=True),
    Column("legal_hold_id", ID, nullable=False, unique=True),
    Column("subject_id", ID),
    Column("exchange_id", ID),
    Column("placed_at", Instant, nullable=False),
    Column("placed_in", ID, nullable=False),
    Column("lifted_at", Instant),
    Column("lifted_in", ID),
    sqlite_autoincrement=True,
)

# Written with the record of the erasure, and gone once the key store has destroyed what it says.
DOOMED_SCOPE: Final = Table(
    "doomed_scope",
    METADATA,
    Column("key_scope", SCOPE, primary_key=True),
)
