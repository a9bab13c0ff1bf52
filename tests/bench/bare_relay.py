"""The yardstick: messages through a broker and one relay, and nothing else done to them.

The same broker, queues (quorum, durable), TLS, confirms and client library as the system's own; what remains
is opening, verifying, deciding, recording and sealing. Run as a process it is the relay.
"""

import asyncio
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from time import time
from typing import Final

from deploy.broker.definitions import GATEWAY
from deploy.local.launcher import ROOT
from deploy.local.world import World
from services.kit.bus import Bus, BusSettings, Message, Publication
from services.kit.logs import configure_logs
from tests.bench.measure import percentile
from tests.bench.workload import RECIPIENT, SENDER

_BODY: Final = os.urandom(10_000)
_FLIGHT: Final = 400
_BATCH: Final = 100
_READY: Final = "ready"


def bus_settings(settings: Path) -> BusSettings:
    """The broker's part of a process's settings file."""
    raw = tomllib.loads(settings.read_text(encoding="utf-8"))["broker"]
    files = {name: settings.parent / value for name, value in raw.items() if name.endswith("_file")}
    return BusSettings(**(raw | files))


@contextmanager
def relaying(world: World) -> Iterator[None]:
    """A relay from the sender's queue to the recipient's, in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.bare_relay", str(world.gateway.settings)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as relay:
        try:
            if relay.stdout is None or relay.stdout.readline().strip() != _READY:
                raise AssertionError("the bare relay did not start")
            yield
        finally:
            relay.terminate()


async def measure_ceiling(world: World, seconds: float) -> float:
    """Messages a second through the relay, with as many on the way as it can use."""
    arrived, _ = await _pass(world, seconds, rate=None)
    return sum(1 for at in arrived if at >= arrived[0]) / (arrived[-1] - arrived[0])


async def measure_latency(world: World, seconds: float, rate: float) -> tuple[float, float]:
    """Median and p99 in milliseconds at a fixed rate."""
    _, latencies = await _pass(world, seconds, rate)
    return percentile(latencies, 0.5) * 1e3, percentile(latencies, 0.99) * 1e3


async def _pass(world: World, seconds: float, rate: float | None) -> tuple[list[float], list[float]]:
    sent: dict[str, float] = {}
    arrived: list[float] = []
    latencies: list[float] = []
    settings = [bus_settings(world.agencies[name].settings) for name in (SENDER, RECIPIENT)]
    async with Bus(settings[0]) as out, Bus(settings[1]) as into:
        await asyncio.gather(out.wait_connected(10), into.wait_connected(10))
        receiving = asyncio.create_task(_receive(into, sent, arrived, latencies))
        if rate is None:
            await _flood(out, seconds, sent, arrived)
        else:
            await _pace(out, seconds, rate, sent)
        await _until_all(sent, arrived)
        receiving.cancel()
        with suppress(asyncio.CancelledError):
            await receiving
    return arrived, latencies


async def _receive(bus: Bus, sent: dict[str, float], arrived: list[float], latencies: list[float]) -> None:
    async with bus.subscribe([f"to.{RECIPIENT}"], prefetch=_FLIGHT) as subscription:
        async for batch in subscription.batches(_BATCH):
            now = time()
            for each in batch.messages:
                arrived.append(now)
                latencies.append(now - sent[each.message.message_id])
            subscription.ack(batch.messages)


async def _flood(bus: Bus, seconds: float, sent: dict[str, float], arrived: list[float]) -> None:
    numbers, ends = count(), time() + seconds
    while time() < ends:
        while len(sent) - len(arrived) > _FLIGHT:
            await asyncio.sleep(0.001)
        await _publish(bus, [next(numbers) for _ in range(_BATCH)], sent)


async def _pace(bus: Bus, seconds: float, rate: float, sent: dict[str, float]) -> None:
    begun, calls = time(), []
    for number in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, begun + number / rate - time()))
        calls.append(asyncio.create_task(_publish(bus, [number], sent)))
    await asyncio.gather(*calls)


async def _publish(bus: Bus, numbers: list[int], sent: dict[str, float]) -> None:
    now = time()
    sent.update({f"bare-{number}": now for number in numbers})
    messages = [Message(_BODY, f"bare-{number}", "bare") for number in numbers]
    await bus.publish_many([Publication("submissions", f"from.{SENDER}", each) for each in messages])


async def _until_all(sent: dict[str, float], arrived: list[float], patience_s: float = 20) -> None:
    ends = time() + patience_s
    while len(arrived) < len(sent):
        if time() > ends:
            raise AssertionError(f"the bare relay lost {len(sent) - len(arrived)} messages")
        await asyncio.sleep(0.01)


async def _relay(settings: Path) -> None:
    async with Bus(bus_settings(settings)) as bus:
        await bus.wait_connected(10)
        async with bus.subscribe([f"from.{SENDER}"], prefetch=_FLIGHT) as subscription:
            sys.stdout.write(_READY + "\n")
            sys.stdout.flush()
            async for batch in subscription.batches(_BATCH):
                await bus.publish_many(
                    [Publication("deliveries", f"to.{RECIPIENT}", each.message) for each in batch.messages]
                )
                subscription.ack(batch.messages)


if __name__ == "__main__":
    configure_logs(role="bench", organisation=GATEWAY)  # not to standard output, which says when it is ready
    with suppress(KeyboardInterrupt):
        asyncio.run(_relay(Path(sys.argv[1])))
