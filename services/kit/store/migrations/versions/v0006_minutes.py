"""Requests for minutes, and what happened to them."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from services.kit.store.types import Position, UtcDateTime

revision = "minutes_0001"
down_revision = "recalls_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the tables."""
    _create(
        "minutes_case",
        sa.Column("case_id", sa.String(64), nullable=False, unique=True),
        sa.Column("request_id", sa.String(64), nullable=False, unique=True),
        sa.Column("request_digest", sa.String(64), nullable=False),
        sa.Column("opened_at", UtcDateTime, nullable=False),
        sa.Column("due_at", UtcDateTime, nullable=False),
        sa.Column("answered_at", UtcDateTime),
    )
    _create(
        "minutes_event",
        sa.Column("case_id", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("case_id", "number", name="minutes_event_case_number"),
    )


def _create(name: str, *columns: sa.Column[Any] | sa.Constraint) -> None:
    position = sa.Column("position", Position, primary_key=True, autoincrement=True)
    op.create_table(name, position, *columns, sqlite_autoincrement=True)
