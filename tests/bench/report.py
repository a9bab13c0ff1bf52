"""The measurements as tables for people."""

import os
import platform
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from tests.bench.hiding import Hidden
from tests.bench.log import LogReport
from tests.bench.measure import Times
from tests.bench.system import Rung, SystemReport


def describe_machine() -> dict[str, str | int | float]:
    """What this ran on, and how busy it was: times of a busy machine compare with nothing."""
    return {
        "processors": os.cpu_count() or 0,
        "processor": _processor(),
        "python": platform.python_version(),
        "system": platform.platform(),
        "load_before": round(os.getloadavg()[0], 2),
    }


def tell_times(title: str, times: Mapping[str, Times]) -> Iterator[str]:
    """A table of times."""
    yield from _heading(title, "median us", "p99 us")
    for name, each in times.items():
        yield f"  {name:<46}{each.median_us:>12,.1f}{each.p99_us:>12,.1f}"


def tell_split(title: str, unit: str, values: Mapping[str, float]) -> Iterator[str]:
    """A table of shares of something."""
    yield from _heading(title, unit)
    for name, value in values.items():
        yield f"  {name:<46}{value:>12,.2f}"
    yield f"  {'together':<46}{sum(values.values()):>12,.2f}"


def tell_hiding(found: Mapping[str, Hidden]) -> Iterator[str]:
    """A table of look-ups that are to tell nothing by their time."""
    yield from _heading("what is not there, and what is another's", "median us", "median us", "apart")
    for name, each in found.items():
        times = f"{each.absent.median_us:>12,.0f}{each.anothers.median_us:>12,.0f}"
        yield f"  {name:<46}{times}{each.apart:>12.2f}"
    chance = max((each.by_chance for each in found.values()), default=0.0)
    yield f"  apart by chance alone, once in twenty: {chance:.2f}"


def tell_system(report: SystemReport) -> Iterator[str]:
    """Tables of the whole system's run."""
    yield from _heading("agency's gRPC call to the recipient's inbox", "delivered/s", "p50 ms", "p99 ms")
    yield from map(_run, report.rungs)
    p50, p99 = report.bare_latency
    yield f"  {'bare relay at 100 a second':<46}{'':>12}{p50:>12,.1f}{p99:>12,.1f}"
    if report.ceiling:
        yield ""
        yield f"  ceiling {report.ceiling:,.0f}/s, bare relay {report.bare_ceiling:,.0f}/s"
        yield f"  ratio {report.ratio:.3f}"
    at = f"at {report.best.offered:,.0f} a second"
    yield from tell_split(f"where the time goes {at}", "median ms", report.best.stages_ms)
    yield from tell_split(f"processor time for one exchange {at}", "ms", report.best.cpu_ms)


def tell_log(report: LogReport) -> Iterator[str]:
    """Tables of the log as it grows."""
    yield from _heading("entries appended a second, signed for", "50 at once", "1000")
    for backend, growth in report.growth.items():
        for each in growth:
            yield f"  {f'{backend}, {each.size:,} there':<46}{each.few:>12,.0f}{each.many:>12,.0f}"
    if report.times:
        yield from tell_times(f"in a log of {report.size:,}, on SQLite", report.times)
        yield f"  the subject has {report.listed:,} records"
    if report.exports:
        yield from _heading("export of a period", "seconds", "MiB more")
    for passed in report.exports:
        name = f"{passed.records:,} records, {passed.octets / 1e6:,.0f} MB: export"
        yield f"  {name:<46}{passed.export_s:>12,.1f}{passed.export_mib:>12,.0f}"
        verified = "ppg log verify, and all its memory"
        yield f"  {verified:<46}{passed.verify_s:>12,.1f}{passed.verify_mib:>12,.0f}"


def _run(rung: Rung) -> str:
    name = f"offered {rung.offered:,.0f}/s for {rung.seconds:,.0f} s"
    lost = [f"{rung.failed} failed"] if rung.failed else []
    lost += [f"{rung.missing} not there in time"] if rung.missing else []
    numbers = f"{rung.delivered:>12,.1f}{rung.p50_ms:>12,.1f}{rung.p99_ms:>12,.1f}"
    return "  ".join([f"  {name:<46}{numbers}", *lost])


def _heading(title: str, *columns: str) -> Iterable[str]:
    return ("", title, f"  {'':<46}" + "".join(f"{column:>12}" for column in columns))


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
