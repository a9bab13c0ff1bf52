"""The task that fires what is due. Everything it goes by is stored, so a restart changes nothing.

Several gateways may run it on one database: whoever takes a step moves the clock on in the transaction that
records and tells it, and only one can.
"""

import asyncio
from datetime import timedelta
from typing import Final

import structlog

from gateway.app.clocks.holds import is_closed
from gateway.app.clocks.moving import fire
from gateway.app.clocks.rows import ClockRow
from gateway.app.key_ports import KeyStoreUnavailableError
from gateway.app.ports import Store, StoreUnavailableError
from gateway.app.subject_acts import open_work
from gateway.app.tools import Tools, Work
from services.kit.keyring import NoSigningKeyError

_LOCK: Final = "clocks"
_AGAIN: Final = timedelta(hours=1)
_WAIT: Final = (StoreUnavailableError, KeyStoreUnavailableError, NoSigningKeyError)

_log = structlog.get_logger(__name__)


class Timekeeper:
    """Fires the steps of clocks.

    Args:
        store: where the clocks are.
        tools: the means of the process.
        interval_s: how often it looks.
        batch: clocks in one transaction.
    """

    def __init__(self, store: Store, tools: Tools, *, interval_s: float, batch: int = 50) -> None:
        self._store = store
        self._tools = tools
        self._interval_s = interval_s
        self._batch = batch

    async def run(self) -> None:
        """Fires until cancelled."""
        while True:
            try:
                while await self.fire_due() >= self._batch:
                    pass
            except _WAIT as error:
                _log.error("clocks_wait", component=type(error).__name__)
            await asyncio.sleep(self._interval_s)

    async def fire_due(self) -> int:
        """Takes what is due, one batch; how many clocks that were.

        None while the directory is out of date, as with everything that is told.

        Raises:
            StoreUnavailableError, KeyStoreUnavailableError, NoSigningKeyError: nothing was done.
        """
        now = self._tools.clock.now()
        if self._tools.directory.is_stale(now):
            _log.error("clocks_wait", reason="DIRECTORY_STALE")
            return 0
        async with self._store.reading() as unit:
            if not await unit.clocks.due(now, 1):
                return 0
        return await self._fire_batch()

    async def _fire_batch(self) -> int:
        async with open_work(self._store, self._tools) as work:
            work.tools.signing  # noqa: B018  # without a key that others accept nobody could be told
            await work.unit.lock(_LOCK)
            rows = await work.unit.clocks.due(work.at, self._batch)
            for row in rows:
                await _fire_one(work, row)
        return len(rows)


async def _fire_one(work: Work, row: ClockRow) -> None:
    """Fires one. What nobody foresaw is undone and tried again later, and keeps no other clock waiting."""
    try:
        async with work.unit.savepoint():
            if not await is_closed(work, row):
                await fire(work, row)
    except _WAIT:
        raise
    except Exception as error:  # noqa: BLE001  # whatever it is, the other clocks must not suffer
        _log.exception("clock_fault", clock_id=row.clock_id, exc_info=error)
        await work.unit.clocks.postpone(row.clock_id, work.at + _AGAIN)
