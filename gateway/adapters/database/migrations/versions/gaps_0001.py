"""What went without an agreement, and what waited for one, found by index."""

import sqlalchemy as sa
from alembic import op

revision = "gaps_0001"
down_revision = "register_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change; decisions made before say it in their body, which is protobuf JSON."""
    uncovered = sa.text("uncovered")
    op.add_column(
        "decision", sa.Column("uncovered", sa.Boolean(), nullable=False, server_default=sa.text("false"))
    )
    op.execute("""UPDATE decision SET uncovered = true WHERE body LIKE '%"DECISION_FLAG_NO_AGREEMENT"%'""")
    op.create_index(
        "ix_decision_uncovered",
        "decision",
        ["exchange_id", "organisation"],
        unique=False,
        sqlite_where=uncovered,
        postgresql_where=uncovered,
    )
    op.create_index(
        "ix_hold_prerequisite",
        "hold",
        ["prerequisite", "exchange_id", "recipient_organisation", "state"],
        unique=False,
    )
