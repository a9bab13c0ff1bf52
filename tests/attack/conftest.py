from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from services.kit.clock import FixedClock
from tests.attack.operator import Operator
from tests.attack.scheme import WITNESSES, Scheme
from tests.attack.stage import Stage, open_stage
from tests.support.gateway import NOW


@pytest.fixture(scope="session")
def keys() -> Scheme:
    return Scheme()


@pytest.fixture
async def stage(keys: Scheme, tmp_path: Path) -> AsyncIterator[Stage]:
    """A gateway and three agencies, which witness it, after one exchange and two heartbeats."""
    scheme = Scheme(clock=FixedClock(NOW), signing=dict(keys.signing), decryption=keys.decryption)
    async with AsyncExitStack() as stack:
        stage = await open_stage(scheme, tmp_path, stack, WITNESSES)
        await stage.exchange()
        await stage.beat()
        await stage.beat()
        yield stage


@pytest.fixture
def operator(stage: Stage) -> Operator:
    return Operator(stage.station)
