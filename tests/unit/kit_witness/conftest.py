from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.kit.directory import GATEWAY
from services.kit.store.outcomes import StoredAlarm
from services.kit.witness.settings import WitnessSettings
from services.kit.witness.witness import Witness
from tests.support.exchanging import RECIPIENT, GatewayStandIn, Member, World, memory_broker, memory_member
from tests.support.simulated_log import SimulatedLog

SETTINGS = WitnessSettings(interval_s=0.05)


@dataclass
class Watching:
    """A witness in front of a log."""

    member: Member
    log: SimulatedLog
    world: World
    gateway: GatewayStandIn
    settings: WitnessSettings = SETTINGS
    witness: Witness = field(init=False)

    def __post_init__(self) -> None:
        self.witness = Witness(self.member.participant, self.member.records, self._ask, self.settings)

    async def _ask(self, first: int, second: int) -> Any:
        return await self.log.ask(first, second)

    async def show(self, log: SimulatedLog | None = None, cosigned: tuple[str, ...] = ()) -> None:
        """A heartbeat of a log arrives, and is judged."""
        heartbeat = (log or self.log).heartbeat(cosigned)
        assert await self.receive(heartbeat=heartbeat)
        await self.witness.look()

    async def receive(self, **content: Any) -> bool:
        return await self.member.intake.receive(self.gateway.received(RECIPIENT, **content))

    async def alarms(self) -> list[StoredAlarm]:
        records = self.member.records
        async with records.store.read() as connection:
            return await records.alarms.page(connection, 0, 100)

    async def codes(self) -> list[str]:
        return [alarm.code for alarm in await self.alarms()]

    async def cosignatures(self) -> int:
        """How many cosignatures wait to be sent."""
        return [kind for kind, _ in await self.member.packets()].count("cosignature")

    def later(self, **amount: float) -> None:
        self.world.clock.advance(timedelta(**amount))


@pytest.fixture(scope="session")
def keys() -> World:
    return World()


@pytest.fixture
async def watching(keys: World, tmp_path: Path) -> AsyncIterator[Watching]:
    world = World(signing=keys.signing, decryption=keys.decryption)
    log = SimulatedLog(world.signing[GATEWAY], world.clock)
    async with memory_member(world, memory_broker(), RECIPIENT, tmp_path) as member:
        yield Watching(member, log, world, GatewayStandIn(world))
