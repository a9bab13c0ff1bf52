"""What users of the bus depend on; `Bus` speaks to a broker, `MemoryBus` is for tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from services.kit.bus.messages import Batch, BusHealth, Publication, PublishResult, Received


class SubscriptionPort(Protocol):
    """Reading from one or more queues, each in turn."""

    async def take(self, max_messages: int, max_wait_s: float = 0) -> Batch:
        """Return the next batch; wait for one as long as it takes.

        Queues that have something take turns, whatever their lengths. A batch that is short lingers up to
        `max_wait_s` seconds for more, unless another queue has something. Cancelling loses nothing.

        Raises:
            BusClosedError: The subscription or the bus has ended.
            QueueRefusedError: A queue is missing or not ours to read.
            CredentialsRefusedError, TlsRefusedError: As for the bus.
        """

    def batches(self, max_messages: int, max_wait_s: float = 0) -> AsyncIterator[Batch]:
        """Iterate over `take` until the subscription or the bus ends; raises what `take` raises otherwise."""

    def ack(self, messages: Iterable[Received]) -> None:
        """Settle: these are dealt with. Once the effect is committed, never before."""

    def reject(self, messages: Iterable[Received]) -> None:
        """Set aside: these can never be used. They go to the dead-letter queue."""

    def requeue(self, messages: Iterable[Received]) -> None:
        """Give back for delivery at once, also to this subscription: pause before taking again."""


class BusPort(Protocol):
    """Publishing and subscribing."""

    @property
    def health(self) -> BusHealth:
        """The state now."""

    async def wait_connected(self, timeout_s: float | None = None) -> None:
        """Wait until the broker can be used.

        Raises:
            BusUnavailableError: It took longer than `timeout_s` seconds.
            BusClosedError, CredentialsRefusedError, TlsRefusedError: It will never be.
        """

    async def publish_many(
        self, publications: Sequence[Publication], timeout_s: float | None = None
    ) -> list[PublishResult]:
        """Publish persistently and return one result for each, in order, when all are known.

        Waits through reconnection and through a broker that asks to pause; what is not confirmed after
        `timeout_s` seconds is UNCONFIRMED.

        Raises:
            BusClosedError, CredentialsRefusedError, TlsRefusedError: Nothing can be published.
        """

    def subscribe(
        self, queues: Sequence[str], *, prefetch: int = 100
    ) -> AbstractAsyncContextManager[SubscriptionPort]:
        """Subscribe to queues; at most `prefetch` messages of each are held here unsettled.

        On exit whatever was not settled goes back to its queue.
        """
