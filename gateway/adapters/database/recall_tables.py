"""The tables of recalls: ids, codes and times."""

from typing import Final

from sqlalchemy import Column, ForeignKey, String, Table

from gateway.adapters.database.tables import ID, METADATA, NAME
from gateway.adapters.database.types import Instant

RECALL: Final = Table(
    "recall",
    METADATA,
    Column("recall_id", ID, primary_key=True),
    Column("exchange_id", ID, nullable=False, unique=True),
    Column("sender", NAME, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("replaced_by", ID),
    Column("at", Instant, nullable=False),
)

RECALL_TOLD: Final = Table(
    "recall_told",
    METADATA,
    Column("recall_id", ID, ForeignKey("recall.recall_id"), primary_key=True),
    Column("organisation", NAME, primary_key=True),
    Column("confirmed_at", Instant),
)
