"""Where the time of an exchange goes, from the times that the three stores keep of it."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from deploy.local.world import World
from tests.bench.driving import Run
from tests.bench.measure import percentile
from tests.bench.workload import RECIPIENT, SENDER

_SENT: Final = "SELECT exchange_id, accepted_at FROM exchange"
_DECIDED: Final = "SELECT exchange_id, decided_at FROM exchange"
_RECEIVED: Final = "SELECT exchange_id, received_at FROM delivery"
_MICROSECONDS: Final = 1e6


def split(world: World, run: Run) -> dict[str, float]:
    """Median milliseconds of each stage from call to inbox; each stage includes the waiting before it."""
    moments = {
        "sealed": _read(world.agencies[SENDER].folder / "store.db", _SENT),
        "decided": _read(world.gateway.folder / "gateway.db", _DECIDED),
        "received": _read(world.agencies[RECIPIENT].folder / "store.db", _RECEIVED),
    }
    spans: dict[str, list[float]] = {}
    for name, passage in run.passages.items():
        if passage.arrived is not None and all(name in times for times in moments.values()):
            at = {stage: times[name] for stage, times in moments.items()}
            ends = at | {"called": passage.called, "seen": passage.arrived}
            for stage, (start, end) in _STAGES.items():
                spans.setdefault(stage, []).append(ends[end] - ends[start])
    return {stage: percentile(values, 0.5) * 1e3 for stage, values in spans.items()}


_STAGES: Final[Mapping[str, tuple[str, str]]] = {
    "call, validate, seal, encrypt": ("called", "sealed"),
    "commit, relay, broker, wait for the gateway": ("sealed", "decided"),
    "open, decide, record, commit, publish, broker": ("decided", "received"),
    "verify, commit, show in the inbox": ("received", "seen"),
}


def _read(store: Path, query: str) -> dict[str, float]:
    with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as connection:
        return {name: _seconds(at) for name, at in connection.execute(query)}


def _seconds(stored: str | int) -> float:
    """Since 1970: the gateway keeps microseconds, an agency the text of a UTC time."""
    if isinstance(stored, int):
        return stored / _MICROSECONDS
    return datetime.fromisoformat(stored).replace(tzinfo=UTC).timestamp()
