"""The tables of breach cases: ids, codes and times."""

from typing import Final

from sqlalchemy import Column, ForeignKey, Index, String, Table

from gateway.adapters.database.tables import ID, METADATA, NAME, POSITION
from gateway.adapters.database.types import Instant

BREACH: Final = Table(
    "breach",
    METADATA,
    Column("breach_id", ID, primary_key=True),
    Column("organisation", NAME, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("aware_at", Instant, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("opened_in", ID, nullable=False),
    Column("closed_at", Instant),
)
Index("ix_breach_organisation", BREACH.c.organisation, BREACH.c.opened_at)

BREACH_STEP: Final = Table(
    "breach_step",
    METADATA,
    Column("position", POSITION, primary_key=True, autoincrement=True),
    Column("breach_id", ID, ForeignKey("breach.breach_id"), nullable=False, index=True),
    Column("step", NAME, nullable=False),
    Column("taken_at", Instant, nullable=False),
    Column("noted_at", Instant, nullable=False),
    Column("noted_in", ID, nullable=False),
    sqlite_autoincrement=True,
)

BREACH_AFFECTED: Final = Table(
    "breach_affected",
    METADATA,
    Column("breach_id", ID, ForeignKey("breach.breach_id"), primary_key=True),
    Column("exchange_id", ID, primary_key=True),
)
