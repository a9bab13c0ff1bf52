"""Flows without an agreement, found by index."""

import sqlalchemy as sa
from alembic import op

revision = "gaps_0001"
down_revision = "register_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    uncovered, waits = sa.text("figure = 'UNCOVERED' AND grain = 'D'"), sa.text("state = 'OPEN'")
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
