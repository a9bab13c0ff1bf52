"""Exporting the log as a file that proves itself (docs/log-form.md), in bounded memory.

The checkpoint is fixed at the start; the log only grows, so what is read afterwards, piece by piece, each in
a transaction of its own, is of the very tree that the checkpoint states.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from publicprotection.oversight.v1 import disclosure_log_service_pb2 as log_pb2

from gateway.app.log_queries import (
    Question,
    find_people_asked,
    known_exchange,
    list_people,
    moment_of,
    record_query,
)
from gateway.app.log_rows import LogFilter, LogSpan
from gateway.app.log_vouching import Vouching, find_vouching
from gateway.app.ports import Store, Unit
from gateway.app.proofs import prove_consistency, prove_inclusion
from gateway.app.rows import RecordRow
from gateway.app.subject_acts import Act, open_work
from gateway.app.tools import Tools, Work
from gateway.core.log.bundle_writing import (
    ExportRecord,
    RecordWriter,
    begins_tile,
    plan_tile,
    write_header,
)
from gateway.core.log.tiles import TILE_WIDTH, TreeHashes
from services.kit.access.actor import Actor
from services.kit.evidence.bundle_form import Header, Run, Scope, ScopeKind, Witnessed

_PAGE: Final = TILE_WIDTH
_MOST_OCTETS: Final = 1 << 20


class LogExport:
    """Writes exports.

    Args:
        store: where the log is.
        tools: the means of the process.
    """

    def __init__(self, store: Store, tools: Tools) -> None:
        self._store = store
        self._tools = tools

    async def write(self, actor: Actor, request: log_pb2.ExportRecordsRequest) -> AsyncIterator[bytes]:
        """The file's lines, several at a time. The query is recorded before the first.

        Args:
            actor: who asks; an export holds entries of everybody, which name nobody.
            request: validated.

        Raises:
            NoHeadError, NoSigningKeyError, StoreUnavailableError, KeyStoreUnavailableError: not now.
        """
        async with open_work(self._store, self._tools) as work:
            question = await _ask(work, actor.organisation, request)
            await record_query(work, Act(actor, request.acting.reason), request.purpose, question)
        async with self._store.reading() as unit:
            vouching = await find_vouching(unit, self._tools)
            scope = _scope_of(request)
            run = await _find_run(unit, scope, vouching.size)
            header = await self._header(unit, vouching, scope, run)
        yield write_header(header)  # not in there: whoever reads slowly would keep a connection
        writer = RecordWriter()
        pieces = (
            self._run(writer, run, vouching.size)
            if run is not None
            else self._some(writer, replace(question.wanted, below=vouching.size), vouching.size)
        )
        async for lines in pieces:
            for piece in _cut(lines):
                yield piece
        yield writer.close()

    async def _header(self, unit: Unit, vouching: Vouching, scope: Scope, run: Run | None) -> Header:
        earlier = None
        if vouching.witnessed and vouching.witnessed_size < vouching.size:
            path = await prove_consistency(unit.tree, vouching.witnessed_size, vouching.size)
            earlier = Witnessed(vouching.witnessed, path)
        return Header(scope, vouching.note, self._tools.directory.token, earlier, run)

    async def _run(self, writer: RecordWriter, run: Run, size: int) -> AsyncIterator[list[bytes]]:
        """Neighbouring records, tile by tile."""
        first = run.start
        while first < run.end:
            end = min((first // TILE_WIDTH + 1) * TILE_WIDTH, run.end)
            async with self._store.reading() as unit:
                plan = plan_tile(first // TILE_WIDTH, size)
                tiles = await unit.tree.tiles(plan.tiles)
                lines = [plan.line(tiles, TreeHashes(tiles))] if begins_tile(first, run.start) else []
                rows = await unit.log.range(first, end)
            yield [*lines, *(writer.write(_exported(row)) for row in rows)]
            first = end

    async def _some(self, writer: RecordWriter, wanted: LogFilter, size: int) -> AsyncIterator[list[bytes]]:
        """Records here and there, each with its path."""
        after: int | None = None
        while True:
            async with self._store.reading() as unit:
                rows = await unit.log.select(replace(wanted, after_index=after), _PAGE)
                records = [_exported(row) for row in rows]
                paths = await prove_inclusion(unit.tree, [each.index for each in records], size)
            if not records:
                return
            yield [writer.write(each, paths[each.index]) for each in records]
            after = records[-1].index


async def _ask(work: Work, organisation: str, request: log_pb2.ExportRecordsRequest) -> Question:
    kind = request.WhichOneof("scope")
    if kind == "subject":
        people = await find_people_asked(work, organisation, request.subject)
        wanted = LogFilter(listed=list_people(work, people), by_index=True)
        return Question(wanted, {"queried": "SUBJECT"}, people)
    if kind == "exchange_id":
        known = await known_exchange(work, request.exchange_id)
        wanted = LogFilter(exchange_id=request.exchange_id, by_index=True)
        return Question(wanted, {"queried": "EXCHANGE", "queried_exchange": known})
    if kind == "period":
        since, until = moment_of(request.period.since), moment_of(request.period.until)
        codes: dict[str, Any] = {
            "queried": "PERIOD",
            "queried_from": since.isoformat(),
            "queried_until": until.isoformat(),
        }
        return Question(LogFilter(), codes)
    return Question(LogFilter(), {"queried": "ALL"})


def _scope_of(request: log_pb2.ExportRecordsRequest) -> Scope:
    kind = request.WhichOneof("scope")
    if kind == "exchange_id":
        return Scope(ScopeKind.EXCHANGE, exchange=request.exchange_id)
    if kind == "subject":
        return Scope(ScopeKind.SUBJECT)
    if kind == "period":
        since, until = moment_of(request.period.since), moment_of(request.period.until)
        return Scope(ScopeKind.PERIOD, since=since, until=until)
    return Scope(ScopeKind.ALL)


async def _find_run(unit: Unit, scope: Scope, size: int) -> Run | None:
    """The neighbouring records that an export is of; a period reaches from one before to one after it.

    Times may step back along the log: then more than one record stands between.
    """
    if scope.kind is ScopeKind.ALL:
        return Run(0, size)
    if scope.since is None or scope.until is None:
        return None
    span = await unit.log.span(scope.since, scope.until) or await _gap(unit, scope.until, size)
    before = await unit.log.nearest_before(span.first, scope.since)
    after = await unit.log.nearest_after(span.last, scope.until)
    return Run(before or 0, size if after is None else min(after + 1, size))


async def _gap(unit: Unit, until: datetime, size: int) -> LogSpan:
    """Where the records of a period without any would stand: between two that are neighbours."""
    edge = await unit.log.first_at(until)
    return LogSpan(size, size - 1) if edge is None else LogSpan(edge, edge - 1)


def _exported(row: RecordRow) -> ExportRecord:
    if row.leaf_index is None:
        raise AssertionError("a record without an index")
    return ExportRecord(row.leaf_index, row.entry, bytes.fromhex(row.record_hash))


def _cut(lines: Sequence[bytes]) -> list[bytes]:
    """Pieces of whole lines, none much larger than it has to be."""
    pieces: list[list[bytes]] = [[]]
    octets = 0
    for line in lines:
        if octets + len(line) > _MOST_OCTETS and pieces[-1]:
            pieces.append([])
            octets = 0
        pieces[-1].append(line)
        octets += len(line)
    return [b"".join(piece) for piece in pieces if piece]
