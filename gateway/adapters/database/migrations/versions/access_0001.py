"""Subject access: searches that were answered, and owners that were asked."""

import sqlalchemy as sa
from alembic import op

from gateway.adapters.database.types import Instant, Names

revision = "access_0001"
down_revision = "clocks_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    op.create_table(
        "access_location",
        sa.Column("location_id", sa.String(length=128), nullable=False),
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("subject_ids", Names(), nullable=False),
        sa.Column("exchange_ids", Names(), nullable=False),
        sa.Column("answered_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("location_id", name="pk_access_location"),
    )
    op.create_table(
        "access_enquiry",
        sa.Column("enquiry_id", sa.String(length=128), nullable=False),
        sa.Column("location_id", sa.String(length=128), nullable=False),
        sa.Column("exchange_id", sa.String(length=128), nullable=False),
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("due", Instant(), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("answered_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["access_location.location_id"],
            name="fk_access_enquiry_location_id_access_location",
        ),
        sa.PrimaryKeyConstraint("enquiry_id", name="pk_access_enquiry"),
    )
    op.create_index("ix_access_enquiry_location_id", "access_enquiry", ["location_id"], unique=False)
