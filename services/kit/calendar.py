"""Time limits on the calendar of England and Wales: pure, from a moment or a day to when a limit ends.

Conventions, where the guidance leaves them open: the day of the start is day 0; a limit in working days ends
at close of business, London time; one in days or months at the end of its last day; hours are elapsed hours,
whatever the clocks on the wall do.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

LONDON: Final = ZoneInfo("Europe/London")
CLOSE_OF_BUSINESS: Final = time(17)
_DAY: Final = timedelta(days=1)
_INSTANT: Final = timedelta(microseconds=1)
_SATURDAY: Final = 5
_SUNDAY: Final = 6
_MONTHS_OF_YEAR: Final = 12


class Unit(StrEnum):
    """In what a time limit is counted."""

    HOURS = "HOURS"
    WORKING_DAYS = "WORKING_DAYS"
    DAYS = "DAYS"
    MONTHS = "MONTHS"


@dataclass(frozen=True, slots=True)
class Calendar:
    """Working days.

    Attributes:
        holidays: bank holidays of England and Wales. Beyond the last one known every weekday counts as a
            working day, so that a limit may be told early and is never told late.
        closes: close of business, London time.
    """

    holidays: frozenset[date]
    closes: time = CLOSE_OF_BUSINESS

    @property
    def known_until(self) -> date:
        """The last bank holiday known; the first day there is if none is."""
        return max(self.holidays, default=date.min)

    def is_working(self, day: date) -> bool:
        """Whether a day is a working day."""
        return day.weekday() < _SATURDAY and day not in self.holidays

    def ends_week(self, day: date) -> bool:
        """Whether a day is the last working day of its week: a Friday, or the day before one that is none."""
        later = (day + _DAY * n for n in range(1, _SUNDAY - day.weekday() + 1))
        return self.is_working(day) and not any(map(self.is_working, later))

    def after(self, moment: datetime, amount: int, unit: Unit) -> datetime:
        """When a limit that starts at an aware moment ends, UTC."""
        if unit is Unit.HOURS:
            return moment.astimezone(UTC) + timedelta(hours=amount)
        day = local_day(moment)
        end = self.after_day(day, amount, unit)
        # The same day, after close of business: until the end of that day.
        return end if end > moment else _end_of(day)

    def after_day(self, day: date, amount: int, unit: Unit) -> datetime:
        """When a limit that starts on a day ends, UTC; hours count from the end of that day."""
        if unit is Unit.HOURS:
            return _end_of(day) + timedelta(hours=amount)
        if unit is Unit.WORKING_DAYS:
            return self._close_of(self._count(day, amount, _DAY))
        return _end_of(day + _DAY * amount if unit is Unit.DAYS else add_months(day, amount))

    def before_day(self, day: date, amount: int, unit: Unit) -> datetime:
        """The latest moment that is still so long before a day, UTC; hours count from its beginning."""
        if unit is Unit.HOURS:
            return _end_of(day - _DAY) - timedelta(hours=amount)
        if unit is Unit.WORKING_DAYS:
            return self._close_of(self._count(day, amount, -_DAY))
        return _end_of(day - _DAY * amount if unit is Unit.DAYS else add_months(day, -amount))

    def before(self, moment: datetime, amount: int, unit: Unit) -> datetime:
        """So long before the end of a limit, UTC: for reminders. Days count from the limit's last day."""
        if unit is Unit.HOURS:
            return moment.astimezone(UTC) - timedelta(hours=amount)
        return self.before_day(local_day(moment - _INSTANT), amount, unit)

    def _close_of(self, day: date) -> datetime:
        """Close of business; of a day without any, its end."""
        if not self.is_working(day):
            return _end_of(day)
        return datetime.combine(day, self.closes, tzinfo=LONDON).astimezone(UTC)

    def _count(self, day: date, amount: int, step: timedelta) -> date:
        while amount > 0:
            day += step
            amount -= self.is_working(day)
        return day


def add_months(day: date, months: int) -> date:
    """The corresponding day so many months on, or the last day of a month that has none."""
    year, month = divmod(day.year * _MONTHS_OF_YEAR + day.month - 1 + months, _MONTHS_OF_YEAR)
    first = date(year, month + 1, 1)
    following = date(year + month // 11, (month + 1) % _MONTHS_OF_YEAR + 1, 1)
    return min(first + _DAY * (day.day - 1), following - _DAY)


def local_day(moment: datetime) -> date:
    """The day in London at an aware moment."""
    return moment.astimezone(LONDON).date()


def _end_of(day: date) -> datetime:
    return datetime.combine(day + _DAY, time(), tzinfo=LONDON).astimezone(UTC)
