"""The sequencer: gives queued records their index in the log, and signs the tree that holds them.

Whoever decides only queues records; one sequencer at a time, under the database's lock, puts them in order.
A record that is decided and not sequenced waits, and what it covers waits with it: nothing leaves that is not
under a signed checkpoint (design section 6). The order of each step is: index, tiles and head in one
transaction; then the key store remembers the head; only then may anything go out under it.

The key store is a file apart from the database. Whoever puts yesterday's backup of the database in place
would have the log grow a second time from there: the remembered head says so, and the sequencer refuses.
The witnesses say so in any case.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Final

import structlog

from gateway.app.heads import sign_head
from gateway.app.key_ports import KeyStoreUnavailableError
from gateway.app.log_rows import CheckpointRow, QueuedRow, SignedHead
from gateway.app.ports import Store, StoreUnavailableError, Unit
from gateway.app.proofs import root_at
from gateway.app.tools import Tools
from gateway.core.log.errors import TileMissingError
from gateway.core.log.tiles import TileId, append, plan_append
from services.kit.evidence.checkpoint import Checkpoint, read_checkpoint
from services.kit.evidence.errors import EvidenceError
from services.kit.evidence.merkle import EMPTY_ROOT
from services.kit.evidence.note import read_note
from services.kit.keyring import NoSigningKeyError

_LOCK: Final = "log"
_PAUSE_S: Final = 0.2
_LATE: Final = timedelta(seconds=5)

_log = structlog.get_logger(__name__)


class LogForkedError(Exception):
    """The database's log is not a continuation of what was signed; says what to do."""


