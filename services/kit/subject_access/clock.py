"""The time of a case, computed from days on record: a restart changes nothing.

Days are those of Europe/London. The period ends on the same day of a later month, or on the last day of that
month where it has no such day (DPA 2018 s.54; UK GDPR Art. 12A).
"""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from services.kit.subject_access.rules import TimeRules

LONDON: Final = ZoneInfo("Europe/London")
_MONTHS_A_YEAR: Final = 12


@dataclass(frozen=True, slots=True)
class Pause:
    """The person was asked which information is meant; until None while there is no answer."""

    since: date
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Days:
    """The days from which the time of a case is computed.

    Attributes:
        received: on which the organisation received the request.
        identity_asked: on which the person was asked who they are; None if they never were.
        identity: on which the last of what establishes it was received.
        extended: whether the time was extended.
        pauses: in order.
    """

    received: date
    identity_asked: date | None = None
    identity: date | None = None
    extended: bool = False
    pauses: Sequence[Pause] = ()


@dataclass(frozen=True, slots=True)
class CaseClock:
    """How the time of a case stands.

    Attributes:
        runs_from: None while it does not run: the person was asked who they are.
        due: last day for the answer; None while nobody can know.
        first_month_ends: last day on which an extension may be told.
    """

    runs_from: date | None
    due: date | None
    first_month_ends: date | None
    reminders: tuple[date, ...]
    stands_still: bool

    def overdue(self, today: date) -> bool:
        """Whether the time is over."""
        return self.due is not None and not self.stands_still and today > self.due


def read_clock(days: Days, rules: TimeRules) -> CaseClock:
    """How the time stands.

    It runs from receipt, or, where the person was asked who they are, from the day on which the answer was
    received (s.54(3)(b)). Days between a question and its answer do not count (s.54(3C)).
    """
    runs_from = _runs_from(days)
    still = any(pause.until is None for pause in days.pauses)
    if runs_from is None:
        return CaseClock(None, None, None, (), stands_still=True)
    lost = timedelta(days=sum((each.until - each.since).days for each in days.pauses if each.until))
    months = rules.months + (rules.extension_months if days.extended else 0)
    due = add_months(runs_from, months) + lost
    reminders = tuple(runs_from + timedelta(days=each) + lost for each in rules.reminders_after_days)
    first = add_months(runs_from, rules.months) + lost
    return CaseClock(runs_from, None if still else due, first, reminders, stands_still=still)


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or its last."""
    number = day.month - 1 + months
    year, month = day.year + number // _MONTHS_A_YEAR, number % _MONTHS_A_YEAR + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def day_of(moment: datetime) -> date:
    """The day of a moment in London."""
    return moment.astimezone(LONDON).date()


def _runs_from(days: Days) -> date | None:
    if days.identity_asked is None:
        return days.received
    return None if days.identity is None else max(days.received, days.identity)
