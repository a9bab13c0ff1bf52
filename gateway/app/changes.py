"""What the gateway goes by is on record: each rulebook, directory and key, when it came and went.

At the start and after each reload what is in force is compared with what was last recorded, in the
transaction that records the difference: so what was put in place while nothing ran is recorded too, and
nothing twice.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Final

import structlog

from gateway.app.key_ports import KeyStoreUnavailableError
from gateway.app.ports import Store, StoreUnavailableError
from gateway.app.records import RecordType, record
from gateway.app.tools import Tools, Work
from gateway.core.in_force import (
    InForce,
    Members,
    directory_changes,
    key_changes,
    own_changes,
    rulebook_changes,
)

_log = structlog.get_logger(__name__)

Change = tuple[RecordType, Members]

_COMPARED: Final[Sequence[tuple[RecordType, Callable[[InForce | None, InForce], Iterator[Members]]]]] = (
    (RecordType.DIRECTORY_CHANGED, directory_changes),
    (RecordType.KEY_CHANGED, key_changes),
    (RecordType.KEY_CHANGED, own_changes),
    (RecordType.RULEBOOK_CHANGED, rulebook_changes),
)


class Changes:
    """Records what changed of what the gateway goes by.

    Args:
        store: where it is recorded.
        tools: the means of the process.
        look: what is in force now.
        interval_s: how often to look if nothing says that anything changed: keys end by themselves.
    """

    def __init__(
        self, store: Store, tools: Tools, look: Callable[[], InForce], *, interval_s: float = 60
    ) -> None:
        self._store = store
        self._tools = tools
        self._look = look
        self._interval_s = interval_s
        self._woken = asyncio.Event()
        self._known: str | None = None

    def wake(self) -> None:
        """Says that something may have changed."""
        self._woken.set()

    async def run(self) -> None:
        """Records until cancelled."""
        while True:
            self._woken.clear()
            try:
                await self.note()
            except (StoreUnavailableError, KeyStoreUnavailableError) as error:
                _log.error("changes_wait", component=type(error).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), self._interval_s)

    async def note(self) -> int:
        """Records what changed since it was last recorded; how many records that took.

        Raises:
            StoreUnavailableError, KeyStoreUnavailableError: nothing was recorded.
        """
        now = self._look()
        written = now.written()
        if written == self._known:
            return 0
        secrets = self._tools.key_store.batch()
        async with self._store.writing() as unit:
            work = Work(unit, self._tools, secrets, self._tools.clock.now())
            count = await _note(work, now, written)
            await secrets.save()
        self._known = written
        return count


async def _note(work: Work, now: InForce, written: str) -> int:
    last = await work.unit.in_force.last()
    changes = list(_compare(None if last is None else InForce.read(last), now))
    for kind, members in changes:
        await record(work, kind, **members)
    if written != last:
        await work.unit.in_force.remember(written, work.at)
    return len(changes)


def _compare(before: InForce | None, now: InForce) -> Iterator[Change]:
    for kind, compare in _COMPARED:
        for members in compare(before, now):
            yield kind, members
