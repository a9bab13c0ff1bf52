"""The intake: batches from each organisation in turn, one transaction each, then the answer to the broker.

The order of effects is decide, record durably, acknowledge; the publisher releases what was committed. Dying
between commit and acknowledgement brings the message again, and it then has no further effect.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import nullcontext, suppress
from typing import Final

import structlog
from publicprotection.transport.v1 import packet_pb2

from gateway.app.cosignatures import take_cosignature
from gateway.app.envelopes import Arrival, Unusable, open_packet
from gateway.app.key_ports import KeyStoreUnavailableError
from gateway.app.ports import Store, StoreUnavailableError, WrittenTogetherError
from gateway.app.receipt import take_acknowledgement, take_receipt
from gateway.app.rejections import set_aside
from gateway.app.submit import take_submission
from gateway.app.tools import Tools, Work
from gateway.core.agreement_acts import BookError
from services.kit.bus import Batch, BusClosedError, BusPort, QueueRefusedError, Received, SubscriptionPort
from services.kit.bus.backoff import Backoff
from services.kit.directory import GATEWAY
from services.kit.evidence.errors import HopRefusedError, KeyRefusedError
from services.kit.evidence.hop import kid_of
from services.kit.keyring import NoSigningKeyError

_PREFIX: Final = "from."
_BACKOFF_FIRST_S: Final = 0.2
_BACKOFF_LIMIT_S: Final = 10.0
_LOOK_S: Final = 2.0  # how soon a new organisation is listened to
_AGAIN_S: Final = 60.0

_log = structlog.get_logger(__name__)


class StaleDirectoryError(Exception):
    """The directory's validity is over: it may hide who was revoked or left, so nothing is decided by it."""


class OwnKeyMissingError(Exception):
    """The directory has others encrypt to a key of ours whose file is not here: a fault of ours."""


class NewerDirectoryError(Exception):
    """A message names a key that the directory did not have, and there is a newer one now: start again."""


_WAIT: Final = (
    BookError,  # what is kept of agreements was altered: nothing is decided before somebody has looked
    StaleDirectoryError,
    NoSigningKeyError,
    OwnKeyMissingError,
    StoreUnavailableError,
    KeyStoreUnavailableError,
)
"""Faults of ours: messages wait for their end."""

# How reasons end that a newer directory may take away.
_KEY_REASONS: Final = ("KEY_UNKNOWN", "KEY_NOT_YET_VALID")


