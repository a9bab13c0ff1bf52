"""Working days, months and hours on the calendar of England and Wales."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.kit.bank_holidays import england_and_wales
from services.kit.calendar import LONDON, Calendar, Unit, add_months

CALENDAR = england_and_wales()


def london(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


@pytest.mark.parametrize(
    ("start", "amount", "unit", "end"),
    [
        ("2026-11-23T09:00", 0, Unit.WORKING_DAYS, "2026-11-23T17:00"),
        ("2026-11-23T09:00", 1, Unit.WORKING_DAYS, "2026-11-24T17:00"),
        ("2026-11-27T16:59", 1, Unit.WORKING_DAYS, "2026-11-30T17:00"),  # Friday to Monday
        ("2026-11-28T10:00", 1, Unit.WORKING_DAYS, "2026-11-30T17:00"),  # from a Saturday
        ("2026-11-28T10:00", 0, Unit.WORKING_DAYS, "2026-11-29T00:00"),  # a Saturday ends at midnight
        ("2026-11-23T18:30", 0, Unit.WORKING_DAYS, "2026-11-24T00:00"),  # after close of business
        ("2026-12-24T12:00", 1, Unit.WORKING_DAYS, "2026-12-29T17:00"),  # Christmas, Boxing Day in lieu
        ("2026-12-31T12:00", 2, Unit.WORKING_DAYS, "2027-01-05T17:00"),  # New Year's Day
        ("2027-03-25T12:00", 1, Unit.WORKING_DAYS, "2027-03-30T17:00"),  # Good Friday to Easter Monday
        ("2026-05-01T12:00", 1, Unit.WORKING_DAYS, "2026-05-05T17:00"),  # early May
        ("2026-03-27T12:00", 1, Unit.WORKING_DAYS, "2026-03-30T17:00"),  # into summer time
        ("2026-10-23T12:00", 1, Unit.WORKING_DAYS, "2026-10-26T17:00"),  # out of summer time
        ("2026-03-28T12:00", 1, Unit.DAYS, "2026-03-30T00:00"),
        ("2026-03-15T12:00", 14, Unit.DAYS, "2026-03-30T00:00"),
        ("2026-08-31T12:00", 6, Unit.MONTHS, "2027-03-01T00:00"),  # February has no 31st
        ("2026-10-24T23:30", 1, Unit.DAYS, "2026-10-26T00:00"),
    ],
)
def test_a_limit_ends(start: str, amount: int, unit: Unit, end: str) -> None:
    assert CALENDAR.after(london(start), amount, unit) == london(end)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 29, 12, tzinfo=UTC)),
        (datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 25, 12, tzinfo=UTC)),
    ],
)
def test_hours_are_elapsed_hours_across_a_change_of_the_clocks(start: datetime, end: datetime) -> None:
    assert CALENDAR.after(start, 24, Unit.HOURS) == end


@pytest.mark.parametrize(
    ("day", "amount", "unit", "latest"),
    [
        (date(2026, 11, 26), 2, Unit.WORKING_DAYS, "2026-11-24T17:00"),
        (date(2026, 12, 1), 2, Unit.WORKING_DAYS, "2026-11-27T17:00"),  # over a weekend
        (date(2026, 12, 29), 2, Unit.WORKING_DAYS, "2026-12-23T17:00"),  # over Christmas
        (date(2026, 11, 26), 14, Unit.DAYS, "2026-11-13T00:00"),
        (date(2027, 8, 31), 6, Unit.MONTHS, "2027-03-01T00:00"),
        (date(2027, 7, 23), 8, Unit.MONTHS, "2026-11-24T00:00"),
        (date(2026, 11, 26), 24, Unit.HOURS, "2026-11-25T00:00"),
    ],
)
def test_so_long_before_a_day(day: date, amount: int, unit: Unit, latest: str) -> None:
    assert CALENDAR.before_day(day, amount, unit) == london(latest)


def test_the_last_working_day_of_a_week() -> None:
    assert CALENDAR.ends_week(date(2026, 11, 27))
    assert not CALENDAR.ends_week(date(2026, 11, 26))
    assert CALENDAR.ends_week(date(2027, 3, 25))  # Maundy Thursday
    assert not CALENDAR.ends_week(date(2027, 3, 26))
    assert not CALENDAR.ends_week(date(2026, 11, 28))


def test_beyond_what_is_known_a_limit_ends_sooner_and_never_later() -> None:
    known = Calendar(frozenset({date(2026, 12, 25)}))
    assert known.known_until == date(2026, 12, 25)
    start = london("2026-12-24T12:00")
    later = Calendar(known.holidays | {date(2026, 12, 28)})
    assert known.after(start, 1, Unit.WORKING_DAYS) < later.after(start, 1, Unit.WORKING_DAYS)


def test_the_list_of_bank_holidays_reaches_beyond_a_year() -> None:
    assert CALENDAR.known_until > date(2026, 11, 23) + timedelta(days=365)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 1, 15), -1, date(2025, 12, 15)),
        (date(2026, 11, 30), 1, date(2026, 12, 30)),
        (date(2026, 3, 31), -13, date(2025, 2, 28)),
    ],
)
def test_months(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected
