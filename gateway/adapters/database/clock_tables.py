"""The table of clocks: ids, codes and times."""

from typing import Final

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text, text

from gateway.adapters.database.tables import ID, METADATA, NAME, POSITION
from gateway.adapters.database.types import Instant

CLOCK: Final = Table(
    "clock",
    METADATA,
    Column("position", POSITION, primary_key=True, autoincrement=True),
    Column("clock_id", ID, nullable=False, unique=True),
    Column("limit_id", NAME, nullable=False),
    Column("matter", ID, nullable=False, index=True),
    Column("document_type", NAME, nullable=False),
    Column("sender", NAME, nullable=False),
    Column("organisation", NAME, nullable=False),
    Column("role", NAME, nullable=False),
    Column("recipient_organisation", NAME),
    Column("recipient_desk", NAME),
    Column("hold_id", ID),
    Column("subject_id", ID, index=True),
    Column("state", String(16), nullable=False),
    Column("is_known", Boolean, nullable=False),
    Column("is_told", Boolean, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("started_at", Instant),
    Column("due_at", Instant),
    Column("agreed", Instant),
    Column("steps", Text, nullable=False),
    Column("step", Integer, nullable=False),
    Column("next_at", Instant),
    Column("ended_at", Instant),
    Column("escalated", Boolean, nullable=False),
    sqlite_autoincrement=True,
)
# Who fires looks for what is due, however many clocks have ended.
_STEPS: Final = text("next_at IS NOT NULL")
_LIVE: Final = text("ended_at IS NULL")
Index("ix_clock_due", CLOCK.c.due_at, CLOCK.c.position, sqlite_where=_LIVE, postgresql_where=_LIVE)
# What is counted stands in the index itself, and what it is partial by: else the table would be read for it.
_COUNTED: Final = (
    "organisation",
    "limit_id",
    "state",
    "escalated",
    "due_at",
    "sender",
    "is_known",
    "is_told",
    "ended_at",
)
Index("ix_clock_live", *(CLOCK.c[name] for name in _COUNTED), sqlite_where=_LIVE, postgresql_where=_LIVE)
# However many have ended: what came late is looked for by limit, and counted for a while back.
Index("ix_clock_limit", CLOCK.c.limit_id, CLOCK.c.state, CLOCK.c.position)
_PAST: Final = ("limit_id", "ended_at", "organisation", "state", "sender", "is_known", "is_told")
Index("ix_clock_ended", *(CLOCK.c[name] for name in _PAST))
Index("ix_clock_next", CLOCK.c.next_at, CLOCK.c.position, sqlite_where=_STEPS, postgresql_where=_STEPS)
