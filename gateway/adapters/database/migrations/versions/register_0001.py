"""The register's listings, what a page of it shows, kept filters, and what was told by telephone."""

import sqlalchemy as sa
from alembic import op

from gateway.adapters.database.types import Instant, Names

revision = "register_0001"
down_revision = "figures_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    op.add_column("exchange", sa.Column("thread_id", sa.String(128), nullable=False, server_default=""))
    op.add_column("exchange", sa.Column("marking", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("exchange", sa.Column("bases", Names(), nullable=False, server_default="[]"))
    no = sa.text("false")
    op.add_column("exchange", sa.Column("victim", sa.Boolean(), nullable=False, server_default=no))
    op.create_index("ix_exchange_thread", "exchange", ["thread_id", "position"], unique=False)
    op.create_index("ix_exchange_decided", "exchange", ["decided_at", "position"], unique=False)
    op.add_column("decision", sa.Column("result", sa.String(16), nullable=False, server_default=""))
    op.add_column("decision", sa.Column("withheld", Names(), nullable=False, server_default="[]"))
    op.add_column("decision", sa.Column("held", Names(), nullable=False, server_default="[]"))
    _create_listing()
    _create_saved_filter()
    _create_telephone()


def _create_listing() -> None:
    op.create_table(
        "register_listing",
        sa.Column("term", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("term", "position", name="pk_register_listing"),
        sqlite_with_rowid=False,
    )


def _create_saved_filter() -> None:
    op.create_table(
        "saved_filter",
        sa.Column("filter_id", sa.String(length=128), nullable=False),
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("person", sa.LargeBinary(length=32), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("saved_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("filter_id", name="pk_saved_filter"),
    )
    op.create_index(
        "ix_saved_filter_person", "saved_filter", ["organisation", "person", "saved_at"], unique=False
    )


def _create_telephone() -> None:
    op.create_table(
        "telephone_disclosure",
        sa.Column(
            "position",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("exchange_id", sa.String(length=128), nullable=False),
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("desk", sa.String(length=64), nullable=False),
        sa.Column("told_at", Instant(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("record_hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_telephone_disclosure"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_telephone_disclosure_exchange_id", "telephone_disclosure", ["exchange_id"], unique=False
    )
