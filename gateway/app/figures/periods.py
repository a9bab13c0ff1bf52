"""Days, weeks and months: where each starts, and how many there are."""

from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum
from typing import Final


class Grain(StrEnum):
    """How long a period of which counts are kept is."""

    DAY = "D"
    WEEK = "W"
    MONTH = "M"


LONGEST: Final = {Grain.DAY: 62, Grain.WEEK: 54, Grain.MONTH: 60}
"""How many periods are shown at most."""

_LENGTH: Final = {
    Grain.DAY: timedelta(days=1),
    Grain.WEEK: timedelta(days=7),
    Grain.MONTH: timedelta(days=31),
}
_MONTHS: Final = 12


def start_of(grain: Grain, day: date) -> date:
    """The first day of the period that a day is in; a week's is Monday."""
    if grain is Grain.WEEK:
        return day - timedelta(days=min(day.weekday(), day.toordinal() - 1))
    return day.replace(day=1) if grain is Grain.MONTH else day


def count_periods(grain: Grain, first: date, last: date) -> int:
    """How many periods there are from one first day to another, both counted; 0 or less if reversed."""
    if grain is Grain.MONTH:
        return (last.year - first.year) * _MONTHS + last.month - first.month + 1
    return (last - first) // _LENGTH[grain] + 1


def each_start(grain: Grain, first: date, last: date) -> Iterator[date]:
    """The first days of all periods from one to another, in order."""
    start = first
    for _ in range(count_periods(grain, first, last)):
        yield start
        start = start_of(grain, start + _LENGTH[grain]) if start < last else start
