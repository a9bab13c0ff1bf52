"""Forms about time limits: something was done elsewhere; a desk was told by telephone."""

import re
from datetime import UTC, date, datetime, time
from typing import Any, Final

from flask_wtf import FlaskForm
from wtforms.validators import ValidationError

from services.console.form_fields import DayField, not_in_future, request_field, said, text_area, text_line
from services.console.words import LONDON

_CLOCK: Final = re.compile(r"^([01]?\d|2[0-3])[:.]([0-5]\d)$")


class CompletionForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """What was done, and where it is on record."""

    reason = text_area(
        "What was done", "Say what was done", "When, and by whom. It is kept with your name.", longest=2000
    )
    evidence = text_line(
        "Where it is on record (optional)", hint="Such as the reference of an entry in your own system"
    )
    request_id = request_field()


class TelephoneForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """Who was told what, and when."""

    day = DayField("Day of the call", "Give the day of the call", "For example, 27 3 2026", [not_in_future])
    time = text_line(
        "Time of the call", "Give the time of the call", "24 hours, for example 14:05", longest=20
    )
    person_told = text_line(
        "Who was told", "Say who was told", "Name and role of the person at the desk", longest=200
    )
    told = text_area(
        "What was told", "Say what was told", "As it was said. It becomes part of the disclosure log."
    )
    request_id = request_field()

    def validate_time(self, field: Any) -> None:
        """A time of day, and with its day one that has passed."""
        if not _CLOCK.match(said(field)):
            raise ValidationError("Enter a time, such as 14:05")
        if self.day.data is not None and self.told_at > datetime.now(UTC):
            raise ValidationError("The time of the call must have passed")

    @property
    def told_at(self) -> datetime:
        """When it was, of a form that is valid."""
        hour, minute = re.split("[:.]", said(self.time))
        return datetime.combine(self.day.data or date.min, time(int(hour), int(minute)), LONDON)
