"""The table of keys that were turned to holds: keyed digests of people, no names."""

from typing import Final

from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, Table, UniqueConstraint

from gateway.adapters.database.tables import ID, METADATA, NAME, POSITION
from gateway.adapters.database.types import Instant

HOLD_KEY: Final = Table(
    "hold_key",
    METADATA,
    Column("position", POSITION, primary_key=True, autoincrement=True),
    Column("hold_id", ID, ForeignKey("hold.hold_id"), nullable=False),
    Column("exchange_id", ID, nullable=False, index=True),
    Column("prerequisite", NAME, nullable=False),
    Column("key", Integer, nullable=False),
    Column("organisation", NAME, nullable=False),
    Column("person", LargeBinary(32), nullable=False),
    Column("name", LargeBinary(32), nullable=False),
    Column("job", NAME, nullable=False),
    Column("answered_in", ID, nullable=False),
    Column("at", Instant, nullable=False),
    UniqueConstraint("hold_id", "key"),
    sqlite_autoincrement=True,
)
