"""What organisations see of the disclosure log, for the purposes of DPA 2018 section 62(4) alone.

Every query is a record, durable before anything is read for it.
"""

from typing import Any, Final

from publicprotection.oversight.v1 import disclosure_log_service_pb2 as log_pb2
from publicprotection.transport.v1 import packet_pb2

from gateway.app.log_queries import Question, ask_list, record_query
from gateway.app.log_rows import LogFilter
from gateway.app.log_showing import show_rows, turn_page
from gateway.app.log_texts import OpenText, open_texts
from gateway.app.log_vouching import Vouching, find_vouching
from gateway.app.ports import Store, Unit
from gateway.app.proofs import Path, prove_consistency, prove_inclusion
from gateway.app.records import entry_of
from gateway.app.rows import RecordRow
from gateway.app.sight import Sight, sight_of
from gateway.app.subject_acts import Act, open_work
from gateway.app.tools import Tools, Work
from services.kit.access.actor import Actor

DEFAULT_PAGE: Final = 100


class RecordUnknownError(Exception):
    """There is no such record, or none that this organisation may see."""


class NoPositionsError(Exception):
    """Positions count what is queued for everybody: only who sees the whole log is shown them."""


class LogView:
    """Reads the disclosure log.

    Args:
        store: where it is.
        tools: the means of the process.
    """

    def __init__(self, store: Store, tools: Tools) -> None:
        self._store = store
        self._tools = tools

    async def page(self, actor: Actor, request: log_pb2.ListRecordsRequest) -> list[log_pb2.LogRecord]:
        """A page of records, oldest first unless the newest are asked for.

        Args:
            actor: who asks.
            request: validated; its purpose is one of the four.

        Raises:
            NoPositionsError: it pages by positions, and is not shown any.
        """
        sight = sight_of(actor, self._tools.directory)
        if request.after_position and not sight.whole:
            raise NoPositionsError
        async with open_work(self._store, self._tools) as work:
            question = await ask_list(work, actor.organisation, sight, request)
            await record_query(work, Act(actor, request.acting.reason), request.purpose, question)
        return await self._collect(question.wanted, sight, request.page_size or DEFAULT_PAGE)

    async def _collect(self, wanted: LogFilter, sight: Sight, size: int) -> list[log_pb2.LogRecord]:
        """Looks on until the page is full: of whole entries, some may be outside the caller's area."""
        found: list[log_pb2.LogRecord] = []
        while len(found) < size:
            async with self._store.reading() as unit:
                rows = await unit.log.select(wanted, size)
                found += await show_rows(unit, rows, sight)
            if len(rows) < size:
                break
            wanted = turn_page(wanted, rows)
        return found[:size]

    async def get(self, actor: Actor, request: log_pb2.GetRecordRequest) -> log_pb2.GetRecordResponse:
        """One record, proven; with its texts if somebody asks for them who may see whom it is about.

        Raises:
            RecordUnknownError: as it says. That it was asked for is on record all the same.
            NoHeadError, TileMissingError: it cannot be proven now.
        """
        act, sight = Act(actor, request.acting.reason), sight_of(actor, self._tools.directory)
        async with open_work(self._store, self._tools) as work:
            row = await _find(work.unit, request)
            shown = next(iter(await show_rows(work.unit, [] if row is None else [row], sight)), None)
            opening = request.with_texts and sight.people and shown is not None
            await record_query(
                work, act, request.purpose, _about_one(row if shown else None, opening=opening)
            )
        if row is None or shown is None:
            raise RecordUnknownError
        return await self._prove(row, shown, opening=opening)

    async def _prove(
        self, row: RecordRow, shown: log_pb2.LogRecord, *, opening: bool
    ) -> log_pb2.GetRecordResponse:
        async with self._store.reading() as unit:
            vouching = await find_vouching(unit, self._tools)
            index = shown.index
            if index >= vouching.size:
                raise RecordUnknownError
            proof = await _inclusion(unit, index, vouching.size, vouching.note)
            work = Work(unit, self._tools, self._tools.key_store.batch(), self._tools.clock.now())
            texts = await open_texts(work, entry_of(row)) if opening else []
            return log_pb2.GetRecordResponse(
                record=shown,
                proof=proof,
                witnessed=await _witnessed(unit, index, vouching),
                texts=[_text(each) for each in texts],
                consistency=await _consistency(unit, vouching),
            )


async def _find(unit: Unit, request: log_pb2.GetRecordRequest) -> RecordRow | None:
    if request.WhichOneof("which") == "index":
        return await unit.log.find_index(request.index)
    row = await unit.log.find(request.record_hash)
    return row if row is not None and row.leaf_index is not None else None


def _about_one(row: RecordRow | None, *, opening: bool) -> Question:
    codes: dict[str, Any] = {"queried": "RECORD", "texts_opened": opening}
    if row is not None:
        codes |= {"queried_record": row.record_hash, "queried_exchange": row.exchange_id}
    return Question(LogFilter(), codes)


async def _inclusion(unit: Unit, index: int, size: int, note: str) -> packet_pb2.InclusionProof:
    paths = await prove_inclusion(unit.tree, [index], size)
    return packet_pb2.InclusionProof(checkpoint=note, index=index, hashes=paths[index])


async def _consistency(unit: Unit, vouching: Vouching) -> Path:
    if not 0 < vouching.witnessed_size < vouching.size:
        return ()
    return await prove_consistency(unit.tree, vouching.witnessed_size, vouching.size)


async def _witnessed(unit: Unit, index: int, vouching: Vouching) -> packet_pb2.InclusionProof | None:
    if index >= vouching.witnessed_size:
        return None
    return await _inclusion(unit, index, vouching.witnessed_size, vouching.witnessed)


def _text(opened: OpenText) -> log_pb2.RecordText:
    return log_pb2.RecordText(member=opened.member, text=opened.text.decode(), salt=opened.salt)
