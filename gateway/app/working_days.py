"""When a hold is escalated, or ends unanswered: so many working days after it was opened."""

from datetime import datetime

from services.kit.bank_holidays import england_and_wales
from services.kit.calendar import LONDON, Unit

__all__ = ["LONDON", "escalation_time"]


def escalation_time(opened_at: datetime, working_days: int) -> datetime:
    """Close of business, London time, so many working days after a moment; 0 is the same day.

    Working days are those of England and Wales. What is opened after close of business, or on a day without
    any, has until the end of that day.
    """
    return england_and_wales().after(opened_at, working_days, Unit.WORKING_DAYS)
