"""The load: calls at a fixed rate, whatever becomes of them, and the recipient's inbox as it fills.

An open loop: a slow answer delays no other call, so a queue that grows shows as latency and is not hidden by
callers that wait.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from secrets import token_hex
from time import time
from typing import Any, Final

import grpc.aio
from publicprotection.exchange.v1.inbox_service_pb2 import ListDeliveriesRequest, WatchDeliveriesRequest

from deploy.local.world import World
from deploy.story.clients import AgencyClient, find_service, find_verb, message_class
from tests.bench.workload import RECIPIENT, SENDER, make_document, make_header

_TICK_S: Final = 0.005
_PAGE: Final = 200


@dataclass
class Passage:
    """One exchange on its way; times in seconds since 1970, None where it has not come so far."""

    called: float
    accepted: float | None = None
    arrived: float | None = None


@dataclass
class Run:
    """Exchanges sent at one rate.

    Attributes:
        rate: calls a second.
        seconds: for how long.
        failed: calls that were refused or had no answer in time.
    """

    rate: float
    seconds: float
    passages: dict[str, Passage] = field(default_factory=dict)
    failed: int = 0

    @property
    def arrived(self) -> list[Passage]:
        """Those that reached the inbox."""
        return [each for each in self.passages.values() if each.arrived is not None]

    @property
    def latencies(self) -> list[float]:
        """From the call to the inbox, in seconds."""
        return [each.arrived - each.called for each in self.arrived if each.arrived is not None]

    def delivered_a_second(self) -> float:
        """Arrivals a second, from the middle of the run to the end of its calls."""
        begun = min((each.called for each in self.passages.values()), default=0.0)
        first, last = begun + self.seconds / 2, begun + self.seconds
        within = [each for each in self.arrived if each.arrived is not None and first < each.arrived <= last]
        return len(within) / (last - first)


class Driver:
    """Calls the sender's service and watches the recipient's inbox."""

    def __init__(self, sender: AgencyClient, recipient: AgencyClient) -> None:
        self._recipient = recipient
        self._document = make_document(narrative=True)
        self._header = make_header("not-yet-known")
        self._verb = find_verb(find_service(sender.endpoint.role), self._document.DESCRIPTOR.full_name)
        self._request: Any = message_class(self._verb.input_type.full_name)
        self._sender = sender
        self._prefix = token_hex(4)
        self._numbers = count(1)
        self._known: dict[str, Passage] = {}
        self._early: dict[str, float] = {}

    async def run(self, rate: float, seconds: float) -> Run:
        """Sends at a rate; returns when every call was answered, which may be before all have arrived."""
        run, calls = Run(rate, seconds), []
        begun = time()
        for number in range(int(rate * seconds)):
            due = begun + number / rate
            if due > time():
                await asyncio.sleep(max(due - time(), _TICK_S))
            calls.append(asyncio.create_task(self._call(run)))
        await asyncio.gather(*calls)
        return run

    async def drain(self, run: Run, patience_s: float) -> None:
        """Waits until all that was accepted has arrived, or patience ends."""
        ends = time() + patience_s
        while len(run.arrived) < len(run.passages) and time() < ends:
            await asyncio.sleep(0.05)

    async def watch(self) -> None:
        """Notes what arrives, until cancelled."""
        after = await self._last_position()
        request = WatchDeliveriesRequest(after_position=after)
        async for found in self._recipient.inbox.WatchDeliveries(request):
            name, at = found.delivery.exchange_id, time()
            if name in self._known:
                self._known[name].arrived = at
            else:
                self._early[name] = at

    async def _call(self, run: Run) -> None:
        number = next(self._numbers)
        self._header.request_id = f"{self._prefix}-{number:08d}"
        self._document.subject.identifiers[0].value = f"{self._prefix}{number:08d}"
        passage = Passage(time())
        try:
            request = self._request(header=self._header, document=self._document)
            answer: Any = await self._sender.call(self._verb, request)
        except grpc.aio.AioRpcError:
            run.failed += 1
            return
        passage.accepted = time()
        name = answer.acceptance.exchange_id
        passage.arrived = self._early.pop(name, None)
        run.passages[name] = self._known[name] = passage

    async def _last_position(self) -> int:
        after = 0
        while True:
            request = ListDeliveriesRequest(after_position=after, page_size=_PAGE)
            page: Any = await self._recipient.inbox.ListDeliveries(request)
            if not page.deliveries:
                return after
            after = page.deliveries[-1].position


@asynccontextmanager
async def drive(world: World) -> AsyncIterator[Driver]:
    """A driver of a running system."""
    sender, recipient = (AgencyClient(world.endpoint(name)) for name in (SENDER, RECIPIENT))
    driver = Driver(sender, recipient)
    watching = asyncio.create_task(driver.watch())
    try:
        yield driver
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError, grpc.aio.AioRpcError):
            await watching
        await sender.close()
        await recipient.close()
