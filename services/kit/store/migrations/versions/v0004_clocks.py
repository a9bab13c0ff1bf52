"""Clocks of which the gateway told, and whether immediate exchanges arrived."""

import sqlalchemy as sa
from alembic import op

from services.kit.store.types import Position, UtcDateTime

revision = "clocks_0001"
down_revision = "access_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "clock",
        sa.Column("position", Position, primary_key=True, autoincrement=True),
        sa.Column("clock_id", sa.String(64), nullable=False, unique=True),
        sa.Column("exchange_id", sa.String(64), nullable=False),
        sa.Column("document_type", sa.String(64), nullable=False),
        sa.Column("sender", sa.String(63), nullable=False),
        sa.Column("state", sa.Integer, nullable=False),
        sa.Column("told", sa.Integer, nullable=False),
        sa.Column("told_at", UtcDateTime, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "confirmation",
        sa.Column("position", Position, primary_key=True, autoincrement=True),
        sa.Column("exchange_id", sa.String(64), nullable=False),
        sa.Column("organisation", sa.String(63), nullable=False),
        sa.Column("desk", sa.String(63), nullable=False),
        sa.Column("document_type", sa.String(64), nullable=False),
        sa.Column("accepted_at", UtcDateTime, nullable=False),
        sa.Column("confirm_by", UtcDateTime, nullable=False),
        sa.Column("state", sa.Integer, nullable=False),
        sa.UniqueConstraint("exchange_id", "organisation", "desk", name="confirmation_desk"),
        sqlite_autoincrement=True,
    )
    op.create_index("confirmation_due", "confirmation", ["state", "confirm_by"])
