"""Fields of forms that say in plain words what is wrong with them."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

from govuk_frontend_wtf.wtforms_widgets import GovDateInput, GovTextArea, GovTextInput
from wtforms import DateField, HiddenField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, Regexp, StopValidation, ValidationError

from services.kit.identifiers import new_id
from services.kit.rpc.characters import says_something

LONGEST_TEXT: Final = 2000
LONGEST_REFERENCE: Final = 200
_PARTS: Final = 3


class DayField(DateField):
    """A day, as three numbers.

    Args:
        label: above it.
        missing: what to say if it is left out; empty: it may be.
        hint: how to state it.
    """

    def __init__(
        self, label: str, missing: str = "", hint: str = "", more_checks: Sequence[Any] = (), **more: Any
    ) -> None:
        checks = [InputRequired(missing) if missing else Optional(), *more_checks]
        super().__init__(label, checks, format="%d %m %Y", widget=GovDateInput(), description=hint, **more)

    def process_formdata(self, valuelist: list[Any]) -> None:
        """A day that exists, or none."""
        if len(valuelist) != _PARTS:  # of no form that was shown: its boxes would be missing
            valuelist, self.raw_data = [], None
        if not any(each.strip() for each in valuelist):
            self.data: date | None = None
            return
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError("Enter a real day, such as 27 3 2026") from None


def text_line(label: str, missing: str = "", hint: str = "", longest: int = LONGEST_REFERENCE) -> StringField:
    """A line of text. `missing`: what to say if it is left out; empty: it may be."""
    return StringField(label, _checks(missing, longest), description=hint, widget=GovTextInput())


def text_area(label: str, missing: str = "", hint: str = "", longest: int = LONGEST_TEXT) -> TextAreaField:
    """Several lines of text."""
    return TextAreaField(label, _checks(missing, longest), description=hint, widget=GovTextArea())


def request_field() -> HiddenField:
    """Chosen once for each form shown: however often it is sent, it is done once."""
    return HiddenField(default=new_id, validators=[InputRequired(), Regexp(r"^[A-Za-z0-9._:-]{8,64}$")])


def day_after(day: date) -> date:
    """The day after; itself, if it is the last that there is."""
    return min(day, date.max - timedelta(days=1)) + timedelta(days=1)


class Words:
    """Refuses a text that is left out, or that has no word in it: a space or a dash is no reason.

    Args:
        message: what to say then.
    """

    field_flags: Final = {"required": True}

    def __init__(self, message: str) -> None:
        self._message: Final = message

    def __call__(self, _form: Any, field: Any) -> None:
        """Stops there."""
        text = field.data or ""
        if not says_something(text) or "\0" in text:  # nothing keeps a NUL, and nobody types one
            field.errors = []
            raise StopValidation(self._message)


def said(field: Any) -> str:
    """What stands in a field of text, without what stands around it."""
    return (field.data or "").strip()


def not_in_future(_form: Any, field: DateField) -> None:
    """Refuses a day that has not come."""
    if field.data is not None and field.data > date.today():  # noqa: DTZ011  # a day, where the person is
        raise ValidationError("The day must be today or in the past")


def _checks(missing: str, longest: int) -> list[Any]:
    said = Length(max=longest, message=f"Use {longest} characters or fewer")
    return [
        Words(missing) if missing else Optional(strip_whitespace=True),
        said,
    ]
