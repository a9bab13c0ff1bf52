"""How far a look-up's time tells what exists: what is not there against what is another's, on a tick or not.

Tests assert that both make the same calls; this measures what is left. `apart` is the largest difference
between the two distributions (Kolmogorov, Smirnov): 0 if they are the same, 1 if one call tells them apart.
"""

import asyncio
from bisect import bisect_right
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

from publicprotection.oversight.v1.disclosure_log_service_pb2 import (
    LOG_PURPOSE_VERIFY_LAWFULNESS,
    GetRecordRequest,
)
from publicprotection.oversight.v1.subject_service_pb2 import Acting

from gateway.app.log_view import LogView, RecordUnknownError
from gateway.settings import Limits
from services.kit.rpc.ticking import FixedTick
from tests.bench.measure import Times, summarise
from tests.support.acting import officer
from tests.support.gateway import Gateway, Parties, open_gateway

_RUNS: Final = 300
_BYSTANDER: Final = "ADULT_SERVICES"
_ACTING: Final = Acting(reason="Bench")

Look = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Hidden:
    """One look-up, measured.

    Attributes:
        absent: times of what there is not.
        anothers: times of what there is, and is another's.
        apart: how far the two can be told apart, from 0 to 1.
        by_chance: how far they may lie apart by chance alone, in one of twenty such measurements.
    """

    absent: Times
    anothers: Times
    apart: float
    by_chance: float


def measure_hiding() -> dict[str, Hidden]:
    """Measures a record of the log that there is not against one of others, without a tick and with it."""
    with TemporaryDirectory(prefix="ppg-bench-") as folder:
        return asyncio.run(_measure(Path(folder)))


async def _measure(folder: Path) -> dict[str, Hidden]:
    async with open_gateway(Parties(), folder) as gateway:
        await gateway.take(gateway.step("contribution").arrival)
        while await gateway.sequencer.sequence_batch():
            pass
        record = (await gateway.records())[0].record_hash
        absent, anothers = _look(gateway, "0" * 64), _look(gateway, record)
        ticking = FixedTick(frozenset({"look"}), Limits().tick_s)
        return {
            "a record, without a tick": await _compare(absent, anothers),
            "a record, on the tick": await _compare(
                lambda: ticking.answer("look", absent()), lambda: ticking.answer("look", anothers())
            ),
        }


def _look(gateway: Gateway, record_hash: str) -> Look:
    view, who = LogView(gateway.store, gateway.tools), officer(gateway.parties.of_kind(_BYSTANDER))
    request = GetRecordRequest(purpose=LOG_PURPOSE_VERIFY_LAWFULNESS, acting=_ACTING, record_hash=record_hash)

    async def look() -> None:
        with suppress(RecordUnknownError):
            await view.get(who, request)

    return look


async def _compare(one: Look, other: Look) -> Hidden:
    """In turns, so that what the machine does besides is the same for both."""
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(_RUNS):
        for look, times in zip((one, other), taken, strict=True):
            begun = perf_counter()
            await look()
            times.append(perf_counter() - begun)
    chance = 1.36 * (2 / _RUNS) ** 0.5
    return Hidden(summarise(taken[0]), summarise(taken[1]), _apart(*taken), chance)


def _apart(one: Sequence[float], other: Sequence[float]) -> float:
    ordered = sorted(one), sorted(other)
    shares = (
        [bisect_right(each, value) / len(each) for each in ordered] for value in (*ordered[0], *ordered[1])
    )
    return max(abs(first - second) for first, second in shares)
