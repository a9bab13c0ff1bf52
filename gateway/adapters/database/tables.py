"""The tables. Nothing here that PostgreSQL could not do; changes go with a migration.

Columns hold ids, codes, paths, digests and ciphertext, never a name, a text or a value of a document.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)

from gateway.adapters.database.types import Instant, Names

METADATA: Final = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# An id made here or by a sender's kit, an organisation, a code, a hash in hexadecimal.
ID: Final = String(128)
NAME: Final = String(64)
_HASH: Final = String(64)
# `exchange:` or `subject:` and an id.
SCOPE: Final = String(160)
# SQLite counts up by itself only in an INTEGER key.
POSITION: Final = BigInteger().with_variant(Integer(), "sqlite")

SUBMISSION: Final = Table(
    "submission",
    METADATA,
    Column("exchange_id", ID, primary_key=True),
    Column("sender", NAME, nullable=False),
    Column("seal_hash", _HASH, nullable=False),
    Column("document_type", NAME, nullable=False),
    Column("state", String(16), nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("issued_at", Instant, nullable=False),
    Column("request_key", LargeBinary(32), unique=True),
    Column("leaf_digest", LargeBinary(32)),
    Column("ciphertext", LargeBinary),
)

EXCHANGE: Final = Table(
    "exchange",
    METADATA,
    Column("position", POSITION, primary_key=True, autoincrement=True),
    Column("exchange_id", ID, ForeignKey("submission.exchange_id"), nullable=False, unique=True),
    Column("sender", NAME, nullable=False),
    Column("document_type", NAME, nullable=False),
    Column("purpose", Integer, nullable=False),
    Column("urgency", Integer, nullable=False),
    Column("decided_at", Instant, nullable=False),
    Column("subject_id", ID, nullable=False, index=True),
    Column("in_reply_to", ID),
    Column("author_commitment", _HASH, nullable=False),
    Column("necessity_commitment", _HASH),
    Column("grounds_commitment", _HASH),
    Column("thread_id", ID, nullable=False, server_default=""),
    Column("marking", Integer, nullable=False, server_default="0"),
    Column("bases", Names, nullable=False, server_default="[]"),
    Column("victim", Boolean, nullable=False, server_default=text("false")),
    sqlite_autoincrement=True,
)
# A thread is read from its newest; a period is found without looking at the rest.
Index("ix_exchange_thread", EXCHANGE.c.thread_id, EXCHANGE.c.position)
Index("ix_exchange_decided", EXCHANGE.c.decided_at, EXCHANGE.c.position)

DECISION: Final = Table(
    "decision",
    METADATA,
    Column("position", POSITION, primary_key=True, autoincrement=True),
    Column("exchange_id", ID, ForeignKey("exchange.exchange_id"), nullable=False, index=True),
    Column("organisation", NAME, nullable=False),
    Column("desk", NAME, nullable=False),
    Column("body", Text, nullable=False),
    Column("decided_at", Instant, nullable=False),
    Column("record_hash", _HASH, nullable=False),
    Column("result", String(16), nullable=False, server_default=""),
    Column("withheld", Names, nullable=False, server_default="[]"),
    Column("held", Names, nullable=False, server_default="[]"),
    sqlite_autoincrement=True,
)

HOLD: Final = Table(
    "hold",
    METADATA,
    Column("position", POSITION, primary_key=True, autoincrement=True),
    Column("hold_id", ID, nullable=False, unique=True),
    Column("exchange_id", ID, ForeignKey("exchange.exchange_id"), nullable=False, index=True),
    Column("recipient_organisation", NAME, nullable=False),
    Column("recipient_desk", NAME, nullable=False),
    Column("organisation", NAME, nullable=False),
    Column("prerequisite", NAME, nullable=False),
    Column("body", Text, nullable=False),
    Column("key", _HASH, nullable=False),
    Column("state", String(16), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("escalates_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("asked_as", NAME, nullable=False),
    Column("tell_sender", String(16), nullable=False),
    Column("escalates_to", NAME, nullable=False),
    Column("escalates_to_role", NAME, nullable=False),
    Column("expires_at", Instant),
    Column("sender", NAME, nullable=False),
    Column("document_type", NAME, nullable=False),
    sqlite_autoincrement=True,
)
# The few that wait, however many do not.
_OPEN: Final = text("state = 'OPEN'")
_FLOW: Final = ("prerequisite", "document_type", "sender", "recipient_organisation")
_BY_ESCALATION: Final = (HOLD.c.escalates_at, HOLD.c.position)
Index("ix_hold_flow", *(HOLD.c[name] for name in _FLOW), sqlite_where=_OPEN, postgresql_where=_OPEN)
Index("ix_hold_open", HOLD.c.position, sqlite_where=_OPEN, postgresql_where=_OPEN)
Index("ix_hold_escalation", *_BY_ESCALATION, sqlite_where=_OPEN, postgresql_where=_OPEN)
Index("ix_hold_owner", HOLD.c.organisation, *_BY_ESCALATION, sqlite_where=_OPEN, postgresql_where=_OPEN)

PACKET: Final = Table(
    "packet",
    METADATA,
    Column("position", POSITION, primary_key=True, autoincrement=True),
    Column("packet_id", ID, nullable=False, unique=True),
    Column("organisation", NAME, nullable=False),
    Column("key_scope", SCOPE, nullable=False),
    Column("record_hash", _HASH, nullable=False),
    Column("ciphertext", LargeBinary),
    Column("created_at", Instant, nullable=False),
    Column("published_at", Instant),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("due_at", Instant, nullable=False),
    sqlite_autoincrement=True,
)
# The publisher looks for what is due, however many were published before, or emptied.
_WAITS: Final = text("published_at IS NULL AND ciphertext IS NOT NULL")
Index("ix_packet_waiting", PACKET.c.due_at, PACKET.c.position, sqlite_where=_WAITS, postgresql_where=_WAITS)

DELIVERY: Final = Table(
    "delivery",
    METADATA,
    Column("position", POSITION, primary_key=True, autoincrement=True),
    Column("delivery_id", ID, nullable=False, unique=True),
    Column("exchange_id", ID, ForeignKey("exchange.exchange_id"), nullable=False, index=True),
    Column("organisation", NAME, nullable=False),
    Column("desk", NAME, nullable=False),
    Column("packet_id", ID, ForeignKey("packet.packet_id"), nullable=False, unique=True),
    Column("record_hash", _HASH, nullable=False),
    Column("statement_hash", _HASH, nullable=False),
    Column("released", Names, nullable=False),
    Column("supplementary_to", ID),
    Column("created_at", Instant, nullable=False),
    Column("receipted_at", Instant),
    Column("acknowledged_at", Instant),
    Column("acknowledged", Integer, nullable=False),
    Column("refused", NAME),
    sqlite_autoincrement=True,
)

OUTCOME: Final = Table(
    "outcome",
    METADATA,
    Column("outcome_id", ID, primary_key=True),
    Column("exchange_id", ID, nullable=False, index=True),
    Column("kind", Integer, nullable=False),
    Column("addressee", NAME, nullable=False),
    Column("packet_id", ID, ForeignKey("packet.packet_id"), nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
)

FACT: Final = Table(
    "fact",
    METADATA,
    Column("position", POSITION, primary_key=True, autoincrement=True),
    Column("exchange_id", ID, ForeignKey("exchange.exchange_id"), nullable=False, index=True),
    Column("name", NAME, nullable=False),
    Column("party", Text),
    Column("answer", String(16), nullable=False),
    Column("organisation", NAME, nullable=False),
    Column("holds_from", Instant),
    Column("holds_until", Instant),
    Column("recipient", NAME),
    Column("asserted_in", ID, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    sqlite_autoincrement=True,
)

TEXT: Final = Table(
    "text",
    METADATA,
    Column("scope", ID, primary_key=True),
    Column("name", NAME, primary_key=True),
    Column("exchange_id", ID, index=True),
    Column("key_scope", SCOPE, nullable=False),
    Column("ciphertext", LargeBinary, nullable=False),
)

IN_FORCE: Final = Table(
    "in_force",
    METADATA,
    Column("only", Integer, primary_key=True, autoincrement=False),
    Column("written", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

REFUSED_MESSAGE: Final = Table(
    "refused_message",
    METADATA,
    Column("message_hash", _HASH, primary_key=True),
    Column("organisation", NAME, nullable=False),
    Column("reason", NAME, nullable=False),
    Column("at", Instant, nullable=False),
)
