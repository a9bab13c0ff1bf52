"""The table of counts: by day, week and month, in each period one row for each combination that there was."""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, text

from gateway.adapters.database.tables import METADATA, NAME

TALLY: Final = Table(
    "tally",
    METADATA,
    Column("grain", String(1), primary_key=True),  # D, W, M
    Column("start", String(10), primary_key=True),  # first day of the period, YYYY-MM-DD
    Column("figure", String(32), primary_key=True),
    Column("sender", NAME, primary_key=True),
    Column("recipient", NAME, primary_key=True),
    Column("owing", NAME, primary_key=True),
    Column("document_type", NAME, primary_key=True),
    Column("purpose", Integer, primary_key=True, autoincrement=False),
    Column("code", NAME, primary_key=True),
    Column("kept_from", Integer, primary_key=True, autoincrement=False),
    Column("count", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
_UNCOVERED: Final = text("figure = 'UNCOVERED' AND grain = 'D'")
_BY_FLOW: Final = (TALLY.c[name] for name in ("sender", "recipient", "document_type", "start", "count"))
Index("ix_tally_uncovered", *_BY_FLOW, sqlite_where=_UNCOVERED, postgresql_where=_UNCOVERED)