class Sequencer:
    """Sequences queued records.

    Args:
        store: where records are queued and the tree is kept.
        tools: the key that signs, the key store that remembers, the time.
        batch: how many records at once.
        interval_s: how often to look if nobody wakes it. The store does, at each commit that queued a record.
    """

    def __init__(self, store: Store, tools: Tools, *, batch: int = 1000, interval_s: float = 1.0) -> None:
        self._store = store
        self._tools = tools
        self._key_store = tools.key_store
        self._batch = batch
        self._interval_s = interval_s
        self._woken = asyncio.Event()
        self._listeners: list[Callable[[], None]] = []
        self._last: SignedHead | None = None
        self._remembered: SignedHead | None = None
        self._edge: dict[TileId, bytes] = {}

    def wake(self) -> None:
        """Says that a record was queued."""
        self._woken.set()

    def tell(self, listener: Callable[[], None]) -> None:
        """Has a listener called whenever more of the log is signed: such as the publisher."""
        self._listeners.append(listener)

    async def start(self) -> None:
        """Verifies the tree against what was signed before; signs the empty one at the very first start.

        Raises:
            LogForkedError: it is not a continuation.
            StoreUnavailableError, KeyStoreUnavailableError: it could not be verified.
        """
        async with self._store.writing() as unit:
            await unit.lock(_LOCK)
            head = await self._check(unit)
            if head is None:
                head = sign_head(self._tools, 0, EMPTY_ROOT, None)
                await unit.tree.move_head(head)
        self._last = SignedHead(head.size, head.root)
        await self._release()

    async def run(self) -> None:
        """Sequences until cancelled; `start` comes first.

        Raises:
            LogForkedError: the database's log is no longer the one that was signed.
        """
        while True:
            self._woken.clear()
            if await self._try() < self._batch:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), self._interval_s)

    async def sequence_batch(self) -> int:
        """Sequences one batch; how many records it had.

        Raises:
            LogForkedError: as `run`.
            StoreUnavailableError, KeyStoreUnavailableError: not now; nothing is lost.
        """
        count = await self._extend()
        await self._release()
        return count

    async def is_current(self) -> bool:
        """Whether no record has been waiting for long: the health of the log.

        Raises:
            StoreUnavailableError: it cannot be told.
        """
        async with self._store.reading() as unit:
            oldest = await unit.tree.oldest_queued()
        age = timedelta() if oldest is None else self._tools.clock.now() - oldest
        if age > _LATE:
            _log.error("log_behind", seconds=age.total_seconds())
        return age <= _LATE

    async def _try(self) -> int:
        try:
            return await self.sequence_batch()
        except (StoreUnavailableError, KeyStoreUnavailableError, NoSigningKeyError) as error:
            _log.warning("sequencer_waits", component=type(error).__name__)
            await asyncio.sleep(_PAUSE_S)
            return 0

    async def _extend(self) -> int:
        async with self._store.writing() as unit:
            await unit.lock(_LOCK)
            last = await self._continue(unit)
            queued = await unit.tree.queued(self._batch)
            if not queued:
                return 0
            head, edge = await self._append(unit, last, queued)
        # Committed: had it failed, what was signed here would never have left this process.
        self._last, self._edge = SignedHead(head.size, head.root), edge
        return len(queued)

    async def _continue(self, unit: Unit) -> CheckpointRow:
        """The head from which to go on: the one last signed here, or one that continues it."""
        head = await unit.tree.head()
        found = None if head is None else SignedHead(head.size, head.root)
        if found is None or found != self._last:
            self._edge = {}
            head = await self._check(unit)
        if head is None:
            raise LogForkedError(_advise(0, self._last.size if self._last else 0))
        return head

    async def _append(
        self, unit: Unit, last: CheckpointRow, queued: list[QueuedRow]
    ) -> tuple[CheckpointRow, dict[TileId, bytes]]:
        needed = plan_append(last.size)
        edge = self._edge if needed <= self._edge.keys() else await unit.tree.tiles(needed)
        try:
            grown = append(last.size, edge, [bytes.fromhex(row.record_hash) for row in queued])
        except TileMissingError:
            raise LogForkedError(_advise(last.size, last.size)) from None
        head = sign_head(self._tools, grown.size, grown.root, last)
        await unit.tree.sequence(last.size, [row.position for row in queued])
        await unit.tree.put_tiles(grown.tiles)
        await unit.tree.move_head(head)
        known = {**edge, **grown.tiles}
        return head, {tile: known[tile] for tile in plan_append(grown.size)}

    async def _release(self) -> None:
        """Has the key store remember the head; then others may go by it."""
        if self._last is None or self._last == self._remembered:
            return
        await self._key_store.remember_head(self._last)
        self._remembered = self._last
        for listener in self._listeners:
            listener()

    async def _check(self, unit: Unit) -> CheckpointRow | None:
        """The head, verified against tiles, records and every head signed before; None if all are empty.

        Raises:
            LogForkedError: they contradict each other.
        """
        head = await unit.tree.head()
        signed = [each for each in (self._last, await self._key_store.signed_head()) if each is not None]
        size = 0 if head is None else head.size
        furthest = max((each.size for each in signed), default=0)
        if size < furthest or await unit.tree.next_index() != size:
            raise LogForkedError(_advise(size, furthest))
        try:
            same = all([await root_at(unit.tree, each.size) == each.root for each in signed])
            whole = head is None or (_as_signed(head) and await root_at(unit.tree, size) == head.root)
        except (TileMissingError, EvidenceError):
            same = whole = False
        if not (same and whole):
            raise LogForkedError(_advise(size, furthest))
        return head


def _as_signed(head: CheckpointRow) -> bool:
    """Whether the head's note says what its row says."""
    return read_checkpoint(read_note(head.note)) == Checkpoint(head.size, head.root)


def _advise(size: int, signed: int) -> str:
    return (
        f"the database's log, of {size} records, is not a continuation of the one that this gateway signed, "
        f"of {signed}: the database was restored from a backup, altered, or is another's. Nothing is signed, "
        "and so nothing leaves. Put the newest database back, with the key store that belongs to it. If it "
        "is lost, keep the key store and tell every organisation: their witnesses refuse a log that goes back"
    )
