"""The tables of subject access: searches that were answered, and owners that were asked."""

from typing import Final

from sqlalchemy import Column, ForeignKey, Table

from gateway.adapters.database.tables import ID, METADATA, NAME
from gateway.adapters.database.types import Instant, Names

ACCESS_LOCATION: Final = Table(
    "access_location",
    METADATA,
    Column("location_id", ID, primary_key=True),
    Column("organisation", NAME, nullable=False),
    Column("subject_ids", Names, nullable=False),
    Column("exchange_ids", Names, nullable=False),
    Column("answered_at", Instant, nullable=False),
)

ACCESS_ENQUIRY: Final = Table(
    "access_enquiry",
    METADATA,
    Column("enquiry_id", ID, primary_key=True),
    Column("location_id", ID, ForeignKey("access_location.location_id"), nullable=False, index=True),
    Column("exchange_id", ID, nullable=False),
    Column("organisation", NAME, nullable=False),
    Column("owner", NAME, nullable=False),
    Column("due", Instant, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("answered_at", Instant),
)
