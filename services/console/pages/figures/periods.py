"""Which period the page of figures is about: how many days, weeks or months, up to which day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from publicprotection.oversight.v1 import figures_service_pb2 as pb2

from services.kit.words import date_words

_MONTHS: Final = 12
_DAYS: Final = {pb2.FIGURE_STEP_DAY: 1, pb2.FIGURE_STEP_WEEK: 7}
_SHORT: Final = 3


@dataclass(frozen=True, slots=True)
class Length:
    """How much is shown.

    Attributes:
        key: in addresses.
        title: such as "13 weeks".
        step: of the series.
        count: how many of them.
    """

    key: str
    title: str
    step: "pb2.FigureStep.ValueType"
    count: int


LENGTHS: Final = (
    Length("28-days", "28 days, by day", pb2.FIGURE_STEP_DAY, 28),
    Length("13-weeks", "13 weeks, by week", pb2.FIGURE_STEP_WEEK, 13),
    Length("52-weeks", "52 weeks, by week", pb2.FIGURE_STEP_WEEK, 52),
    Length("12-months", "12 months, by month", pb2.FIGURE_STEP_MONTH, 12),
    Length("36-months", "36 months, by month", pb2.FIGURE_STEP_MONTH, 36),
)
_BY_KEY: Final = {each.key: each for each in LENGTHS}
_USUAL: Final = _BY_KEY["13-weeks"]


@dataclass(frozen=True, slots=True)
class Period:
    """So many days, weeks or months.

    Attributes:
        last: a day of the last of them.
    """

    length: Length
    last: date

    @property
    def first(self) -> date:
        """The first day of it."""
        return self._start(self.length.count - 1)

    @property
    def end(self) -> date:
        """The last day of it."""
        return self._start(-1) - timedelta(days=1)

    @property
    def before(self) -> "Period":
        """As long, and just before it."""
        return Period(self.length, self.first - timedelta(days=1))

    @property
    def after(self) -> "Period":
        """As long, and just after it."""
        return Period(self.length, self._start(-self.length.count))

    def _start(self, back: int) -> date:
        """The first day of the day, week or month so many before the last."""
        if self.length.step == pb2.FIGURE_STEP_MONTH:
            month = self.last.year * _MONTHS + self.last.month - 1 - back
            return date(month // _MONTHS, month % _MONTHS + 1, 1)
        days = _DAYS[self.length.step]
        start = self.last - timedelta(days=self.last.weekday() if days > 1 else 0)
        return start - timedelta(days=days * back)

    def label(self, start: date) -> str:
        """What a day, week or month is called under a chart: `2 Nov`, `Nov 2026`."""
        day, month, year = date_words(start.year, start.month, start.day).split()
        by_month = self.length.step == pb2.FIGURE_STEP_MONTH
        return f"{month[:_SHORT]} {year}" if by_month else f"{day} {month[:_SHORT]}"

    def words(self, start: date) -> str:
        """What it is called in a table."""
        if self.length.step == pb2.FIGURE_STEP_MONTH:
            return date_words(start.year, start.month, 0)
        written = date_words(start.year, start.month, start.day)
        return f"Week of {written}" if self.length.step == pb2.FIGURE_STEP_WEEK else written


def read_period(args: Mapping[str, str], today: date) -> Period:
    """The period that an address names: the usual one up to today, where it names none that there is.

    Args:
        args: `length`, a key of LENGTHS; `to`, a day as YYYY-MM-DD.
        today: in London.
    """
    length = _BY_KEY.get(args.get("length", ""), _USUAL)
    return Period(length, min(_read_day(args.get("to", "")) or today, today))


def _read_day(written: str) -> date | None:
    try:
        found = date.fromisoformat(written)
    except ValueError:
        return None
    return found if found.year > date.min.year + 100 else None
