"""Counts by day, week and month."""

import sqlalchemy as sa
from alembic import op

revision = "figures_0001"
down_revision = "recalls_0001"
branch_labels = None
depends_on = None

_NAMES = ("sender", "recipient", "owing", "document_type")


def upgrade() -> None:
    """Applies the change."""
    names = [sa.Column(name, sa.String(length=64), nullable=False) for name in _NAMES]
    op.create_table(
        "tally",
        sa.Column("grain", sa.String(length=1), nullable=False),
        sa.Column("start", sa.String(length=10), nullable=False),
        sa.Column("figure", sa.String(length=32), nullable=False),
        *names,
        sa.Column("purpose", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("kept_from", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "grain", "start", "figure", *_NAMES, "purpose", "code", "kept_from", name="pk_tally"
        ),
        sqlite_with_rowid=False,
    )
