"""Timing: many runs of one thing, and what they came to."""

import gc
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any, Final

_BUDGET_S: Final = 1.5
_LEAST: Final = 20


@dataclass(frozen=True, slots=True)
class Times:
    """Durations of one thing, in microseconds."""

    runs: int
    median_us: float
    p99_us: float


def time_calls(call: Callable[[], Any], budget_s: float = _BUDGET_S) -> Times:
    """Calls until the budget in seconds is spent; garbage is left meanwhile, as by `timeit`."""
    for _ in range(3):
        call()
    taken: list[float] = []
    gc.disable()
    try:
        ends = perf_counter() + budget_s
        while len(taken) < _LEAST or perf_counter() < ends:
            begun = perf_counter()
            call()
            taken.append(perf_counter() - begun)
    finally:
        gc.enable()
    return summarise(taken)


def summarise(seconds: Sequence[float]) -> Times:
    """Median and 99th percentile of durations given in seconds."""
    return Times(len(seconds), median(seconds) * 1e6, percentile(seconds, 0.99) * 1e6)


def percentile(values: Iterable[float], share: float) -> float:
    """The value that this share of all does not exceed (nearest rank); NaN of none."""
    ordered = sorted(values)
    if not ordered:
        return float("nan")
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