class Intake:
    """Takes what organisations send.

    Args:
        store: where effects are recorded.
        tools: the means of the process.
        batch: messages in one transaction.
        prefetch: messages of each queue held ahead.
    """

    def __init__(
        self,
        store: Store,
        tools: Tools,
        *,
        batch: int = 50,
        prefetch: int = 100,
    ) -> None:
        self._store = store
        self._tools = tools
        self._batch = batch
        self._prefetch = prefetch
        self._backoff = Backoff(_BACKOFF_FIRST_S, _BACKOFF_LIMIT_S)

    async def run(self, bus: BusPort) -> None:
        """Takes until the bus ends; from whoever is in the directory at the time.

        Raises:
            QueueRefusedError, CredentialsRefusedError, TlsRefusedError: nothing will ever arrive.
        """
        served: list[str] = []
        with suppress(BusClosedError):
            while True:
                wanted = self._queues()
                try:
                    await self._serve(bus, wanted)
                except QueueRefusedError:
                    if not served or served == wanted:
                        raise
                    # Somebody new, whom the broker does not know yet: the others are not to wait for that.
                    _log.error("queue_refused", count=len(set(wanted) - set(served)))
                    await self._serve(bus, served, _AGAIN_S)
                else:
                    served = wanted

    async def _serve(self, bus: BusPort, queues: Sequence[str], longest_s: float | None = None) -> None:
        """Takes from these queues until others are wanted, or as long as is given."""
        loop = asyncio.get_running_loop()
        end = None if longest_s is None else loop.time() + longest_s
        async with bus.subscribe(queues, prefetch=self._prefetch) as subscription:
            while end is not None or self._queues() == queues:
                if end is not None and loop.time() > end:
                    return
                batch = await self._next(subscription)
                if batch is not None:
                    await self.settle(subscription, batch.messages)

    async def _next(self, subscription: SubscriptionPort) -> Batch | None:
        """The next batch; None if there is none for a while. Cancelling a `take` loses nothing."""
        try:
            async with asyncio.timeout(_LOOK_S):
                return await subscription.take(self._batch)
        except TimeoutError:
            return None

    def _queues(self) -> list[str]:
        return [_PREFIX + organisation for organisation in self._tools.directory.organisations]

    async def settle(self, subscription: SubscriptionPort, messages: Sequence[Received]) -> None:
        """Takes messages and answers the broker; waits while a fault of ours keeps them from being taken.

        They are not given back meanwhile: the broker counts how often it delivers a message and sets it aside
        after many, so a disk that is full over a weekend would lose good ones. If the connection goes, they
        come again, and have no second effect.
        """
        unusable = await self._insist([_arrival(message) for message in messages])
        pairs = list(zip(messages, unusable, strict=True))
        subscription.ack([message for message, reason in pairs if reason is None])
        subscription.reject([message for message, reason in pairs if reason is not None])

    async def _insist(self, arrivals: Sequence[Arrival]) -> list[Unusable | None]:
        """As `take`, tried until it succeeds."""
        while True:
            try:
                self._require_current_directory()
                taken = await self.take(arrivals)
            except NewerDirectoryError:
                continue
            except _WAIT as error:
                _log.error("intake_waits", component=type(error).__name__, count=len(arrivals))
                await asyncio.sleep(self._backoff.next())
                self._tools.look()
            else:
                self._backoff.reset()
                return taken

    def _require_current_directory(self) -> None:
        if self._tools.directory.is_stale(self._tools.clock.now()):
            raise StaleDirectoryError
        # Asked for now: without a key that others accept, nothing that is decided could be told to anybody.
        self._tools.signing  # noqa: B018

    async def take(self, arrivals: Sequence[Arrival]) -> list[Unusable | None]:
        """Takes messages in one transaction, each in a savepoint of its own.

        What they add is written together; if that is refused for one of them, each is taken by itself.

        Returns:
            For each, why it can never be used, or None if it is dealt with.

        Raises:
            StoreUnavailableError, KeyStoreUnavailableError: nothing was done.
            NewerDirectoryError, OwnKeyMissingError: nothing was done, and it is to be done again.
        """
        try:
            return await self._take(arrivals, together=True)
        except WrittenTogetherError:
            _log.exception("intake_one_by_one", count=len(arrivals))
            return [one for arrival in arrivals for one in await self._take([arrival], together=False)]

    async def _take(self, arrivals: Sequence[Arrival], *, together: bool) -> list[Unusable | None]:
        secrets = self._tools.key_store.batch()
        async with self._store.writing() as unit:
            work = Work(unit, self._tools, secrets, self._tools.clock.now())
            async with unit.together() if together else nullcontext():
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
            _look_again(work, arrival, unusable)
    except (*_WAIT, NewerDirectoryError, WrittenTogetherError):
        raise
    except HopRefusedError:  # what would leave fits no packet: too large a document, or too many desks for it
        unusable = Unusable("TOO_LARGE")
    except Exception as error:  # noqa: BLE001  # whatever it is, the rest of the batch must not suffer
        _log.exception("intake_fault", organisation=arrival.organisation, exc_info=error)
        unusable = Unusable("FAULT")
    async with work.unit.savepoint():
        await set_aside(work, arrival, unusable, None if isinstance(packet, Unusable) else packet)
    return unusable


def _look_again(work: Work, arrival: Arrival, unusable: Unusable) -> None:
    """Whether a key that we do not know is known elsewhere by now: nothing is set aside for good before that.

    Raises:
        NewerDirectoryError: there is a newer directory, or a new key of ours, than the one in hand.
        OwnKeyMissingError: the directory says that the key is ours to have.
    """
    if not unusable.reason.endswith(_KEY_REASONS):
        return
    if work.tools.look():
        raise NewerDirectoryError
    if _is_ours(work, kid_of(arrival.body)):
        raise OwnKeyMissingError


def _is_ours(work: Work, kid: str | None) -> bool:
    """Whether the directory has others encrypt to that key of ours, and we cannot open what they encrypt."""
    record = work.tools.directory.keys.record(kid) if kid is not None else None
    if record is None or record.key.owner != GATEWAY or record.refusal_at(work.at) is not None:
        return False
    try:
        work.tools.decryption(record.key.kid)
    except KeyRefusedError:
        return True
    return False


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
    return await take_submission(work, arrival.organisation, packet.submission.seal)


async def _receipt(work: Work, arrival: Arrival, packet: packet_pb2.Packet) -> Unusable | None:
    return await take_receipt(work, arrival.organisation, packet.receipt.receipt)


async def _acknowledgement(work: Work, arrival: Arrival, packet: packet_pb2.Packet) -> Unusable | None:
    return await take_acknowledgement(work, arrival.organisation, packet.acknowledgement.acknowledgement)


async def _cosignature(work: Work, arrival: Arrival, packet: packet_pb2.Packet) -> Unusable | None:
    return await take_cosignature(work, arrival.organisation, packet.cosignature.checkpoint)


_CONTENT: Final[Mapping[str, Callable[[Work, Arrival, packet_pb2.Packet], Awaitable[Unusable | None]]]] = {
    "submission": _submission,
    "receipt": _receipt,
    "acknowledgement": _acknowledgement,
    "cosignature": _cosignature,
}


def _arrival(message: Received) -> Arrival:
    return Arrival(message.queue.removeprefix(_PREFIX), message.user_id, message.message.body)
