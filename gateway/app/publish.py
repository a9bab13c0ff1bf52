"""The publisher: what was committed goes out, oldest first, until the broker has confirmed it.

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

from gateway.app.ports import Store, StoreUnavailableError
from gateway.app.rows import PacketRow
from services.kit.bus import BusPort, Message, Publication, PublishResult
from services.kit.clock import Clock

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
        clock: tells when a packet that failed is due again.
        batch: how many at once.
        interval_s: how often to look if nobody wakes it.
    """

    def __init__(self, store: Store, bus: BusPort, clock: Clock, *, batch: int, interval_s: float) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock
        self._batch = batch
        self._interval_s = interval_s
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Says that something was committed."""
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
        async with self._store.reading() as unit:
            waiting = await unit.outgoing.waiting(self._batch, self._clock.now())
        if not waiting:
            return 0
        results = await self._bus.publish_many([_publication(row) for row in waiting])
        outcome = list(zip(waiting, results, strict=True))
        await self._note(outcome)
        return sum(result is PublishResult.CONFIRMED for _, result in outcome)

    async def _try(self) -> int:
        try:
            return await self.publish_batch()
        except StoreUnavailableError:
            _log.warning("publisher_waits", component="database")
            await asyncio.sleep(self._interval_s)
            return 0

    async def _note(self, outcome: Sequence[tuple[PacketRow, PublishResult]]) -> None:
        now = self._clock.now()
        done = [row.packet_id for row, result in outcome if result is PublishResult.CONFIRMED]
        async with self._store.writing() as unit:
            if done:
                await unit.outgoing.mark_published(done, now)
            for row, result in outcome:
                if result is not PublishResult.CONFIRMED:
                    delay = timedelta(seconds=self._delay_s(row, result))
                    await unit.outgoing.postpone([row.packet_id], now + delay)
        _complain(outcome)

    def _delay_s(self, row: PacketRow, result: PublishResult) -> float:
        """How long a packet waits, so that one full or missing queue does not keep the others waiting.

        What was merely not confirmed is tried again soon: the broker was away, and `publish_many` has waited.
        """
        longest = _LONGEST_RETRY_S if result is PublishResult.UNCONFIRMED else _LONGEST_DELAY_S
        return min(self._interval_s * 2.0 ** min(row.attempts, 16), longest)


def _publication(row: PacketRow) -> Publication:
    message = Message(row.ciphertext, message_id=row.packet_id, type=MESSAGE_TYPE)
    return Publication(EXCHANGE, f"to.{row.organisation}", message)


def _complain(outcome: Iterable[tuple[PacketRow, PublishResult]]) -> None:
    for row, result in outcome:
        if result is not PublishResult.CONFIRMED:
            tell = _log.warning if result.retry else _log.error
            tell(
                "packet_not_published",
                packet_id=row.packet_id,
                organisation=row.organisation,
                reason=result.value,
                attempt=row.attempts + 1,
            )
