"""The tables of an organisation's own store.

Ids, codes and times stand in clear. Everything about people is in a column called `body`, encrypted
(`Vault`), or, for a packet that waits to be sent, is ciphertext to the gateway.
"""

from sqlalchemy import Column, Index, Integer, LargeBinary, MetaData, String, Table, Text

from services.kit.store.types import Position, UtcDateTime

metadata = MetaData()


def _position() -> Column[int]:
    return Column("position", Position, primary_key=True, autoincrement=True)


exchange = Table(
    "exchange",
    metadata,
    _position(),
    Column("exchange_id", String(64), nullable=False, unique=True),
    Column("request_id", String(64), nullable=False, unique=True),
    Column("request_digest", String(64), nullable=False),
    Column("document_type", String(64), nullable=False),
    Column("state", Integer, nullable=False),
    Column("accepted_at", UtcDateTime, nullable=False),
    Column("in_reply_to", String(64), nullable=False, index=True),
    Column("seal_hash", String(64), nullable=False),
    Column("body", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)
"""What was sent from here. Body: the seal and its leaves."""

packet = Table(
    "packet",
    metadata,
    _position(),
    Column("packet_id", String(64), nullable=False, unique=True),
    Column("kind", String(32), nullable=False),
    Column("exchange_id", String(64)),
    Column("delivery_id", String(64)),
    Column("created_at", UtcDateTime, nullable=False),
    Column("published_at", UtcDateTime),
    Column("octets", Integer, nullable=False),
    Column("jwe", Text),
    sqlite_autoincrement=True,
)
"""What is to be published, in order. The ciphertext goes once the broker has confirmed it."""

Index(
    "packet_waiting",
    packet.c.position,
    sqlite_where=packet.c.published_at.is_(None),
    postgresql_where=packet.c.published_at.is_(None),
)

delivery = Table(
    "delivery",
    metadata,
    _position(),
    Column("delivery_id", String(64), nullable=False, unique=True),
    Column("exchange_id", String(64), nullable=False, index=True),
    Column("sender", String(63), nullable=False),
    Column("desk", String(63), nullable=False),
    Column("document_type", String(64), nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("not_after", UtcDateTime),
    Column("supplementary_to", String(64), nullable=False),
    Column("in_reply_to", String(64), nullable=False, index=True),
    Column("acknowledged", Integer, nullable=False),
    Column("statement_hash", String(64), nullable=False),
    Column("body", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)
"""What was received here. Body: seal, statement and leaves."""

acknowledgement = Table(
    "acknowledgement",
    metadata,
    _position(),
    Column("delivery_id", String(64), nullable=False, index=True),
    Column("kind", Integer, nullable=False),
    Column("acknowledged_at", UtcDateTime, nullable=False),
    Column("packet_id", String(64), nullable=False, unique=True),
    Column("body", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)
"""Who here acknowledged a delivery. Body: the claims that were signed."""

outcome = Table(
    "outcome",
    metadata,
    _position(),
    Column("outcome_id", String(64), nullable=False, unique=True),
    Column("exchange_id", String(64), nullable=False, index=True),
    Column("kind", Integer, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("body", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)
"""What the gateway said became of exchanges. Body: the signed outcome."""

hold = Table(
    "hold",
    metadata,
    _position(),
    Column("hold_id", String(64), nullable=False, unique=True),
    Column("exchange_id", String(64), nullable=False),
    Column("sender", String(63), nullable=False),
    Column("document_type", String(64), nullable=False),
    Column("state", Integer, nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("body", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)
"""Holds that somebody here can lift. Body: what waits, for whom, why."""

alarm = Table(
    "alarm",
    metadata,
    _position(),
    Column("cause", String(200), nullable=False, unique=True),
    Column("kind", Integer, nullable=False),
    Column("code", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("exchange_id", String(64), nullable=False, index=True),
    Column("delivery_id", String(64), nullable=False),
    Column("body", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)
"""What did not verify. Cause: made of ids and hashes, so that none is raised twice. Body: the path."""

vault_check = Table(
    "vault_check",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("body", LargeBinary, nullable=False),
)
"""One known value, by which a store and a key that do not belong together are found out at start-up."""
