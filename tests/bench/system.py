"""The whole system under load, and a bare relay through the same broker beside it."""

import asyncio
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from deploy.local.launcher import LocalSystem
from deploy.local.world import World
from tests.bench import bare_relay, processes, stages
from tests.bench.driving import Driver, Run, drive
from tests.bench.measure import percentile
from tests.bench.workload import RECIPIENT, SENDER

_LATENCY_RATE: Final = 100.0
_RAMP: Final = (20.0, 40.0, 60.0, 80.0, 100.0, 150.0, 200.0, 250.0, 300.0, 400.0, 500.0)
_KEPT_UP: Final = 0.95
_PATIENCE_S: Final = 45.0


@dataclass(frozen=True, slots=True)
class Budget:
    """How long each part takes, in seconds, and the rate of the sustained run (0: none)."""

    bare: float = 6
    latency: float = 12
    step: float = 6
    sustained: float = 0
    sustained_rate: float = 250


@dataclass
class Rung:
    """One rate, and what came of it. Rates a second, times in milliseconds."""

    offered: float
    seconds: float
    delivered: float
    p50_ms: float
    p99_ms: float
    failed: int
    missing: int
    stages_ms: dict[str, float]
    cpu_ms: dict[str, float]

    @property
    def kept_up(self) -> bool:
        """Whether as much arrived as was sent, while it was sent."""
        return self.delivered >= self.offered * _KEPT_UP


@dataclass
class SystemReport:
    """What came of it. Rates a second, latencies (median and p99) in milliseconds."""

    bare_ceiling: float = 0
    bare_latency: tuple[float, float] = (0, 0)
    ramp: list[Rung] = field(default_factory=list)
    at_100: Rung | None = None
    sustained: Rung | None = None

    @property
    def ceiling(self) -> float:
        """The most that arrived a second, on any rung."""
        return max((rung.delivered for rung in self.ramp), default=0.0)

    @property
    def ratio(self) -> float:
        """The system's ceiling as a share of the bare relay's."""
        return self.ceiling / self.bare_ceiling if self.bare_ceiling else 0.0

    @property
    def rungs(self) -> list[Rung]:
        """All of them, in the order of the runs."""
        return [*self.ramp, *(each for each in (self.at_100, self.sustained) if each is not None)]

    @property
    def best(self) -> Rung:
        """The fastest that was kept up with, or else the slowest tried: where times mean something."""
        kept = [rung for rung in self.rungs if rung.kept_up]
        return (
            max(kept, key=lambda rung: rung.offered)
            if kept
            else min(self.rungs, key=lambda rung: rung.offered)
        )

    def as_json(self) -> dict[str, Any]:
        """For a machine."""
        return asdict(self) | {"ceiling": self.ceiling, "ratio": self.ratio}


def measure_system(budget: Budget) -> SystemReport:
    """Boots a private system, measures it, and stops it."""
    report = SystemReport()
    with tempfile.TemporaryDirectory(prefix="ppg-bench-") as folder:
        world = World.create(Path(folder) / "world", [SENDER, RECIPIENT])
        system = LocalSystem(world)
        try:
            world.broker.start()
            _measure_bare(world, budget, report)
            system.start_processes()
            system.await_serving()
            asyncio.run(_measure(system, budget, report))
            system.raise_if_ended()
        finally:
            system.stop()
            world.release()
    return report


def _measure_bare(world: World, budget: Budget, report: SystemReport) -> None:
    with bare_relay.relaying(world):
        asyncio.run(bare_relay.measure_latency(world, 2, _LATENCY_RATE))  # to warm it up
        report.bare_latency = asyncio.run(bare_relay.measure_latency(world, budget.bare, _LATENCY_RATE))
        report.bare_ceiling = asyncio.run(bare_relay.measure_ceiling(world, budget.bare))


async def _measure(system: LocalSystem, budget: Budget, report: SystemReport) -> None:
    async with drive(system.world) as driver:
        await _settled(driver, 20, 5)  # to warm it up
        if budget.sustained:
            report.sustained = await _climb_to(system, driver, budget.sustained_rate, budget.sustained)
            return
        for rate in _RAMP:
            rung = await _climb_to(system, driver, rate, budget.step)
            report.ramp.append(rung)
            if not rung.kept_up:
                break
        report.at_100 = await _climb_to(system, driver, _LATENCY_RATE, budget.latency)


async def _climb_to(system: LocalSystem, driver: Driver, rate: float, seconds: float) -> Rung:
    before = processes.spent_seconds(system)
    run = await _settled(driver, rate, seconds)
    await asyncio.sleep(1)  # receipts and outcomes are part of the cost
    after = processes.spent_seconds(system)
    return Rung(
        offered=rate,
        seconds=seconds,
        delivered=run.delivered_a_second(),
        p50_ms=percentile(run.latencies, 0.5) * 1e3,
        p99_ms=percentile(run.latencies, 0.99) * 1e3,
        failed=run.failed,
        missing=len(run.passages) - len(run.arrived),
        stages_ms=stages.split(system.world, run),
        cpu_ms=processes.between(before, after, len(run.passages)),
    )


async def _settled(driver: Driver, rate: float, seconds: float) -> Run:
    run = await driver.run(rate, seconds)
    await driver.drain(run, _PATIENCE_S)
    return run
