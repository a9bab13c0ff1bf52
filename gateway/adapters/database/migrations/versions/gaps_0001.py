"""Flows without an agreement, and what is due of a retention class, found by index."""

import sqlalchemy as sa
from alembic import op

revision = "gaps_0001"
down_revision = "register_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    uncovered, waits = sa.text("figure = 'UNCOVERED' AND grain = 'D'"), sa.text("state = 'OPEN'")
    kept = sa.text("entry IS NOT NULL")
    op.create_index(
        "ix_log_record_class",
        "log_record",
        ["retention_class", "exchange_id", "at"],
        unique=False,
        sqlite_where=kept,
        postgresql_where=kept,
    )
    op.create_index(
        "ix_tally_uncovered",
        "tally",
        ["sender", "recipient", "document_type", "start", "count"],
        unique=False,
        sqlite_where=uncovered,
        postgresql_where=uncovered,
    )
    op.create_index(
        "ix_hold_flow",
        "hold",
        ["prerequisite", "document_type", "sender", "recipient_organisation"],
        unique=False,
        sqlite_where=waits,
        postgresql_where=waits,
    )
