"""Fields of forms that let somebody choose: one of several, several of several, an organisation, a desk."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from flask import current_app
from govuk_frontend_wtf.wtforms_widgets import (
    GovCheckboxesInput,
    GovCheckboxInput,
    GovRadioInput,
    GovSelect,
    GovSubmitInput,
)
from publicprotection.common.v1.date_pb2 import Date
from publicprotection.common.v1.organisation_pb2 import DeskReference
from wtforms import BooleanField, SubmitField
from wtforms.validators import InputRequired, Optional

from services.console.directory import Directory
from services.console.errors import InvalidError
from services.console.select_fields import RadioField, SelectField, SelectMultipleField
from services.console.words import DIRECTORY

_FIRST: Final = ("", "Choose one")
_BETWEEN: Final = "/"  # in no id


def one_of(label: str, options: Mapping[int, str], missing: str = "", hint: str = "") -> RadioField:
    """One value of an enumeration; needed if `missing` says what to do where none is chosen."""
    needed = [InputRequired(missing)] if missing else [Optional()]
    choices = [(str(number), words) for number, words in options.items()]
    return RadioField(label, needed, choices=choices, description=hint, widget=GovRadioInput())


def pick(label: str, options: Mapping[str, str], missing: str = "", hint: str = "") -> SelectField:
    """One of many, or none yet."""
    needed = [InputRequired(missing)] if missing else [Optional()]
    choices = [_FIRST, *options.items()]
    return SelectField(label, needed, choices=choices, description=hint, widget=GovSelect())


def several(label: str, missing: str = "", hint: str = "") -> SelectMultipleField:
    """Several of several; its choices are set as the form is made."""
    needed = [InputRequired(missing)] if missing else [Optional()]
    return SelectMultipleField(label, needed, choices=[], description=hint, widget=GovCheckboxesInput())


def tick(label: str, hint: str = "") -> BooleanField:
    """Yes, or nothing said."""
    return BooleanField(label, description=hint, widget=GovCheckboxInput())


def button(label: str) -> SubmitField:
    """What sends the form."""
    return SubmitField(label, widget=GovSubmitInput())


def organisations() -> dict[str, str]:
    """Everybody in the directory: name by id."""
    known: Directory = current_app.extensions[DIRECTORY]
    names = {name: entry.name or name for name, entry in known.entries().items()}
    return dict(sorted(names.items(), key=lambda each: each[1]))


def desks() -> dict[str, str]:
    """Every desk in the directory that this organisation knows of: name by `organisation/desk`."""
    known: Directory = current_app.extensions[DIRECTORY]
    names = {
        f"{name}{_BETWEEN}{desk.desk}": f"{entry.name or name}, {desk.name or desk.desk}"
        for name, entry in known.entries().items()
        for desk in entry.desks
    }
    return dict(sorted(names.items(), key=lambda each: each[1]))


def desk_of(chosen: str | None) -> DeskReference | None:
    """The desk that was chosen of `desks`; None if none was."""
    organisation, _, desk = (chosen or "").partition(_BETWEEN)
    return DeskReference(organisation=organisation, desk=desk) if organisation else None


def offer(field: Any, options: Mapping[str, str], *, first: bool = True) -> None:
    """Gives a field its choices."""
    field.choices = [*([_FIRST] if first else []), *options.items()]


def day_of(day: date | None) -> Date | None:
    """A day in the contract's form."""
    return None if day is None else Date(year=day.year, month=day.month, day=day.day)


def number_of(field: Any) -> int:
    """The value of an enumeration that was chosen; 0 if none was."""
    return int(field.data or 0)


def put_enum(message: Any, name: str, field: Any) -> None:
    """Puts the value of an enumeration that was chosen where it belongs."""
    setattr(message, name, number_of(field))


def put_errors(form: Any, error: InvalidError) -> None:
    """Puts what a service found wrong where it stands: at the field of the same name, else above all."""
    for each in error.fields:
        where = _field(form, each.field)
        if where is None:
            form.form_errors = [*form.form_errors, each.advice]
        else:
            where.errors = [*where.errors, each.advice]
    if not error.fields:
        form.form_errors = [*form.form_errors, error.advice]


def _field(form: Any, path: str) -> Any:
    """The field that a path in the request names, by the name of any of its parts; the last counts most."""
    names: Iterable[str] = reversed(path.replace("[", ".").split("."))
    return next((form[name] for name in names if name in form), None)
