"""Fields of the forms of subject access: GOV.UK's, with what every one of them needs."""

from collections.abc import Iterable, Mapping

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovCheckboxesInput, GovRadioInput, GovSelect
from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Optional

from services.console.form_fields import DayField, text_area, text_line
from services.console.select_fields import RadioField, SelectField, SelectMultipleField


class Sheet(FlaskForm):  # type: ignore[misc]  # published without types
    """A form of these pages, with the token against forgery."""


def text(label: str, missing: str = "", hint: str = "", most: int = 200) -> StringField:
    """One line; needed if `missing` says what to do where it is not there."""
    return text_line(label, missing, hint, most)


def area(label: str, missing: str = "", hint: str = "", most: int = 2000) -> TextAreaField:
    """Several lines."""
    return text_area(label, missing, hint, most)


def day(label: str, missing: str = "", hint: str = "For example, 27 3 2026") -> DayField:
    """A day. Whether it has come yet the service says, by its own clock."""
    return DayField(label, missing, hint)


def radios(label: str, options: Mapping[str, str], missing: str = "", hint: str = "") -> RadioField:
    """One of several."""
    needed = [InputRequired(missing)] if missing else [Optional()]
    return RadioField(label, needed, choices=list(options.items()), description=hint, widget=GovRadioInput())


def choices(label: str, options: Iterable[tuple[str, str]], missing: str = "") -> SelectMultipleField:
    """Several of several."""
    needed = [InputRequired(missing)] if missing else [Optional()]
    return SelectMultipleField(label, needed, choices=list(options), widget=GovCheckboxesInput())


def select(label: str, options: Iterable[tuple[str, str]] = (), hint: str = "") -> SelectField:
    """One of many, or none yet."""
    first = ("", "Choose one")
    return SelectField(label, [Optional()], choices=[first, *options], description=hint, widget=GovSelect())
