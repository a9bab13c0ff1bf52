"""Agreements, and past decisions without their content."""

import sqlalchemy as sa
from alembic import op

from gateway.adapters.database.types import Instant

revision = "agreement_0001"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    op.create_table(
        "agreement_event",
        sa.Column(
            "position",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("agreement_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("job", sa.String(length=128), nullable=False),
        sa.Column("party", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("scope", sa.String(length=128), nullable=True),
        sa.Column("record_hash", sa.String(length=64), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_agreement_event"),
        sa.UniqueConstraint("record_hash", name="uq_agreement_event_record_hash"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "abstract",
        sa.Column("exchange_id", sa.String(length=128), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("decided_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("exchange_id", name="pk_abstract"),
    )
    op.create_table(
        "abstract_party",
        sa.Column("exchange_id", sa.String(length=128), nullable=False),
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("decided_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("exchange_id", "organisation", name="pk_abstract_party"),
    )
    op.create_index(
        "ix_abstract_party_newest", "abstract_party", ["organisation", "decided_at"], unique=False
    )
