"""The time of a case: just before, at and just after; months of every length; the change of the clocks."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.kit.subject_access.clock import Days, Pause, add_months, day_of, read_clock
from tests.unit.subject_access.cases import RULES

RECEIVED = date(2026, 11, 2)


@pytest.mark.parametrize(
    ("day", "months", "after"),
    [
        (date(2026, 11, 2), 1, date(2026, 12, 2)),
        (date(2026, 12, 31), 1, date(2027, 1, 31)),
        (date(2027, 1, 31), 1, date(2027, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
    ],
)
def test_the_same_day_of_a_later_month_or_its_last(day: date, months: int, after: date) -> None:
    assert add_months(day, months) == after


def test_the_last_day_is_in_time_and_the_next_is_not() -> None:
    clock = read_clock(Days(RECEIVED), RULES.time)
    assert clock.due == date(2026, 12, 2)
    assert not clock.overdue(date(2026, 12, 2))
    assert clock.overdue(date(2026, 12, 3))


def test_an_end_on_a_bank_holiday_is_not_put_off() -> None:
    """The stricter reading: nothing in section 54 adds days."""
    assert read_clock(Days(date(2026, 11, 25)), RULES.time).due == date(2026, 12, 25)


def test_the_day_is_that_of_london() -> None:
    assert day_of(datetime(2026, 6, 1, 23, 30, tzinfo=UTC)) == date(2026, 6, 2)  # summer time
    assert day_of(datetime(2026, 12, 1, 23, 30, tzinfo=UTC)) == date(2026, 12, 1)


def test_it_runs_across_the_change_to_summer_time() -> None:
    assert read_clock(Days(date(2027, 3, 27)), RULES.time).due == date(2027, 4, 27)


def test_who_was_asked_who_they_are_starts_the_time_with_the_answer() -> None:
    asked = Days(RECEIVED, identity_asked=date(2026, 11, 3))
    assert read_clock(asked, RULES.time).due is None
    assert read_clock(asked, RULES.time).stands_still
    known = Days(RECEIVED, identity_asked=date(2026, 11, 3), identity=date(2026, 11, 10))
    assert read_clock(known, RULES.time).due == date(2026, 12, 10)


def test_evidence_that_nobody_had_to_ask_for_delays_nothing() -> None:
    assert read_clock(Days(RECEIVED, identity=date(2026, 11, 20)), RULES.time).due == date(2026, 12, 2)


def test_an_extension_adds_two_months() -> None:
    assert read_clock(Days(RECEIVED, extended=True), RULES.time).due == date(2027, 2, 2)


def test_days_between_question_and_answer_do_not_count() -> None:
    asked, answered = date(2026, 11, 5), date(2026, 11, 12)
    paused = read_clock(Days(RECEIVED, pauses=[Pause(asked)]), RULES.time)
    assert paused.stands_still
    assert not paused.overdue(date(2027, 6, 1))
    assert read_clock(Days(RECEIVED, pauses=[Pause(asked, answered)]), RULES.time).due == date(2026, 12, 9)


def test_reminders_are_counted_from_the_day_it_runs() -> None:
    """mappa:C-05: at 15 and 25 days."""
    reminders = read_clock(Days(RECEIVED), RULES.time).reminders
    assert reminders == (RECEIVED + timedelta(days=15), RECEIVED + timedelta(days=25))
