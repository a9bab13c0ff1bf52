from datetime import UTC, datetime

import pytest

from gateway.app.working_days import escalation_time


@pytest.mark.parametrize(
    ("opened", "days", "expected"),
    [
        (datetime(2026, 11, 23, 9, tzinfo=UTC), 0, datetime(2026, 11, 23, 17, tzinfo=UTC)),
        (datetime(2026, 11, 23, 18, tzinfo=UTC), 0, datetime(2026, 11, 24, tzinfo=UTC)),  # after hours
        (datetime(2026, 11, 28, 9, tzinfo=UTC), 0, datetime(2026, 11, 29, tzinfo=UTC)),  # on a Saturday
        (datetime(2026, 11, 23, 9, tzinfo=UTC), 2, datetime(2026, 11, 25, 17, tzinfo=UTC)),
        (datetime(2026, 11, 27, 9, tzinfo=UTC), 1, datetime(2026, 11, 30, 17, tzinfo=UTC)),  # over a weekend
        (datetime(2026, 12, 24, 9, tzinfo=UTC), 1, datetime(2026, 12, 29, 17, tzinfo=UTC)),  # over Christmas
        (datetime(2026, 7, 1, 9, tzinfo=UTC), 0, datetime(2026, 7, 1, 16, tzinfo=UTC)),  # summer time
    ],
)
def test_escalation_is_at_the_end_of_the_working_day(opened: datetime, days: int, expected: datetime) -> None:
    assert escalation_time(opened, days) == expected
