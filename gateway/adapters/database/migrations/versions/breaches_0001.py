"""Breach cases, their steps, and the exchanges that they concern."""

import sqlalchemy as sa
from alembic import op

from gateway.adapters.database.types import Instant

revision = "breaches_0001"
down_revision = "access_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    op.create_table(
        "breach",
        sa.Column("breach_id", sa.String(length=128), nullable=False),
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("aware_at", Instant(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("opened_in", sa.String(length=128), nullable=False),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("breach_id", name="pk_breach"),
    )
    op.create_index("ix_breach_organisation", "breach", ["organisation", "opened_at"], unique=False)
    op.create_table(
        "breach_step",
        sa.Column(
            "position",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("breach_id", sa.String(length=128), nullable=False),
        sa.Column("step", sa.String(length=64), nullable=False),
        sa.Column("taken_at", Instant(), nullable=False),
        sa.Column("noted_at", Instant(), nullable=False),
        sa.Column("noted_in", sa.String(length=128), nullable=False),
        sa.ForeignKeyConstraint(["breach_id"], ["breach.breach_id"], name="fk_breach_step_breach_id_breach"),
        sa.PrimaryKeyConstraint("position", name="pk_breach_step"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_breach_step_breach_id", "breach_step", ["breach_id"], unique=False)
    op.create_table(
        "breach_affected",
        sa.Column("breach_id", sa.String(length=128), nullable=False),
        sa.Column("exchange_id", sa.String(length=128), nullable=False),
        sa.ForeignKeyConstraint(
            ["breach_id"], ["breach.breach_id"], name="fk_breach_affected_breach_id_breach"
        ),
        sa.PrimaryKeyConstraint("breach_id", "exchange_id", name="pk_breach_affected"),
    )
