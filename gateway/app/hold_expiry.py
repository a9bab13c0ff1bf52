"""Holds that nobody answered in time: each ends as if declined, and all concerned are told."""

import asyncio
from typing import Final

import structlog
from publicprotection.exchange.v1 import outcome_pb2

from gateway.app.hold_answer import tell_sender
from gateway.app.hold_ending import end_hold
from gateway.app.key_ports import KeyStoreUnavailableError
from gateway.app.ports import Store, StoreUnavailableError
from gateway.app.redecide import KeptExchangeError, redecide
from gateway.app.rows import HoldRow, HoldState
from gateway.app.subject_acts import open_work
from gateway.app.tools import Tools, Work
from gateway.core.model import Desk

_log = structlog.get_logger(__name__)
_LOCK: Final = "holds"


class HoldExpiry:
    """Ends holds whose time ran out. Several gateways on one database end each of them once.

    Args:
        store: where the holds are.
        tools: the means of the process.
        interval_s: how often to look.
        batch: how many at once.
    """

    def __init__(self, store: Store, tools: Tools, *, interval_s: float, batch: int = 100) -> None:
        self._store = store
        self._tools = tools
        self._interval_s = interval_s
        self._batch = batch

    async def run(self) -> None:
        """Looks until cancelled: at once, since times may have passed while nothing ran."""
        while True:
            try:
                await self.end_due()
            except (StoreUnavailableError, KeyStoreUnavailableError) as error:
                _log.error("hold_expiry_waits", component=type(error).__name__)
            await asyncio.sleep(self._interval_s)

    async def end_due(self) -> int:
        """Ends all that are due now; how many those were.

        None while the directory is out of date: a clock that is wrong by years is ahead of the directory too.

        Raises:
            StoreUnavailableError, KeyStoreUnavailableError: the rest is still to be done.
        """
        if self._tools.directory.is_stale(self._tools.clock.now()):
            _log.error("hold_expiry_waits", reason="DIRECTORY_STALE")
            return 0
        async with self._store.reading() as unit:
            due = await unit.holds.expiring(self._tools.clock.now(), self._batch)
        return sum([await self._end(hold.hold_id) for hold in due])

    async def _end(self, hold_id: str) -> bool:
        try:
            async with open_work(self._store, self._tools) as work:
                await work.unit.lock(_LOCK)
                return await expire_hold(work, hold_id)
        except KeptExchangeError:
            _log.error("held_exchange_unreadable", hold_id=hold_id)
            return False


async def expire_hold(work: Work, hold_id: str) -> bool:
    """Ends one hold, unless it was settled meanwhile; whether it did."""
    hold = await work.unit.holds.find(hold_id)
    if hold is None or not _is_due(work, hold):
        return False
    leaf = await end_hold(work, hold, HoldState.EXPIRED)
    desk = Desk(hold.recipient_organisation, hold.recipient_desk)
    done = await redecide(work, hold.exchange_id, leaf, also=[desk])
    await tell_sender(work, hold, outcome_pb2.OUTCOME_KIND_EXPIRED, leaf, done)
    return True


def _is_due(work: Work, hold: HoldRow) -> bool:
    return hold.state is HoldState.OPEN and hold.expires_at is not None and hold.expires_at <= work.at
