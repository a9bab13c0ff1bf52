"""What is sent, what is received, and what waits to be published."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from services.kit.store.types import Position, UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the tables."""
    _create_sent()
    _create_packet()
    _create_received()
    _create_waiting()
    _create_told()
    _create_read()
    _create_witnessed()
    op.create_table(
        "vault_check",
        sa.Column("name", sa.String(16), primary_key=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )


def _create_sent() -> None:
    _create(
        "exchange",
        _unique("exchange_id", 64),
        _unique("request_id", 64),
        _text("request_digest", 64),
        _text("document_type", 64),
        sa.Column("state", sa.Integer, nullable=False),
        sa.Column("accepted_at", UtcDateTime, nullable=False),
        _text("in_reply_to", 64, index=True),
        _text("seal_hash", 64),
        _text("desk", 64),
        _body(),
    )


def _create_packet() -> None:
    _create(
        "packet",
        _unique("packet_id", 64),
        _text("kind", 32),
        sa.Column("exchange_id", sa.String(64)),
        sa.Column("delivery_id", sa.String(64)),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("published_at", UtcDateTime),
        sa.Column("octets", sa.Integer, nullable=False),
        sa.Column("body", sa.LargeBinary),
    )
    waiting = sa.text("published_at IS NULL")
    op.create_index("packet_waiting", "packet", ["position"], sqlite_where=waiting, postgresql_where=waiting)


def _create_received() -> None:
    _create(
        "delivery",
        _unique("delivery_id", 64),
        _text("exchange_id", 64, index=True),
        _text("sender", 63),
        _text("desk", 63),
        _text("document_type", 64),
        sa.Column("received_at", UtcDateTime, nullable=False),
        sa.Column("not_after", UtcDateTime),
        _text("supplementary_to", 64),
        _text("in_reply_to", 64, index=True),
        sa.Column("acknowledged", sa.Integer, nullable=False),
        _text("statement_hash", 64),
        _body(),
    )
    _create(
        "acknowledgement",
        _text("delivery_id", 64, index=True),
        sa.Column("kind", sa.Integer, nullable=False),
        sa.Column("acknowledged_at", UtcDateTime, nullable=False),
        _unique("packet_id", 64),
        _body(),
    )


def _create_waiting() -> None:
    _create(
        "waiting_message",
        _unique("message_hash", 64),
        _text("message_id", 255),
        sa.Column("received_at", UtcDateTime, nullable=False),
        _text("code", 64),
        sa.Column("overdue", sa.Boolean, nullable=False),
        sa.Column("opened", sa.Boolean, nullable=False),
        _body(),
    )


def _create_told() -> None:
    _create(
        "outcome",
        _unique("outcome_id", 64),
        _text("exchange_id", 64, index=True),
        sa.Column("kind", sa.Integer, nullable=False),
        sa.Column("received_at", UtcDateTime, nullable=False),
        _body(),
    )
    _create(
        "hold",
        _unique("hold_id", 64),
        _text("exchange_id", 64),
        _text("sender", 63),
        _text("document_type", 64),
        sa.Column("state", sa.Integer, nullable=False),
        sa.Column("asked_at", UtcDateTime, nullable=False),
        _body(),
    )
    _create(
        "alarm",
        _unique("cause", 200),
        sa.Column("kind", sa.Integer, nullable=False),
        _text("code", 64),
        sa.Column("at", UtcDateTime, nullable=False),
        _text("exchange_id", 64, index=True),
        _text("delivery_id", 64),
        _body(),
        sa.Column("settled_at", UtcDateTime),
        sa.Column("settlement", sa.LargeBinary),
    )


def _create_read() -> None:
    _create(
        "reading",
        _unique("reading_id", 64),
        sa.Column("kind", sa.Integer, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        _text("exchange_id", 64, index=True),
        _text("delivery_id", 64, index=True),
        _body(),
    )


def _create_witnessed() -> None:
    _create(
        "checkpoint",
        sa.Column("size", sa.BigInteger, nullable=False),
        _text("root", 64),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("signed_at", UtcDateTime, nullable=False),
        _text("source", 16),
        _text("state", 16),
        sa.Column("proof", sa.Text, nullable=False),
        sa.Column("seen_at", UtcDateTime, nullable=False),
        sa.UniqueConstraint("size", "root", name="checkpoint_size_root"),
    )
    op.create_index("checkpoint_state", "checkpoint", ["state"])
    op.create_table(
        "cosignature",
        sa.Column("size", sa.BigInteger, primary_key=True),
        sa.Column("root", sa.String(64), primary_key=True),
        sa.Column("organisation", sa.String(63), primary_key=True),
        sa.Column("line", sa.Text, nullable=False),
    )


def _create(name: str, *columns: sa.Column[Any] | sa.Constraint) -> None:
    position = sa.Column("position", Position, primary_key=True, autoincrement=True)
    op.create_table(name, position, *columns, sqlite_autoincrement=True)


def _text(name: str, length: int, *, index: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=False, index=index)


def _unique(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=False, unique=True)


def _body() -> sa.Column[bytes]:
    return sa.Column("body", sa.LargeBinary, nullable=False)
