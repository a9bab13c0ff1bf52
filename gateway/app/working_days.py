"""When a hold is escalated: so many working days after it was opened."""

from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

LONDON: Final = ZoneInfo("Europe/London")
_SATURDAY: Final = 5


def escalation_time(opened_at: datetime, working_days: int) -> datetime:
    """The end, London time, of the day that lies so many working days after a moment; 0 is the same day.

    Bank holidays count as working days here, so a hold may be escalated early and is never escalated late.
    """
    day = opened_at.astimezone(LONDON).date()
    left = working_days
    while left > 0:
        day += timedelta(days=1)
        left -= day.weekday() < _SATURDAY
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=LONDON)
