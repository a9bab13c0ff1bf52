"""Subject access: cases, what happened in them, and enquiries of others."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from services.kit.store.types import Position, UtcDateTime

revision = "subject_access_0001"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the tables."""
    _create(
        "access_case",
        sa.Column("case_id", sa.String(64), nullable=False, unique=True),
        sa.Column("request_id", sa.String(64), nullable=False, unique=True),
        sa.Column("request_digest", sa.String(64), nullable=False),
        sa.Column("opened_at", UtcDateTime, nullable=False),
        sa.Column("answered_at", UtcDateTime),
    )
    _create(
        "access_event",
        sa.Column("case_id", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("request_id", sa.String(64), nullable=False, index=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("case_id", "number", name="access_event_case_number"),
    )
    _create(
        "access_enquiry",
        sa.Column("enquiry_id", sa.String(64), nullable=False, unique=True),
        sa.Column("exchange_id", sa.String(64), nullable=False),
        sa.Column("asker", sa.String(63), nullable=False),
        sa.Column("asked_at", UtcDateTime, nullable=False),
        sa.Column("answered_at", UtcDateTime),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )


def _create(name: str, *columns: sa.Column[Any] | sa.Constraint) -> None:
    position = sa.Column("position", Position, primary_key=True, autoincrement=True)
    op.create_table(name, position, *columns, sqlite_autoincrement=True)
