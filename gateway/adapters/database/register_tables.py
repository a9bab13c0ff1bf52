"""The register's listings, filters that people keep, and what was told by telephone."""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, LargeBinary, String, Table, Text

from gateway.adapters.database.tables import ID, METADATA, NAME, POSITION
from gateway.adapters.database.types import Instant

# One narrow row for each term under which an exchange stands (gateway.app.register.listing): whatever is
# filtered by, a page is a stretch of this one key.
REGISTER_LISTING: Final = Table(
    "register_listing",
    METADATA,
    Column("term", BigInteger, primary_key=True, autoincrement=False),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

SAVED_FILTER: Final = Table(
    "saved_filter",
    METADATA,
    Column("filter_id", ID, primary_key=True),
    Column("organisation", NAME, nullable=False),
    Column("person", LargeBinary(32), nullable=False),
    Column("name", LargeBinary, nullable=False),
    Column("body", Text, nullable=False),
    Column("saved_at", Instant, nullable=False),
)
Index("ix_saved_filter_person", SAVED_FILTER.c.organisation, SAVED_FILTER.c.person, SAVED_FILTER.c.saved_at)

TELEPHONE: Final = Table(
    "telephone_disclosure",
    METADATA,
    Column("position", POSITION, primary_key=True, autoincrement=True),
    Column("exchange_id", ID, nullable=False, index=True),
    Column("organisation", NAME, nullable=False),
    Column("desk", NAME, nullable=False),
    Column("told_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("record_hash", String(64), nullable=False),
    sqlite_autoincrement=True,
)
