"""The tables of the disclosure log: records, tiles of the tree, checkpoints and their cosignatures."""

from typing import Final

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, text

from gateway.adapters.database.tables import ID, METADATA, NAME, POSITION
from gateway.adapters.database.types import Instant

_HASH: Final = String(64)

LOG_RECORD: Final = Table(
    "log_record",
    METADATA,
    Column("position", POSITION, primary_key=True, autoincrement=True),
    Column("entry", Text),  # pruned when its retention class says so; the hash stays
    Column("record_hash", _HASH, nullable=False, unique=True),
    Column("type", NAME, nullable=False),
    Column("exchange_id", ID, index=True),
    Column("at", Instant, nullable=False),
    Column("leaf_index", BigInteger, unique=True),
    Column("retention_class", NAME),
    sqlite_autoincrement=True,
)
# The sequencer looks for what waits, in the order of the queue, however long the log is.
Index(
    "ix_log_record_queued",
    LOG_RECORD.c.position,
    sqlite_where=text("leaf_index IS NULL"),
    postgresql_where=text("leaf_index IS NULL"),
)

# Who read the log, and a period of it, are found without looking at the rest.
Index("ix_log_record_type", LOG_RECORD.c.type, LOG_RECORD.c.position)
Index("ix_log_record_at", LOG_RECORD.c.at, LOG_RECORD.c.position)

# What is due to be pruned is found without looking at what was.
Index(
    "ix_log_record_due",
    LOG_RECORD.c.retention_class,
    LOG_RECORD.c.at,
    sqlite_where=text("entry IS NOT NULL"),
    postgresql_where=text("entry IS NOT NULL"),
)

# What is due of a class by exchange is found in the order of its pages.
Index(
    "ix_log_record_class",
    LOG_RECORD.c.retention_class,
    LOG_RECORD.c.exchange_id,
    LOG_RECORD.c.at,
    sqlite_where=text("entry IS NOT NULL"),
    postgresql_where=text("entry IS NOT NULL"),
)

# The records about a subject, or that an organisation may see, in the order of the log.
LOG_LISTING: Final = Table(
    "log_listing",
    METADATA,
    Column("listed_under", LargeBinary(32), primary_key=True),
    Column("position", POSITION, ForeignKey("log_record.position"), primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

LOG_TILE: Final = Table(
    "log_tile",
    METADATA,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("tile", BigInteger, primary_key=True, autoincrement=False),
    Column("hashes", LargeBinary, nullable=False),
)

LOG_HEAD: Final = Table(
    "log_head",
    METADATA,
    Column("only", Integer, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False),
    Column("root", LargeBinary(32), nullable=False),
    Column("note", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

LOG_CHECKPOINT: Final = Table(
    "log_checkpoint",
    METADATA,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("root", LargeBinary(32), nullable=False),
    Column("note", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

LOG_COSIGNATURE: Final = Table(
    "log_cosignature",
    METADATA,
    Column("size", BigInteger, ForeignKey("log_checkpoint.size"), primary_key=True, autoincrement=False),
    Column("organisation", NAME, primary_key=True),
    Column("line", Text, nullable=False),
    Column("at", Instant, nullable=False, index=True),
)
