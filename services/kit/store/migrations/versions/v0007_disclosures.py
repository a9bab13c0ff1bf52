"""Decisions whether to disclose to a third party, and what happened to them."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from services.kit.store.types import Position, UtcDateTime

revision = "disclosures_0001"
down_revision = "minutes_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the tables."""
    _create(
        "disclosure_decision",
        sa.Column("decision_id", sa.String(64), nullable=False, unique=True),
        sa.Column("subject_digest", sa.String(64), nullable=False),
        sa.Column("recorded_at", UtcDateTime, nullable=False),
    )
    op.create_index("disclosure_decision_subject", "disclosure_decision", ["subject_digest"])
    _create(
        "disclosure_event",
        sa.Column("decision_id", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("request_id", sa.String(64), unique=True),
        sa.Column("request_digest", sa.String(64)),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("decision_id", "number", name="disclosure_event_number"),
    )


def _create(name: str, *columns: sa.Column[Any] | sa.Constraint) -> None:
    position = sa.Column("position", Position, primary_key=True, autoincrement=True)
    op.create_table(name, position, *columns, sqlite_autoincrement=True)
