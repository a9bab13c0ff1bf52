"""Forms by which a person is looked for: what is typed goes in a POST and stays in the session."""

import re
from datetime import date
from typing import Any, Final

from govuk_frontend_wtf.wtforms_widgets import GovSelect, GovSubmitInput, GovTextInput
from publicprotection.common.v1.date_pb2 import Date
from publicprotection.common.v1.person_pb2 import Identifier, IdentifierSystem, PersonName
from publicprotection.oversight.v1.subject_service_pb2 import FindSubjectsRequest
from wtforms import IntegerField, StringField, SubmitField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from services.console.asking import PurposeForm
from services.console.form_fields import Words
from services.console.select_fields import SelectField
from services.console.words import enum_words

_LONGEST: Final = 100
_SYSTEMS: Final = [
    (str(number), enum_words(number, IdentifierSystem)) for number in IdentifierSystem.values() if number
]
_FORMS_OF: Final = (
    (re.compile(r"\d{2,4}\s*/\s*\d{1,7}\s*[A-Za-z]"), IdentifierSystem.IDENTIFIER_SYSTEM_PNC_ID),
    (re.compile(r"[A-Za-z]\d{6}"), IdentifierSystem.IDENTIFIER_SYSTEM_CRN),
    (re.compile(r"[A-Za-z]\d{4}[A-Za-z]{2}"), IdentifierSystem.IDENTIFIER_SYSTEM_PRISON_NUMBER),
    (re.compile(r"\d{3}\s*\d{3}\s*\d{4}"), IdentifierSystem.IDENTIFIER_SYSTEM_NHS_NUMBER),
    (re.compile(r"[A-Za-z]{2}(\s*\d{2}){3}\s*[A-Da-d]"), IdentifierSystem.IDENTIFIER_SYSTEM_NINO),
)


def system_of(number: str) -> "IdentifierSystem.ValueType":
    """The national system that gives numbers of this form; unspecified if none does."""
    found = (system for form, system in _FORMS_OF if form.fullmatch(number.strip()))
    return next(found, IdentifierSystem.IDENTIFIER_SYSTEM_UNSPECIFIED)


class _Number(IntegerField):
    """A number that says in plain words what it takes."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """The number; ValueError if it is none."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(f"{self.label.text}: use digits only") from None


class FindForm(PurposeForm):
    """What is common to both: a purpose and a reason, and the question that they make."""

    send = SubmitField("Find", widget=GovSubmitInput())

    def request(self) -> FindSubjectsRequest:
        """The question; after the form was found valid."""
        return FindSubjectsRequest(purpose=self.purpose_chosen(), acting=self.acting(), **self.wanted())

    def wanted(self) -> dict[str, Any]:
        """Whom it asks for: fields of the question."""
        raise NotImplementedError


class FindByIdentifierForm(FindForm):
    """By a number that a system gave the person."""

    system = SelectField(
        "Which number do you have?",
        widget=GovSelect(),
        choices=[("", "Choose a kind of number"), *_SYSTEMS],
        validators=[InputRequired("Choose the kind of number")],
    )
    number = StringField(
        "Number",
        widget=GovTextInput(),
        description="For example PNC 2009/0190441M. Spaces and capitals do not matter.",
        validators=[
            Words("Enter the number"),
            Length(max=_LONGEST, message="Enter a shorter number"),
        ],
    )

    def wanted(self) -> dict[str, Any]:
        """The identifier."""
        system = IdentifierSystem.ValueType(int(self.system.data))
        return {"identifiers": [Identifier(system=system, value=self.number.data or "")]}


class FindByNameForm(FindForm):
    """By name and birth: a full date finds the same name, a year what sounds alike."""

    given = StringField(
        "First given name",
        widget=GovTextInput(),
        validators=[Words("Enter a given name"), Length(max=_LONGEST)],
    )
    family = StringField(
        "Family name",
        widget=GovTextInput(),
        validators=[Words("Enter a family name"), Length(max=_LONGEST)],
    )
    day = _Number(
        "Day of birth",
        widget=GovTextInput(),
        validators=[Optional(), NumberRange(1, 31, "Enter a day from 1 to 31, or leave it empty")],
    )
    month = _Number(
        "Month of birth",
        widget=GovTextInput(),
        validators=[Optional(), NumberRange(1, 12, "Enter a month from 1 to 12, or leave it empty")],
    )
    year = _Number(
        "Year of birth",
        widget=GovTextInput(),
        validators=[
            InputRequired("Enter the year of birth"),
            NumberRange(1880, 2100, "Enter a year with four digits, such as 1987"),
        ],
    )

    def validate_day(self, field: IntegerField) -> None:
        """A day needs its month, and the month that day."""
        if field.data and not self.month.data:
            raise ValidationError("Enter the month as well, or leave the day empty")
        try:
            date(self.year.data or 2000, self.month.data or 1, field.data or 1)
        except ValueError:
            raise ValidationError("That month has no such day") from None

    def wanted(self) -> dict[str, Any]:
        """Name and date of birth."""
        born = Date(year=self.year.data, month=self.month.data or None, day=self.day.data or None)
        name = PersonName(family=self.family.data or "", given=self.given.data or "")
        return {"name": name, "date_of_birth": born}
