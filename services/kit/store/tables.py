"""The tables of an organisation's own store.

Ids, codes and times stand in clear. Everything about people is in a column called `body`, encrypted
(`Vault`).
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

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
    Column("desk", String(64), nullable=False),
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
    Column("body", LargeBinary),
    sqlite_autoincrement=True,
)
"""What is to be published, in order. Body: the packet; deleted once the broker has confirmed it."""

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
    Column("settled_at", UtcDateTime),
    Column("settlement", LargeBinary),
    sqlite_autoincrement=True,
)
"""What did not verify. Cause: made of ids and hashes, so that none is raised twice. Body: path, evidence.
Settlement: who settled it, and why."""

reading = Table(
    "reading",
    metadata,
    _position(),
    Column("reading_id", String(64), nullable=False, unique=True),
    Column("kind", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("exchange_id", String(64), nullable=False, index=True),
    Column("delivery_id", String(64), nullable=False, index=True),
    Column("body", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)
"""Who read values here, and when. Body: the system, and the person as far as the call said."""

checkpoint = Table(
    "checkpoint",
    metadata,
    _position(),
    Column("size", BigInteger, nullable=False),
    Column("root", String(64), nullable=False),
    Column("note", Text, nullable=False),
    Column("signed_at", UtcDateTime, nullable=False),
    Column("source", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("proof", Text, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    UniqueConstraint("size", "root", name="checkpoint_size_root"),
    sqlite_autoincrement=True,
)
"""Checkpoints of the gateway's log that were shown to this witness. Nothing about people."""

Index("checkpoint_state", checkpoint.c.state)

cosignature = Table(
    "cosignature",
    metadata,
    Column("size", BigInteger, primary_key=True),
    Column("root", String(64), primary_key=True),
    Column("organisation", String(63), primary_key=True),
    Column("line", Text, nullable=False),
)
"""Signature lines of witnesses, this one among them, on checkpoints."""

waiting_message = Table(
    "waiting_message",
    metadata,
    _position(),
    Column("message_hash", String(64), nullable=False, unique=True),
    Column("message_id", String(255), nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("code", String(64), nullable=False),
    Column("overdue", Boolean, nullable=False),
    Column("opened", Boolean, nullable=False),
    Column("body", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)
"""Messages that name a key which is not known here yet. Body: the packet, if it opens; or as it came."""

access_case = Table(
    "access_case",
    metadata,
    _position(),
    Column("case_id", String(64), nullable=False, unique=True),
    Column("request_id", String(64), nullable=False, unique=True),
    Column("request_digest", String(64), nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("answered_at", UtcDateTime),
    sqlite_autoincrement=True,
)
"""One row for each case; how it stands is told by its events."""

access_event = Table(
    "access_event",
    metadata,
    _position(),
    Column("case_id", String(64), nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("request_id", String(64), nullable=False, index=True),
    Column("body", LargeBinary, nullable=False),
    UniqueConstraint("case_id", "number", name="access_event_case_number"),
    sqlite_autoincrement=True,
)
"""What happened in a case, in order; added to and never changed. Body: who, and what it says."""

access_enquiry = Table(
    "access_enquiry",
    metadata,
    _position(),
    Column("enquiry_id", String(64), nullable=False, unique=True),
    Column("exchange_id", String(64), nullable=False),
    Column("asker", String(63), nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("answered_at", UtcDateTime),
    Column("body", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)
"""What others asked this organisation as owner. Body: the enquiry as it was sealed."""

clock = Table(
    "clock",
    metadata,
    _position(),
    Column("clock_id", String(64), nullable=False, unique=True),
    Column("exchange_id", String(64), nullable=False),
    Column("document_type", String(64), nullable=False),
    Column("sender", String(63), nullable=False),
    Column("state", Integer, nullable=False),
    Column("told", Integer, nullable=False),
    Column("told_at", UtcDateTime, nullable=False),
    Column("body", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)
"""Clocks of which the gateway told. Body: what it said last."""

confirmation = Table(
    "confirmation",
    metadata,
    _position(),
    Column("exchange_id", String(64), nullable=False),
    Column("organisation", String(63), nullable=False),
    Column("desk", String(63), nullable=False),
    Column("document_type", String(64), nullable=False),
    Column("accepted_at", UtcDateTime, nullable=False),
    Column("confirm_by", UtcDateTime, nullable=False),
    Column("state", Integer, nullable=False),
    UniqueConstraint("exchange_id", "organisation", "desk", name="confirmation_desk"),
    sqlite_autoincrement=True,
)
"""Whether immediate exchanges arrived, desk by desk. Nothing about people."""

Index("confirmation_due", confirmation.c.state, confirmation.c.confirm_by)

recall = Table(
    "recall",
    metadata,
    _position(),
    Column("recall_id", String(64), nullable=False, unique=True),
    Column("exchange_id", String(64), nullable=False),
    Column("sender", String(63), nullable=False),
    Column("document_type", String(64), nullable=False),
    Column("told_at", UtcDateTime, nullable=False),
    Column("confirmed_at", UtcDateTime),
    Column("body", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)
"""Recalls of what was received here. Body: the notice as it was told."""

Index("recall_exchange", recall.c.exchange_id)

vault_check = Table(
    "vault_check",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("body", LargeBinary, nullable=False),
)
"""One known value, by which a store and a key that do not belong together are found out at start-up."""

refusal = Table(
    "refusal",
    metadata,
    _position(),
    Column("refusal_id", String(64), nullable=False, unique=True),
    Column("since", UtcDateTime, nullable=False),
    Column("until", UtcDateTime, nullable=False),
    Column("count", Integer, nullable=False),
    Column("organisation", String(64), nullable=False),
    Column("method", String(200), nullable=False),
    Column("reason", String(64), nullable=False),
    Column("body", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)
"""Calls that were not let in. Body: system, person, job."""

minutes_case = Table(
    "minutes_case",
    metadata,
    _position(),
    Column("case_id", String(64), nullable=False, unique=True),
    Column("request_id", String(64), nullable=False, unique=True),
    Column("request_digest", String(64), nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("answered_at", UtcDateTime),
    sqlite_autoincrement=True,
)
"""The register of requests for minutes; how each stands is told by its events."""

minutes_event = Table(
    "minutes_event",
    metadata,
    _position(),
    Column("case_id", String(64), nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("body", LargeBinary, nullable=False),
    UniqueConstraint("case_id", "number", name="minutes_event_case_number"),
    sqlite_autoincrement=True,
)
"""What happened to a request, in order; added to and never changed. Body: who, and what it says."""

disclosure_decision = Table(
    "disclosure_decision",
    metadata,
    _position(),
    Column("decision_id", String(64), nullable=False, unique=True),
    Column("subject_digest", String(64), nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    sqlite_autoincrement=True,
)
"""Decisions whether to disclose to a third party; how each stands is told by its events."""

Index("disclosure_decision_subject", disclosure_decision.c.subject_digest)

disclosure_event = Table(
    "disclosure_event",
    metadata,
    _position(),
    Column("decision_id", String(64), nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("request_id", String(64), unique=True),
    Column("request_digest", String(64)),
    Column("body", LargeBinary, nullable=False),
    UniqueConstraint("decision_id", "number", name="disclosure_event_number"),
    sqlite_autoincrement=True,
)
"""What happened to a decision, in order; added to and never changed. Body: who, and what it says."""
