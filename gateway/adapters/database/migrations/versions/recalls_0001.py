"""Recalls, and who was told of them."""

import sqlalchemy as sa
from alembic import op

from gateway.adapters.database.types import Instant

revision = "recalls_0001"
down_revision = "breaches_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    op.create_table(
        "recall",
        sa.Column("recall_id", sa.String(length=128), nullable=False),
        sa.Column("exchange_id", sa.String(length=128), nullable=False),
        sa.Column("sender", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("replaced_by", sa.String(length=128), nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("recall_id", name="pk_recall"),
        sa.UniqueConstraint("exchange_id", name="uq_recall_exchange_id"),
    )
    op.create_table(
        "recall_told",
        sa.Column("recall_id", sa.String(length=128), nullable=False),
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("confirmed_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["recall_id"], ["recall.recall_id"], name="fk_recall_told_recall_id_recall"),
        sa.PrimaryKeyConstraint("recall_id", "organisation", name="pk_recall_told"),
    )
