from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.kit.bus import MemoryBroker, MemoryBus
from tests.support.databases import NewDatabase
from tests.support.exchanging import (
    RECIPIENT,
    SENDER,
    GatewayStandIn,
    Member,
    World,
    memory_broker,
    memory_member,
)


@pytest.fixture(scope="session")
def keys() -> World:
    return World()


@pytest.fixture
def world(keys: World) -> World:
    return World(signing=keys.signing, decryption=keys.decryption)


@pytest.fixture
def broker() -> MemoryBroker:
    return memory_broker()


@pytest.fixture
def gateway(world: World) -> GatewayStandIn:
    return GatewayStandIn(world)


@pytest.fixture
async def gateway_bus(broker: MemoryBroker) -> AsyncIterator[MemoryBus]:
    async with MemoryBus(broker, "gateway") as bus:
        yield bus


@pytest.fixture
async def sender(
    world: World, broker: MemoryBroker, tmp_path: Path, databases: NewDatabase
) -> AsyncIterator[Member]:
    async with memory_member(world, broker, SENDER, tmp_path, databases) as member:
        yield member


@pytest.fixture
async def recipient(
    world: World, broker: MemoryBroker, tmp_path: Path, databases: NewDatabase
) -> AsyncIterator[Member]:
    async with memory_member(world, broker, RECIPIENT, tmp_path, databases) as member:
        yield member
