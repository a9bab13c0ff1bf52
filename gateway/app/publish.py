"""The publisher: what was committed and is under a signed checkpoint goes out, oldest first.

It runs beside the intake and shares nothing with it but the store, so a crash between commit and publish
loses nothing: the packet waits. One between publish and mark sends it again, and the recipient, who knows
deliveries and outcomes by their ids, drops the second.
"""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Final

import structlog

from gateway.app.closing import Held, close_due
from gateway.app.heads import released_head
from gateway.app.key_ports import KeyStoreUnavailableError
from gateway.app.log_rows import CheckpointRow
from gateway.app.ports import Store, StoreUnavailableError
from gateway.app.proofs import Path, prove_inclusion
from gateway.app.rows import DuePacket, PacketRow
from gateway.app.tools import Tools
from gateway.core.log.errors import TileMissingError
from services.kit.bus import BusPort, Message, Publication, PublishResult

EXCHANGE: Final = "deliveries"
MESSAGE_TYPE: Final = "packet"
_LONGEST_DELAY_S: Final = 60.0
_LONGEST_RETRY_S: Final = 5.0

_log = structlog.get_logger(__name__)


class Publisher:
    """Publishes waiting packets.

    Args:
        store: where they wait.
        bus: where they go.
        tools: keys, directory, time.
        batch: how many at once.
        interval_s: how often to look if nobody wakes it.
    """

    def __init__(self, store: Store, bus: BusPort, tools: Tools, *, batch: int, interval_s: float) -> None:
        self._store = store
        self._bus = bus
        self._tools = tools
        self._batch = batch
        self._interval_s = interval_s
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Says that more of the log is signed."""
        self._woken.set()

    async def run(self) -> None:
        """Publishes until cancelled.

        Raises:
            BusError: nothing can ever be published: credentials, certificates, or the bus was stopped.
        """
        while True:
            self._woken.clear()
            if await self._try() < self._batch:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), self._interval_s)

    async def publish_batch(self) -> int:
        """Publishes one batch; how many were confirmed."""
        if self._tools.directory.is_stale(self._tools.clock.now()):
            _log.error("publisher_waits", component="directory")  # it may hide whose key was revoked
            return 0
        tools = self._tools.pinned()
        head, due, paths = await self._look()
        if head is None or not due:
            return 0
        closed = await close_due(due, head, paths, tools)
        ready = [
            (each.packet, body) for each, body in zip(due, closed, strict=True) if isinstance(body, bytes)
        ]
        stuck = [(each.packet, why) for each, why in zip(due, closed, strict=True) if isinstance(why, Held)]
        results = (
            await self._bus.publish_many([_publication(row, body) for row, body in ready]) if ready else []
        )
        outcome = [(row, result) for (row, _), result in zip(ready, results, strict=True)]
        await self._note(outcome, stuck)
        return sum(result is PublishResult.CONFIRMED for _, result in outcome)

    async def _look(self) -> tuple[CheckpointRow | None, list[DuePacket], dict[int, Path]]:
        """The head that the key store remembers, what is due under it, and the inclusion paths."""
        async with self._store.reading() as unit:
            head = await released_head(unit, self._tools)
            if head is None:
                return None, [], {}
            due = await unit.outgoing.waiting(self._batch, self._tools.clock.now(), head.size)
            paths = await prove_inclusion(unit.tree, {each.leaf_index for each in due}, head.size)
        return head, due, paths

    async def _try(self) -> int:
        try:
            return await self.publish_batch()
        except (StoreUnavailableError, KeyStoreUnavailableError, TileMissingError) as error:
            _log.error("publisher_waits", component=type(error).__name__)
            await asyncio.sleep(self._interval_s)
            return 0

    async def _note(
        self,
        outcome: Sequence[tuple[PacketRow, PublishResult]],
        stuck: Sequence[tuple[PacketRow, Held]],
    ) -> None:
        now = self._tools.clock.now()
        done = [row.packet_id for row, result in outcome if result is PublishResult.CONFIRMED]
        failed: list[tuple[PacketRow, PublishResult | Held]] = [*stuck]
        failed += [each for each in outcome if each[1] is not PublishResult.CONFIRMED]
        async with self._store.writing() as unit:
            if done:
                await unit.outgoing.mark_published(done, now)
            for row, why in failed:
                delay = timedelta(seconds=self._delay_s(row, why))
                await unit.outgoing.postpone([row.packet_id], now + delay)
        _complain(failed)

    def _delay_s(self, row: PacketRow, why: PublishResult | Held) -> float:
        """How long a packet waits, so that one full or missing queue does not keep the others waiting.

        What was merely not confirmed is tried again soon: the broker was away, and `publish_many` has waited.
        """
        longest = _LONGEST_RETRY_S if why is PublishResult.UNCONFIRMED else _LONGEST_DELAY_S
        return min(self._interval_s * 2.0 ** min(row.attempts, 16), longest)


def _publication(row: PacketRow, body: bytes) -> Publication:
    message = Message(body, message_id=row.packet_id, type=MESSAGE_TYPE)
    return Publication(EXCHANGE, f"to.{row.organisation}", message)


def _complain(failed: Iterable[tuple[PacketRow, PublishResult | Held]]) -> None:
    for row, why in failed:
        tell = _log.warning if isinstance(why, PublishResult) and why.retry else _log.error
        tell(
            "packet_not_published",
            packet_id=row.packet_id,
            organisation=row.organisation,
            reason=why.value,
            attempt=row.attempts + 1,
        )
