"""What people see of exchanges: the register, which is the operational view and no evidence.

A co-ordinator sees those of the area, an organisation's data protection officer those that it sent or
received, the operator's auditor ids, times and codes of all. A filter finds no more than the list shows.
"""

from collections.abc import AsyncIterator
from typing import Final

from publicprotection.oversight.v1 import register_service_pb2 as pb2

from gateway.app.ports import Store, Unit
from gateway.app.register.cursors import CursorUnreadableError, read_cursor, write_cursor
from gateway.app.register.exporting import record_export
from gateway.app.register.filters import SubjectsNotShownError, read_filter
from gateway.app.register.paging import Page, read_page
from gateway.app.register.rows import FIRST, Cursor
from gateway.app.register.showing import know, show, stamp
from gateway.app.register.story import tell_story
from gateway.app.sight import Sight, sight_of
from gateway.app.subject_acts import open_work
from gateway.app.tools import Tools, Work
from services.kit.access.actor import Actor

__all__ = ["CursorUnreadableError", "NoPositionsError", "RegisterView", "SubjectsNotShownError"]

DEFAULT_PAGE: Final = 100
EXPORTED: Final = 100_000
"""How many exchanges an export has at most."""

_PIECE: Final = 500


class NoPositionsError(Exception):
    """Positions count what everybody does: only who sees the whole of an area is shown them."""


class RegisterView:
    """Reads the exchange register: paths and categories, never values.

    Args:
        store: where it is.
        tools: the means of the process.
    """

    def __init__(self, store: Store, tools: Tools) -> None:
        self._store = store
        self._tools = tools

    async def page(self, actor: Actor, request: pb2.ListExchangesRequest) -> pb2.ListExchangesResponse:
        """A page of exchanges.

        Args:
            actor: who asks.
            request: validated.

        Raises:
            NoPositionsError: it pages by positions, and is not shown any.
            CursorUnreadableError: its cursor was not given to this organisation.
            SubjectsNotShownError: it filters by a subject, and is not shown any.
        """
        sight = sight_of(actor, self._tools.directory)
        if request.after_position and not sight.whole:
            raise NoPositionsError
        cursor, size = self._cursor(actor, request), request.page_size or DEFAULT_PAGE
        async with self._store.reading() as unit:
            wanted = await read_filter(unit, sight, request.filter)
            if wanted is None:
                return pb2.ListExchangesResponse()
            page = await read_page(unit, wanted, cursor, size)
            answer = await _list(unit, page, sight, in_short=request.in_short)
        if cursor.older is not request.newest_first:
            answer.exchanges.reverse()
        self._set_cursors(answer, actor, page, cursor)
        return answer

    async def find(self, actor: Actor, exchange_id: str) -> pb2.GetExchangeResponse | None:
        """One exchange and all that happened to it; None also for one that the actor does not see."""
        sight = sight_of(actor, self._tools.directory)
        async with self._store.reading() as unit:
            work = Work(unit, self._tools, self._tools.key_store.batch(), self._tools.clock.now())
            return await tell_story(work, actor, sight, exchange_id)

    async def export(
        self, actor: Actor, request: pb2.ExportExchangesRequest
    ) -> AsyncIterator[pb2.ExportExchangesResponse]:
        """Exchanges that meet a filter, newest first, in short, piece by piece. It is on record first.

        The last piece says if there were more than an export has.

        Raises:
            SubjectsNotShownError: it filters by a subject, and is not shown any.
            StoreUnavailableError, KeyStoreUnavailableError: not now; nothing is given off the record.
        """
        sight, cursor, left = sight_of(actor, self._tools.directory), FIRST, EXPORTED
        async with open_work(self._store, self._tools) as work:
            await read_filter(work.unit, sight, request.filter)  # what is refused took nothing
            await record_export(work, actor, request.filter)
        while True:
            async with self._store.reading() as unit:
                wanted = await read_filter(unit, sight, request.filter)
                if wanted is None:
                    return
                page = await read_page(unit, wanted, cursor, min(_PIECE, left))
                piece = await _list(unit, page, sight, in_short=True)
            left -= len(page.rows)
            cut_off = page.forward is not None and left <= 0
            yield pb2.ExportExchangesResponse(exchanges=piece.exchanges, cut_off=cut_off)
            if page.forward is None or cut_off:
                return
            cursor = page.forward

    def _cursor(self, actor: Actor, request: pb2.ListExchangesRequest) -> Cursor:
        if request.cursor:
            return read_cursor(self._tools.key_store, actor.organisation, request.cursor)
        return FIRST if request.newest_first else Cursor(older=False, position=request.after_position)

    def _set_cursors(
        self, answer: pb2.ListExchangesResponse, actor: Actor, page: Page, cursor: Cursor
    ) -> None:
        older, newer = (page.forward, page.back) if cursor.older else (page.back, page.forward)
        keys = self._tools.key_store
        answer.older = "" if older is None else write_cursor(keys, actor.organisation, older)
        answer.newer = "" if newer is None else write_cursor(keys, actor.organisation, newer)


async def _list(unit: Unit, page: Page, sight: Sight, *, in_short: bool) -> pb2.ListExchangesResponse:
    known = await know(unit, page.rows, sight, in_short=in_short)
    return pb2.ListExchangesResponse(
        exchanges=[show(each, sight, in_short=in_short) for each in known],
        looked_to=stamp(page.looked_to),
    )
