"""The tables of the subject register: made-up ids, keyed digests, ciphertext."""

from typing import Final

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, text

from gateway.adapters.database.tables import ID, METADATA, NAME, POSITION, SCOPE
from gateway.adapters.database.types import Instant

SUBJECT: Final = Table(
    "subject",
    METADATA,
    Column("position", POSITION, primary_key=True, autoincrement=True),
    Column("subject_id", ID, nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
    Column("system", Integer, nullable=False),
    Column("blind_index", LargeBinary(32), unique=True),
    sqlite_autoincrement=True,
)

SUBJECT_MENTION: Final = Table(
    "subject_mention",
    METADATA,
    Column("subject_id", ID, ForeignKey("subject.subject_id"), primary_key=True),
    Column("exchange_id", ID, primary_key=True, index=True),
    Column("about", NAME, primary_key=True),
    Column("is_case", Boolean, nullable=False),
)

SUBJECT_TRACE: Final = Table(
    "subject_trace",
    METADATA,
    Column("blind_index", LargeBinary(32), primary_key=True),
    Column("subject_id", ID, ForeignKey("subject.subject_id"), primary_key=True),
    Column("kind", Integer, nullable=False),
)
Index("ix_subject_trace_subject_id", SUBJECT_TRACE.c.subject_id, SUBJECT_TRACE.c.kind)

SUBJECT_LINK: Final = Table(
    "subject_link",
    METADATA,
    Column("position", POSITION, primary_key=True, autoincrement=True),
    Column("link_id", ID, nullable=False, unique=True),
    Column("first_id", ID, ForeignKey("subject.subject_id"), nullable=False, index=True),
    Column("second_id", ID, ForeignKey("subject.subject_id"), nullable=False, index=True),
    Column("state", String(16), nullable=False),
    Column("exchange_id", ID),
    Column("contradiction", NAME),
    Column("made_at", Instant, nullable=False),
    Column("made_in", ID),
    Column("settled_at", Instant),
    Column("settled_in", ID),
    sqlite_autoincrement=True,
)

# Those that wait for a person, however many do not. No index on the state alone: who follows the links of one
# person would be led through everybody's.
Index(
    "ix_subject_link_held",
    SUBJECT_LINK.c.position,
    sqlite_where=text("state = 'HELD'"),
    postgresql_where=text("state = 'HELD'"),
)

SUBJECT_DESCRIPTION: Final = Table(
    "subject_description",
    METADATA,
    Column("text_id", LargeBinary(32), primary_key=True),
    Column("party_id", ID, ForeignKey("subject.subject_id"), index=True),
    Column("key_scope", SCOPE, nullable=False, index=True),
    Column("ciphertext", LargeBinary, nullable=False),
)

SUBJECT_CASE_TEXT: Final = Table(
    "subject_case_text",
    METADATA,
    Column("subject_id", ID, ForeignKey("subject.subject_id"), primary_key=True),
    Column(
        "text_id", LargeBinary(32), ForeignKey("subject_description.text_id"), primary_key=True, index=True
    ),
)

SUBJECT_TOLD: Final = Table(
    "subject_told",
    METADATA,
    Column("text_id", LargeBinary(32), ForeignKey("subject_description.text_id"), primary_key=True),
    Column("organisation", NAME, primary_key=True),
    Column("desk", NAME, primary_key=True),
    Column("kind", NAME, primary_key=True),
)
