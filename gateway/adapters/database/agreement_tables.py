"""The tables of agreements, and of past decisions without their content."""

from typing import Final

from sqlalchemy import Column, Index, LargeBinary, String, Table, Text

from gateway.adapters.database.tables import ID, METADATA, NAME, POSITION
from gateway.adapters.database.types import Instant

AGREEMENT_EVENT: Final = Table(
    "agreement_event",
    METADATA,
    Column("position", POSITION, primary_key=True, autoincrement=True),
    Column("kind", NAME, nullable=False),
    Column("agreement_id", NAME, nullable=False),
    Column("version", NAME, nullable=False),
    Column("organisation", NAME, nullable=False),
    Column("person", String(64), nullable=False),
    Column("job", ID, nullable=False),
    Column("party", NAME, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("text", Text),
    Column("scope", ID),
    Column("record_hash", String(64), nullable=False, unique=True),
    Column("at", Instant, nullable=False),
    sqlite_autoincrement=True,
)

ABSTRACT: Final = Table(
    "abstract",
    METADATA,
    Column("exchange_id", ID, primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("decided_at", Instant, nullable=False),
)

# Who took part: an exchange is listed once for each.
ABSTRACT_PARTY: Final = Table(
    "abstract_party",
    METADATA,
    Column("exchange_id", ID, primary_key=True),
    Column("organisation", NAME, primary_key=True),
    Column("decided_at", Instant, nullable=False),
)
Index("ix_abstract_party_newest", ABSTRACT_PARTY.c.organisation, ABSTRACT_PARTY.c.decided_at)
