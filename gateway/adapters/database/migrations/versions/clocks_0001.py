"""Clocks: time limits about exchanges and other matters."""

import sqlalchemy as sa
from alembic import op

from gateway.adapters.database.types import Instant

revision = "clocks_0001"
down_revision = "holds_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    op.create_table(
        "clock",
        sa.Column(
            "position",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("clock_id", sa.String(length=128), nullable=False),
        sa.Column("limit_id", sa.String(length=64), nullable=False),
        sa.Column("matter", sa.String(length=128), nullable=False),
        sa.Column("document_type", sa.String(length=64), nullable=False),
        sa.Column("sender", sa.String(length=64), nullable=False),
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=64), nullable=False),
        sa.Column("recipient_organisation", sa.String(length=64), nullable=True),
        sa.Column("recipient_desk", sa.String(length=64), nullable=True),
        sa.Column("hold_id", sa.String(length=128), nullable=True),
        sa.Column("subject_id", sa.String(length=128), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("is_known", sa.Boolean(), nullable=False),
        sa.Column("is_told", sa.Boolean(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("started_at", Instant(), nullable=True),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("agreed", Instant(), nullable=True),
        sa.Column("steps", sa.Text(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("next_at", Instant(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("escalated", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_clock"),
        sa.UniqueConstraint("clock_id", name="uq_clock_clock_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_clock_matter", "clock", ["matter"], unique=False)
    op.create_index("ix_clock_subject_id", "clock", ["subject_id"], unique=False)
    live = sa.text("ended_at IS NULL")
    op.create_index("ix_clock_due", "clock", ["due_at", "position"], sqlite_where=live, postgresql_where=live)
    op.create_index(
        "ix_clock_live",
        "clock",
        [
            "organisation",
            "limit_id",
            "state",
            "escalated",
            "due_at",
            "sender",
            "is_known",
            "is_told",
            "ended_at",
        ],
        sqlite_where=live,
        postgresql_where=live,
    )
    op.create_index("ix_clock_limit", "clock", ["limit_id", "state", "position"], unique=False)
    op.create_index(
        "ix_clock_ended",
        "clock",
        ["limit_id", "ended_at", "organisation", "state", "sender", "is_known", "is_told"],
        unique=False,
    )
    waiting = sa.text("next_at IS NOT NULL")
    op.create_index(
        "ix_clock_next", "clock", ["next_at", "position"], sqlite_where=waiting, postgresql_where=waiting
    )
