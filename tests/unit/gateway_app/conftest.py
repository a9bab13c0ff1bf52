from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.kit.clock import FixedClock
from tests.support.databases import NewDatabase
from tests.support.gateway import NOW, Gateway, Parties, open_gateway


@pytest.fixture(scope="session")
def everybody() -> Parties:
    return Parties()


@pytest.fixture
def parties(everybody: Parties) -> Parties:
    everybody.clock = FixedClock(NOW)
    return everybody


@pytest.fixture
async def gateway(parties: Parties, tmp_path: Path, databases: NewDatabase) -> AsyncIterator[Gateway]:
    async with open_gateway(parties, tmp_path, databases=databases) as opened:
        yield opened
