"""The co-ordination unit with its register."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.kit.clock import FixedClock
from tests.support.databases import NewDatabase
from tests.support.gateway import NOW, Parties
from tests.support.minutes import (
    Unit,
    open_unit,
)


@pytest.fixture(scope="module")
def parties() -> Parties:
    return Parties(clock=FixedClock(NOW))


@pytest.fixture
async def unit(parties: Parties, tmp_path: Path, databases: NewDatabase) -> AsyncIterator[Unit]:
    parties.clock = FixedClock(NOW)
    async with open_unit(parties, tmp_path, databases=databases) as opened:
        yield opened
