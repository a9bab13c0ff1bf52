"""Records as somebody sees them: whole within an area, as an excerpt for whoever took part, or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from publicprotection.oversight.v1 import disclosure_log_service_pb2 as log_pb2

from gateway.app.log_rows import LogFilter
from gateway.app.ports import Unit
from gateway.app.records import entry_of
from gateway.app.rows import RecordRow
from gateway.app.sight import Sight
from gateway.core.log.checking import excerpt, parties_of
from services.kit.evidence.canonical import canonical

_ACTORS: Final = ("organisation", "sender")


def turn_page(wanted: LogFilter, rows: Sequence[RecordRow]) -> LogFilter:
    """The same, from where a page of at least one record ended."""
    last = rows[-1].leaf_index
    return replace(wanted, before_index=last) if wanted.newest else replace(wanted, after_index=last)


async def show_rows(unit: Unit, rows: Sequence[RecordRow], sight: Sight) -> list[log_pb2.LogRecord]:
    """Those of some records that somebody sees, in their order."""
    if sight.whole:
        return [_whole(row) for row in await keep_within(unit, rows, sight)]
    shown = (_excerpt(row, sight) for row in rows)
    return [each for each in shown if each is not None]


async def keep_within(unit: Unit, rows: Sequence[RecordRow], sight: Sight) -> list[RecordRow]:
    """Those that concern somebody of the area: of an exchange, who sent it and who it was to go to.

    What concerns nobody, such as a change of the rulebook, is for whoever sees entries whole.
    """
    if sight.organisations is None:
        return list(rows)
    entries = [entry_of(row) for row in rows]
    exchanges = {entry["exchange"] for entry in entries if "exchange" in entry}
    within = await unit.register.concerning(sorted(exchanges), sight.organisations)
    pairs = zip(rows, entries, strict=True)
    return [row for row, entry in pairs if _is_within(entry, within, sight)]


def _is_within(entry: Mapping[str, Any], exchanges: set[str], sight: Sight) -> bool:
    concerned = {*parties_of(entry), *(entry[name] for name in _ACTORS if name in entry)}
    exchange = entry.get("exchange")
    if exchange in exchanges or sight.covers(concerned):
        return True
    return not concerned and exchange is None


def _whole(row: RecordRow) -> log_pb2.LogRecord:
    return log_pb2.LogRecord(
        record_hash=row.record_hash,
        index=row.leaf_index or 0,
        entry=row.entry or "",
        position=row.position,
    )


def _excerpt(row: RecordRow, sight: Sight) -> log_pb2.LogRecord | None:
    entry = entry_of(row)
    for organisation in sorted(sight.organisations or ()):
        if (seen := excerpt(entry, organisation)) is not None:
            said = canonical(seen).decode()
            return log_pb2.LogRecord(record_hash=row.record_hash, index=row.leaf_index or 0, excerpt=said)
    return None
