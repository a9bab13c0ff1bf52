"""The bank holidays of England and Wales, from the list that comes with `govuk-bank-holidays`."""

from functools import cache

from govuk_bank_holidays.bank_holidays import BankHolidays

from services.kit.calendar import Calendar


@cache
def england_and_wales() -> Calendar:
    """The calendar by which time limits run. Read from the installed package; nothing is downloaded."""
    listed = BankHolidays(use_cached_holidays=True).get_holidays(division=BankHolidays.ENGLAND_AND_WALES)
    return Calendar(frozenset(each["date"] for each in listed))
