"""One organisation that floods its queue keeps no other waiting."""

import asyncio
from contextlib import suppress

from services.kit.bus import Message, Publication
from services.kit.bus.memory import MemoryBus
from tests.support.gateway import Gateway

FLOOD = 400


async def publish(gateway: Gateway, organisation: str, *bodies: bytes) -> None:
    bus = MemoryBus(gateway.broker, organisation)
    await bus.start()
    key = f"from.{organisation}"
    made = [
        Publication("submissions", key, Message(body, f"m-{n}", "packet")) for n, body in enumerate(bodies)
    ]
    await bus.publish_many(made)


async def test_another_is_served_while_one_floods(gateway: Gateway) -> None:
    sealed = gateway.step("contribution")
    flooding = next(name for name in gateway.parties.directory.organisations if name != sealed.organisation)
    await publish(gateway, flooding, *(f"no packet {number}".encode() for number in range(FLOOD)))
    await publish(gateway, sealed.organisation, sealed.body)
    running = asyncio.create_task(gateway.intake.run(gateway.bus))
    try:
        async with asyncio.timeout(60):
            while gateway.broker.depth(f"from.{sealed.organisation}"):
                await asyncio.sleep(0.005)
        assert gateway.broker.depth(f"from.{flooding}") > FLOOD // 2, "the other waited for its turn alone"
        assert len(await gateway.records("COLLECTION")) == 1
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
