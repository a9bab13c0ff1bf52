"""Answers on a tick: after whole ticks, whatever was found, and however long it took."""

import asyncio
from importlib import import_module
from pkgutil import iter_modules
from typing import Never

import pytest
from google.protobuf import descriptor_pool
from publicprotection.exchange import v1 as exchange
from publicprotection.oversight import v1 as oversight
from publicprotection.transport import v1 as transport

from gateway.rpc.hiding import HIDING as OF_THE_GATEWAY
from services.kit.exchange.hiding import HIDING as OF_AN_AGENCY
from services.kit.rpc.errors import NotFoundError
from services.kit.rpc.ticking import FixedTick

# So that every service of the contract is known.
for package in (exchange, oversight, transport):
    for found in iter_modules(package.__path__):
        import_module(f"{package.__name__}.{found.name}")

TICK_S = 0.2
TICKING = FixedTick(frozenset({"/a.B/Find"}), TICK_S)


class Time:
    """A clock that moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0

    def time(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Time:
    moving = Time()
    monkeypatch.setattr("services.kit.rpc.ticking.asyncio.get_running_loop", lambda: moving)
    monkeypatch.setattr("services.kit.rpc.ticking.asyncio.sleep", moving.sleep)
    return moving


async def find(clock: Time, seconds: float) -> str:
    clock.now += seconds
    return "found"


async def miss(clock: Time, seconds: float) -> Never:
    clock.now += seconds
    raise NotFoundError


@pytest.mark.parametrize(
    ("seconds", "ticks"), [(0.0, 1), (0.001, 1), (0.199, 1), (0.2, 2), (0.25, 2), (0.9, 5)]
)
async def test_an_answer_and_a_refusal_come_after_the_same_ticks(
    clock: Time, seconds: float, ticks: int
) -> None:
    assert await TICKING.answer("/a.B/Find", find(clock, seconds)) == "found"
    assert clock.now == pytest.approx(100 + ticks * TICK_S)
    with pytest.raises(NotFoundError):
        await TICKING.answer("/a.B/Find", miss(clock, seconds))
    assert clock.now == pytest.approx(100 + 2 * ticks * TICK_S)


async def test_other_methods_answer_at_once(clock: Time) -> None:
    assert await TICKING.answer("/a.B/Send", find(clock, 0.01)) == "found"
    assert clock.now == pytest.approx(100.01)


async def test_whoever_goes_away_waits_for_nothing() -> None:
    waiting = asyncio.create_task(
        FixedTick(frozenset({"m"}), 60).answer("m", asyncio.sleep(60)),
    )
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(waiting, 1)


@pytest.mark.parametrize("method", sorted(OF_THE_GATEWAY | OF_AN_AGENCY))
def test_what_is_hidden_exists(method: str) -> None:
    service, name = method.removeprefix("/").split("/")
    assert name in descriptor_pool.Default().FindServiceByName(service).methods_by_name
