"""Who asked the log or a register, what for and about what (DPA 2018 section 62(2), (4)).

The co-ordination unit is told the names of those whose queries it sees, an organisation those of its own.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from publicprotection.oversight.v1 import disclosure_log_service_pb2 as log_pb2

from gateway.app.digests import blind_reader, listing_of
from gateway.app.listings import QUERIES, QUERY_TYPES
from gateway.app.log_queries import Question, moment_of, name_asked, record_query
from gateway.app.log_rows import LogFilter
from gateway.app.log_showing import keep_within, turn_page
from gateway.app.ports import Store
from gateway.app.records import entry_of
from gateway.app.rows import RecordRow
from gateway.app.sight import Sight, sight_of
from gateway.app.subject_acts import Act, Acted, open_work, read_act
from gateway.app.subject_people import stamp
from gateway.app.tools import Tools, Work
from services.kit.access.actor import Actor, Scope

DEFAULT_PAGE: Final = 25


class ReaderView:
    """Lists queries.

    Args:
        store: where their records are.
        tools: the means of the process.
    """

    def __init__(self, store: Store, tools: Tools) -> None:
        self._store = store
        self._tools = tools

    async def list(self, actor: Actor, request: log_pb2.ListLogQueriesRequest) -> list[log_pb2.LogQuery]:
        """A page, newest first; asking is on record first.

        Args:
            actor: who asks.
            request: validated.

        Raises:
            UnreadableError: what was kept of somebody was altered or moved.
        """
        sight, named = sight_of(actor, self._tools.directory), actor.scope is not Scope.METADATA
        async with open_work(self._store, self._tools) as work:
            wanted = _wanted(work, actor, sight, request, named=named)
            question = Question(wanted, _codes(work, request, wanted))
            await record_query(work, Act(actor, request.acting.reason), request.purpose, question)
        async with self._store.reading() as unit:
            work = Work(unit, self._tools, self._tools.key_store.batch(), self._tools.clock.now())
            rows = await _collect(work, wanted, sight, request.page_size or DEFAULT_PAGE)
            return [await _show(work, row, named=named) for row in rows]


async def _collect(work: Work, wanted: LogFilter, sight: Sight, size: int) -> list[RecordRow]:
    """Looks on until the page is full: some may be outside the caller's area."""
    found: list[RecordRow] = []
    while len(found) < size:
        rows = await work.unit.log.select(wanted, size)
        found += await keep_within(work.unit, rows, sight) if sight.whole else rows
        if len(rows) < size:
            break
        wanted = turn_page(wanted, rows)
    return found[:size]


def _wanted(
    work: Work, actor: Actor, sight: Sight, request: log_pb2.ListLogQueriesRequest, *, named: bool
) -> LogFilter:
    listed: list[tuple[bytes, ...]] = []
    if not sight.whole:
        listed.append((listing_of(actor.organisation, QUERIES),))
    if request.organisation:
        listed.append((listing_of(request.organisation, QUERIES),))
    if request.person:
        listed.insert(0, _person(work, actor, sight, request, named=named))
    return LogFilter(
        listed=tuple(listed),
        types=() if listed else tuple(QUERY_TYPES),
        since=moment_of(request.since) if request.HasField("since") else None,
        until=moment_of(request.until) if request.HasField("until") else None,
        newest=True,
        before_index=request.before_index if request.HasField("before_index") else None,
    )


def _person(
    work: Work, actor: Actor, sight: Sight, request: log_pb2.ListLogQueriesRequest, *, named: bool
) -> tuple[bytes, ...]:
    """The keys of a person's queries at each organisation that the caller is told of; nobody's if unnamed."""
    asked = [request.organisation] if request.organisation else sorted(sight.organisations or ())
    own = asked if sight.whole else [actor.organisation]
    keys = [blind_reader(work.tools.key_store, each, request.person) for each in own if named]
    return tuple(keys) or (b"",)


def _codes(work: Work, request: log_pb2.ListLogQueriesRequest, wanted: LogFilter) -> dict[str, Any]:
    return {
        "queried": "QUERIES",
        "queried_organisation": name_asked(work, request.organisation),
        "queried_from": _iso(wanted.since),
        "queried_until": _iso(wanted.until),
        "after": None if wanted.before_index is None else str(wanted.before_index),
        "page_size": request.page_size or None,
    }


async def _show(work: Work, row: RecordRow, *, named: bool) -> log_pb2.LogQuery:
    entry = entry_of(row)
    return log_pb2.LogQuery(
        index=row.leaf_index or 0,
        record_hash=row.record_hash,
        at=stamp(row.at),
        asked_by=await _asked_by(work, entry) if named else None,
        type=row.type,
        organisation=entry.get("organisation", ""),
        purpose=entry.get("purpose", ""),
        queried=entry.get("queried", ""),
        exchange_id=entry.get("queried_exchange", ""),
        queried_record=entry.get("queried_record", ""),
        queried_organisation=entry.get("queried_organisation", ""),
        queried_types=entry.get("queried_types", ()),
        texts_shown=entry.get("texts_opened", False),
    )


async def _asked_by(work: Work, entry: Mapping[str, Any]) -> Acted | None:
    return await read_act(work, entry["scope"]) if "scope" in entry else None


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
