"""Recalls of what was received here."""

import sqlalchemy as sa
from alembic import op

from services.kit.store.types import Position, UtcDateTime

revision = "recalls_0001"
down_revision = "clocks_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "recall",
        sa.Column("position", Position, primary_key=True, autoincrement=True),
        sa.Column("recall_id", sa.String(64), nullable=False, unique=True),
        sa.Column("exchange_id", sa.String(64), nullable=False),
        sa.Column("sender", sa.String(63), nullable=False),
        sa.Column("document_type", sa.String(64), nullable=False),
        sa.Column("told_at", UtcDateTime, nullable=False),
        sa.Column("confirmed_at", UtcDateTime, nullable=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("recall_exchange", "recall", ["exchange_id"])
