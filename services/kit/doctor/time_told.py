"""The check of this machine's clock against what others say about the time. No clock here is asked itself."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from services.kit.doctor.finding import Finding, failed, passed, warned
from services.kit.doctor.patient import Examined, Reading

LEEWAY: Final = timedelta(seconds=60)
"""Another clock may differ by so much: a call takes its time, and certificates and tokens allow for it."""

_ADVICE: Final = "set it right, and see that a time service keeps it so"


def check_clock(patient: Examined) -> Iterator[Finding]:
    """Whether this clock is behind moments that have passed, or off from clocks that were read."""
    faults = [fault for reading in patient.readings if (fault := _judge(patient, reading))]
    yield from (failed("clock", fault) for fault in faults)
    if faults:
        return
    clocks = [reading.source for reading in patient.readings if reading.is_now]
    if clocks:
        yield passed("clock", f"agrees within {LEEWAY.seconds} s with {', '.join(clocks)}")
    else:
        yield warned(
            "clock",
            "no other clock could be read; nothing known to be past is in its future: see the time service",
        )


def _judge(patient: Examined, reading: Reading) -> str | None:
    ahead = reading.moment - patient.now
    seconds = abs(round(ahead.total_seconds()))
    if ahead > LEEWAY:
        return f"this machine's clock is at least {seconds} s behind {reading.source}: {_ADVICE}"
    if reading.is_now and -ahead > LEEWAY:
        return f"this machine's clock is {seconds} s ahead of {reading.source}: {_ADVICE}"
    return None
