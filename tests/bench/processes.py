"""What the processes of a running system spend of the processor's time, read from /proc (proc(5))."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from deploy.local.launcher import LocalSystem

_TICKS: Final = os.sysconf("SC_CLK_TCK")
_DRIVER: Final = "this driver"
_BROKER: Final = "broker"


def spent_seconds(system: LocalSystem) -> dict[str, float]:
    """Processor time of each process so far, in seconds; the broker's own children are part of it."""
    spent = {name: _spent(process.pid) for name, process in system.processes.items() if process.pid}
    spent[_BROKER] = sum(_spent(pid) for pid in _broker_pids(system.world.broker.layout.directory))
    spent[_DRIVER] = sum(os.times()[:2])
    return spent


def between(before: Mapping[str, float], after: Mapping[str, float], exchanges: int) -> dict[str, float]:
    """Milliseconds of processor time for each exchange, by process."""
    return {name: (after[name] - before[name]) / max(exchanges, 1) * 1e3 for name in after}


def _spent(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _broker_pids(directory: Path) -> list[int]:
    """Processes that work in the broker's folder."""
    found = (entry for entry in Path("/proc").iterdir() if entry.name.isdecimal())
    return [int(entry.name) for entry in found if _works_in(entry, directory)]


def _works_in(process: Path, directory: Path) -> bool:
    try:
        return (process / "cwd").readlink().is_relative_to(directory)
    except OSError:  # another user's, or ended
        return False
