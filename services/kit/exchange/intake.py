"""The intake: reads an organisation's queue, stores what arrived, and settles after the commit.

Dying between commit and settlement brings the message again; it then changes nothing.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import structlog
from publicprotection.transport.v1.packet_pb2 import Packet

from services.kit.bus import BusPort, Message, Received, SubscriptionPort
from services.kit.bus.backoff import Backoff
from services.kit.directory import GATEWAY
from services.kit.exchange.arrivals import Arrivals, Effect, KeyAwaitedError
from services.kit.exchange.packets import (
    MESSAGE_TYPE,
    MalformedMessageError,
    hash_message,
    incoming_queue,
    open_packet,
)
from services.kit.exchange.participant import Participant
from services.kit.exchange.records import Records
from services.kit.store.errors import StoreUnavailableError
from services.kit.store.outcomes import StoredAlarm
from services.kit.store.waiting import WaitingMessage

_BACKOFF_FIRST_S = 0.2
_BACKOFF_LIMIT_S = 10
_ATTEMPTS = 6

_Failed = tuple[Received, BaseException]

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class IntakeSettings:
    """How the intake works.

    Attributes:
        batch: messages handled together, at most.
        prefetch: messages taken from the broker ahead.
    """

    batch: int = 100
    prefetch: int = 200


class Intake:
    """Receives what the gateway sends to an organisation.

    Args:
        participant: who receives.
        records: where it is kept.
        bus: connected or not; the intake waits for it.
    """

    def __init__(
        self,
        participant: Participant,
        records: Records,
        bus: BusPort,
        settings: IntakeSettings = IntakeSettings(),
    ) -> None:
        self._participant = participant
        self._records = records
        self._bus = bus
        self._settings = settings
        self._arrivals = Arrivals(participant, records)
        self._overdue = Arrivals(participant, records, patient=False)
        self._backoff = Backoff(_BACKOFF_FIRST_S, _BACKOFF_LIMIT_S)

    async def run(self) -> None:
        """Receives until the bus ends.

        Raises:
            QueueRefusedError, CredentialsRefusedError, TlsRefusedError: nothing will ever arrive.
        """
        queue = incoming_queue(self._participant.organisation)
        async with self._bus.subscribe([queue], prefetch=self._settings.prefetch) as subscription:
            async for batch in subscription.batches(self._settings.batch):
                await self.settle(subscription, batch.messages)

    async def settle(self, subscription: SubscriptionPort, messages: Sequence[Received]) -> None:
        """Stores each message's effect, then acknowledges or rejects it.

        A fault of ours (a full disk, a directory without the gateway's key) loses nothing: the message is
        kept and tried again with growing pauses. It is given back to the broker only now and then, and never
        for want of the store, since the broker counts how often it delivers a message, and sets it aside
        after many.
        """
        attempts, failed = 1, await self._attempt(subscription, messages)
        while failed:
            if attempts >= _ATTEMPTS and not any(_is_away(fault) for _, fault in failed):
                subscription.requeue([message for message, _ in failed])
                return
            await asyncio.sleep(self._backoff.next())
            attempts, failed = attempts + 1, await self._attempt(subscription, [each for each, _ in failed])
        self._backoff.reset()

    async def _attempt(self, subscription: SubscriptionPort, messages: Sequence[Received]) -> list[_Failed]:
        """Tries each message once; returns those that a fault kept from being stored."""
        results = await asyncio.gather(
            *(self.receive(message) for message in messages), return_exceptions=True
        )
        failed = []
        for message, result in zip(messages, results, strict=True):
            if isinstance(result, BaseException):
                _log.error("intake_fault", message_id=message.message.message_id, exc_info=result)
                failed.append((message, result))
            elif result:
                subscription.ack([message])
            else:
                subscription.reject([message])
        return failed

    async def receive(self, message: Received) -> bool:
        """Stores one message's effect; whether it was usable. Done twice, it has effect once.

        One that names a key which is not known here yet is kept and tried again later (`Waiting`).
        """
        try:
            return await self._take(message)
        except KeyAwaitedError as awaited:
            if self._participant.look():
                return await self.receive(message)
            await self._keep(message, awaited.code)
            return True

    async def receive_waiting(self, kept: WaitingMessage, *, patient: bool) -> bool:
        """As `receive`, for one that has waited since it came.

        Raises:
            KeyAwaitedError: if patient, and the key is not known yet.
        """
        arrivals = self._arrivals if patient else self._overdue
        try:
            return await self._apply(self._read_waiting(self._arrivals, kept, kept.received_at))
        except KeyAwaitedError:
            # As of now: a key that was not yet valid then.
            return await self._apply(self._read_waiting(arrivals, kept))

    def _read_waiting(self, arrivals: Arrivals, kept: WaitingMessage, at: datetime | None = None) -> Effect:
        if kept.opened:
            return arrivals.read_packet(Packet.FromString(kept.content), kept.message_hash, at)
        queue = incoming_queue(self._participant.organisation)
        message = Message(kept.content, kept.message_id, MESSAGE_TYPE)
        # As the bus gave it: only what the gateway published is kept.
        received = Received(queue, message, GATEWAY, redelivered=True, delivery_tag=0, session=0)
        return arrivals.read(received, at)

    async def _keep(self, message: Received, code: str) -> None:
        kept = self._describe(message, code)
        if await self._records.store.write(lambda connection: self._records.waiting.add(connection, kept)):
            _log.warning("message_waits_for_key", message_id=kept.message_id, code=code)

    def _describe(self, message: Received, code: str) -> WaitingMessage:
        """What is kept: the packet, so that no key of ours is needed for it any more; if it opens."""
        content, opened = message.message.body, False
        with suppress(MalformedMessageError):
            content, opened = open_packet(message, self._participant).SerializeToString(), True
        return WaitingMessage(
            message_hash=hash_message(message),
            message_id=message.message.message_id,
            received_at=self._participant.clock.now(),
            code=code,
            content=content,
            opened=opened,
        )

    async def _take(self, message: Received) -> bool:
        return await self._apply(self._arrivals.read(message))

    async def _apply(self, effect: Effect) -> bool:
        raised = await self._records.store.write(effect.apply)
        for alarm in raised:
            _report(alarm)
        self._records.signals.packets.notify()
        self._records.signals.deliveries.notify()
        self._records.signals.outcomes.notify()
        if effect.shows_log:
            self._records.signals.checkpoints.notify()
        return not effect.reject


def _is_away(fault: BaseException) -> bool:
    return isinstance(fault, StoreUnavailableError)


def _report(alarm: StoredAlarm) -> None:
    _log.error(
        "alarm",
        code=alarm.code,
        kind=alarm.kind,
        exchange_id=alarm.exchange_id,
        delivery_id=alarm.delivery_id,
    )
