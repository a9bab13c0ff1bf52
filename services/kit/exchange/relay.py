"""The relay: publishes waiting packets in order, and marks them once the broker has confirmed them.

A crash between confirm and mark publishes twice, and the gateway drops duplicates. What the broker does not
take stays, and is tried again with growing pauses.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

import structlog
from publicprotection.exchange.v1.outbox_service_pb2 import EXCHANGE_STATE_ACCEPTED, EXCHANGE_STATE_SENT
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kit.bus import BusClosedError, BusPort, Message, Publication, PublishResult
from services.kit.bus.backoff import Backoff
from services.kit.exchange.errors import GatewayKeyMissingError
from services.kit.exchange.packets import EXCHANGE, MESSAGE_TYPE, encrypt_waiting, outgoing_queue
from services.kit.exchange.participant import Participant
from services.kit.exchange.records import Records
from services.kit.store.errors import StoreUnavailableError
from services.kit.store.packets import Waiting, list_waiting, mark_published, read_packets

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RelaySettings:
    """How the relay works.

    Attributes:
        batch_packets: published together, at most.
        batch_octets: of ciphertext in memory at once, unless one packet alone is larger.
        interval_s: how often to look without having been woken.
        backoff_first_s: the first pause after something was not taken; it doubles, with jitter.
        backoff_limit_s: the longest.
    """

    batch_packets: int = 200
    batch_octets: int = 16 << 20
    interval_s: float = 30
    backoff_first_s: float = 0.2
    backoff_limit_s: float = 10


class Relay:
    """Publishes what an organisation sends.

    Args:
        participant: whose packets.
        records: where they wait.
        bus: connected or not; the relay waits for it.
    """

    def __init__(
        self,
        participant: Participant,
        records: Records,
        bus: BusPort,
        settings: RelaySettings = RelaySettings(),
    ) -> None:
        self._participant = participant
        self._records = records
        self._bus = bus
        self._settings = settings
        self._backoff = Backoff(settings.backoff_first_s, settings.backoff_limit_s)

    async def run(self) -> None:
        """Publishes until the bus ends.

        Raises:
            CredentialsRefusedError, TlsRefusedError: the broker will never take anything from us.
        """
        with suppress(BusClosedError):
            while True:
                mark = self._records.signals.packets.mark()
                await self._bus.wait_connected()
                if await self._try():
                    self._backoff.reset()
                    await _wait(mark, self._settings.interval_s)
                else:
                    await asyncio.sleep(self._backoff.next())

    async def _try(self) -> bool:
        try:
            return await self.publish_waiting()
        except StoreUnavailableError as error:
            # What the broker confirmed and we could not note goes out again, and has no second effect.
            _log.error("relay_waits", component="store", reason=error.reason)
            return False
        except GatewayKeyMissingError:
            _log.error("relay_waits", component="directory")
            return False

    async def publish_waiting(self) -> bool:
        """Publishes everything that waits now, once; whether the broker took it all."""
        after, complete = 0, True
        while batch := await self._next_batch(after):
            results = await self._publish(batch)
            complete = complete and all(result is PublishResult.CONFIRMED for result in results)
            if PublishResult.UNCONFIRMED in results:
                return False  # the broker is away or slow: more would only pile up
            after = batch[-1].position
        return complete

    async def _next_batch(self, after: int) -> list[Waiting]:
        async with self._records.store.read() as connection:
            waiting = await list_waiting(connection, after, self._settings.batch_packets)
        return list(_fit(waiting, self._settings.batch_octets))

    async def _publish(self, batch: Sequence[Waiting]) -> list[PublishResult]:
        async with self._records.store.read() as connection:
            bodies = await read_packets(connection, [waiting.position for waiting in batch])
        results = await self._bus.publish_many(
            [self._publication(waiting, bodies[waiting.position]) for waiting in batch]
        )
        pairs = list(zip(batch, results, strict=True))
        await self._mark([waiting for waiting, result in pairs if result is PublishResult.CONFIRMED])
        for waiting, result in pairs:
            if result is not PublishResult.CONFIRMED:
                _log.warning("packet_not_taken", packet_id=waiting.packet_id, code=result.name)
        return results

    def _publication(self, waiting: Waiting, body: bytes) -> Publication:
        jwe = encrypt_waiting(waiting.packet_id, body, self._participant)
        message = Message(jwe, waiting.packet_id, MESSAGE_TYPE)
        return Publication(EXCHANGE, outgoing_queue(self._participant.organisation), message)

    async def _mark(self, confirmed: Sequence[Waiting]) -> None:
        if not confirmed:
            return
        at = self._participant.clock.now()
        exchanges = {waiting.exchange_id for waiting in confirmed if waiting.exchange_id is not None}

        async def mark(connection: AsyncConnection) -> None:
            await mark_published(connection, [waiting.position for waiting in confirmed], at)
            await self._records.sent.advance(
                connection, exchanges, EXCHANGE_STATE_SENT, only_from={EXCHANGE_STATE_ACCEPTED}
            )

        await self._records.store.write(mark)


def _fit(waiting: Sequence[Waiting], octets: int) -> Iterator[Waiting]:
    """As many as fit, in order; the first in any case."""
    total = 0
    for position, candidate in enumerate(waiting):
        total += candidate.octets
        if position and total > octets:
            return
        yield candidate


async def _wait(mark: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await mark.wait()
