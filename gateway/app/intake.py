"""The intake: batches from each organisation in turn, one transaction each, then the answer to the broker.

The order of effects is decide, record durably, acknowledge; the publisher releases what was committed. Dying
between commit and acknowledgement brings the message again, and it then has no further effect.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

import structlog
from publicprotection.transport.v1 import packet_pb2

from gateway.app.envelopes import Arrival, Unusable, open_packet
from gateway.app.ports import KeyStoreUnavailableError, Store, StoreUnavailableError
from gateway.app.receipt import take_acknowledgement, take_receipt
from gateway.app.rejections import set_aside
from gateway.app.submit import take_submission
from gateway.app.tools import Tools, Work
from services.kit.bus import BusPort, Received, SubscriptionPort
from services.kit.bus.backoff import Backoff
from services.kit.evidence.errors import HopRefusedError

_PREFIX: Final = "from."
_BACKOFF_FIRST_S: Final = 0.2
_BACKOFF_LIMIT_S: Final = 10.0

_log = structlog.get_logger(__name__)


class StaleDirectoryError(Exception):
    """The directory's validity is over: it may hide who was revoked or left, so nothing is decided by it."""


class Intake:
    """Takes what organisations send.

    Args:
        store: where effects are recorded.
        tools: the means of the process.
        committed: called after each commit: wakes the publisher.
        batch: messages in one transaction.
        prefetch: messages of each queue held ahead.
    """

    def __init__(
        self,
        store: Store,
        tools: Tools,
        committed: Callable[[], None],
        *,
        batch: int = 50,
        prefetch: int = 100,
    ) -> None:
        self._store = store
        self._tools = tools
        self._committed = committed
        self._batch = batch
        self._prefetch = prefetch
        self._backoff = Backoff(_BACKOFF_FIRST_S, _BACKOFF_LIMIT_S)

    async def run(self, bus: BusPort) -> None:
        """Takes until the bus ends.

        Raises:
            QueueRefusedError, CredentialsRefusedError, TlsRefusedError: nothing will ever arrive.
        """
        queues = [_PREFIX + organisation for organisation in self._tools.directory.organisations]
        async with bus.subscribe(queues, prefetch=self._prefetch) as subscription:
            async for batch in subscription.batches(self._batch):
                await self.settle(subscription, batch.messages)

    async def settle(self, subscription: SubscriptionPort, messages: Sequence[Received]) -> None:
        """Takes messages and answers the broker; waits while a fault of ours keeps them from being taken.

        They are not given back meanwhile: the broker counts how often it delivers a message and sets it aside
        after many, so a disk that is full over a weekend would lose good ones. If the connection goes, they
        come again, and have no second effect.
        """
        unusable = await self._insist([_arrival(message) for message in messages])
        self._committed()
        pairs = list(zip(messages, unusable, strict=True))
        subscription.ack([message for message, reason in pairs if reason is None])
        subscription.reject([message for message, reason in pairs if reason is not None])

    async def _insist(self, arrivals: Sequence[Arrival]) -> list[Unusable | None]:
        """As `take`, tried until it succeeds."""
        while True:
            try:
                self._require_current_directory()
                taken = await self.take(arrivals)
            except (StaleDirectoryError, StoreUnavailableError, KeyStoreUnavailableError) as error:
                _log.error("intake_waits", component=type(error).__name__, count=len(arrivals))
                await asyncio.sleep(self._backoff.next())
            else:
                self._backoff.reset()
                return taken

    def _require_current_directory(self) -> None:
        if self._tools.directory.is_stale(self._tools.clock.now()):
            raise StaleDirectoryError

    async def take(self, arrivals: Sequence[Arrival]) -> list[Unusable | None]:
        """Takes messages in one transaction, each in a savepoint of its own.

        Returns:
            For each, why it can never be used, or None if it is dealt with.

        Raises:
            StoreUnavailableError, KeyStoreUnavailableError: nothing was done.
        """
        secrets = self._tools.key_store.batch()
        async with self._store.writing() as unit:
            work = Work(unit, self._tools, secrets, self._tools.clock.now())
            results = [await _take_one(work, arrival) for arrival in arrivals]
            # Before the commit: a record never lacks the salts and keys of what it commits to.
            await secrets.save()
        return results


async def _take_one(work: Work, arrival: Arrival) -> Unusable | None:
    """Takes one message. One that nobody foresaw is undone and set aside, and takes no other with it."""
    await asyncio.sleep(0)  # the publisher's turn, and the broker's: a batch is long
    packet: packet_pb2.Packet | Unusable | None = None
    try:
        packet = _open(work, arrival)
        async with work.unit.savepoint():
            unusable = packet if isinstance(packet, Unusable) else await _dispatch(work, arrival, packet)
            if unusable is None:
                return None
    except (StoreUnavailableError, KeyStoreUnavailableError):
        raise
    except HopRefusedError:  # what would leave fits no packet: too large a document, or too many desks for it
        unusable = Unusable("TOO_LARGE")
    except Exception as error:  # noqa: BLE001  # whatever it is, the rest of the batch must not suffer
        _log.exception("intake_fault", organisation=arrival.organisation, exc_info=error)
        unusable = Unusable("FAULT")
    async with work.unit.savepoint():
        await set_aside(work, arrival, unusable, None if isinstance(packet, Unusable) else packet)
    return unusable


def _open(work: Work, arrival: Arrival) -> packet_pb2.Packet | Unusable:
    if arrival.user != arrival.organisation:
        return Unusable("WRONG_USER")
    return open_packet(arrival.body, work.tools)


async def _dispatch(work: Work, arrival: Arrival, packet: packet_pb2.Packet) -> Unusable | None:
    if await work.unit.refusals.known(arrival.message_hash):
        return Unusable("SET_ASIDE_BEFORE")
    take = _CONTENT.get(packet.WhichOneof("content") or "")
    return Unusable("UNEXPECTED_CONTENT") if take is None else await take(work, arrival, packet)


async def _submission(work: Work, arrival: Arrival, packet: packet_pb2.Packet) -> Unusable | None:
    return await take_submission(work, arrival, packet.submission.seal)


async def _receipt(work: Work, arrival: Arrival, packet: packet_pb2.Packet) -> Unusable | None:
    return await take_receipt(work, arrival.organisation, packet.receipt.receipt)


async def _acknowledgement(work: Work, arrival: Arrival, packet: packet_pb2.Packet) -> Unusable | None:
    return await take_acknowledgement(work, arrival.organisation, packet.acknowledgement.acknowledgement)


_CONTENT: Final[Mapping[str, Callable[[Work, Arrival, packet_pb2.Packet], Awaitable[Unusable | None]]]] = {
    "submission": _submission,
    "receipt": _receipt,
    "acknowledgement": _acknowledgement,
}


def _arrival(message: Received) -> Arrival:
    return Arrival(message.queue.removeprefix(_PREFIX), message.user_id, message.message.body)
