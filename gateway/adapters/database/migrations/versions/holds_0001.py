"""Keys that were turned to holds."""

import sqlalchemy as sa
from alembic import op

from gateway.adapters.database.types import Instant

revision = "holds_0001"
down_revision = "agreement_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    op.create_table(
        "hold_key",
        sa.Column(
            "position",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("hold_id", sa.String(length=128), nullable=False),
        sa.Column("exchange_id", sa.String(length=128), nullable=False),
        sa.Column("prerequisite", sa.String(length=64), nullable=False),
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("person", sa.LargeBinary(length=32), nullable=False),
        sa.Column("name", sa.LargeBinary(length=32), nullable=False),
        sa.Column("job", sa.String(length=64), nullable=False),
        sa.Column("answered_in", sa.String(length=128), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["hold_id"], ["hold.hold_id"], name="fk_hold_key_hold_id"),
        sa.PrimaryKeyConstraint("position", name="pk_hold_key"),
        sa.UniqueConstraint("hold_id", "key", name="uq_hold_key_hold_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_hold_key_exchange_id", "hold_key", ["exchange_id"], unique=False)
