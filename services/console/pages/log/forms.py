"""Forms by which the disclosure log is searched: identifiers go in a POST, all else are codes and dates."""

import re
from datetime import date, datetime, time
from typing import Any, Final

from flask import current_app
from flask_wtf import FlaskForm
from google.protobuf.timestamp_pb2 import Timestamp
from govuk_frontend_wtf.wtforms_widgets import (
    GovCharacterCount,
    GovRadioInput,
    GovSelect,
    GovSubmitInput,
    GovTextInput,
)
from publicprotection.common.v1.person_pb2 import Identifier, IdentifierSystem
from publicprotection.oversight.v1.disclosure_log_service_pb2 import LogPurpose, SubjectReference
from wtforms import Field, Form, StringField, SubmitField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from services.console.directory import Directory
from services.console.form_fields import Words, day_after
from services.console.pages.log.records import vocabulary
from services.console.pages.log.work import PURPOSES, Work
from services.console.select_fields import RadioField, SelectField
from services.console.words import DIRECTORY, LONDON, enum_words

MOST_CHARACTERS: Final = 500
EARLIEST: Final = 1900
"""The first year that is taken for no slip of the keyboard."""

_DAY: Final = re.compile(r"(\d{1,2})[/. -](\d{1,2})[/. -](\d{4})")
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LOCAL: Final = IdentifierSystem.IDENTIFIER_SYSTEM_LOCAL
SYSTEMS: Final = [
    (str(number), enum_words(number, IdentifierSystem))
    for number in IdentifierSystem.values()
    if number and number != _LOCAL
]
DATE_HINT: Final = "For example, 17/5/2026"


class WorkForm(FlaskForm):  # type: ignore[misc]  # published without types
    """What the log is read for."""

    purpose = RadioField(
        "What do you need the disclosure log for?",
        widget=GovRadioInput(),
        choices=[(str(number), said[0]) for number, said in PURPOSES.items()],
        validators=[InputRequired("Select what you need the log for")],
    )
    reason = TextAreaField(
        "Why, for this piece of work?",
        widget=GovCharacterCount(),
        description="For example, the reference of a complaint. It is recorded with your name and each "
        "thing that you look at, and kept as long as the log. Name nobody in it if a reference will do.",
        validators=[
            Words("Enter why you need the log"),
            Length(max=MOST_CHARACTERS, message=f"Use {MOST_CHARACTERS} characters or fewer"),
        ],
    )
    send = SubmitField("Continue", widget=GovSubmitInput())

    def work(self) -> Work:
        """The piece of work; after the form was found valid."""
        return Work(LogPurpose.ValueType(int(self.purpose.data)), (self.reason.data or "").strip())


def check_day(_form: Form, field: Field) -> None:
    """ValidationError unless it is a date such as 17/5/2026."""
    if read_day(field.data or "") is None:
        raise ValidationError("Enter a date, such as 17/5/2026")


def check_id(_form: Form, field: Field) -> None:
    """ValidationError unless it could be an id that the gateway made up."""
    if not _ID.fullmatch((field.data or "").strip()):
        raise ValidationError("Enter an id of letters, digits and hyphens, as pages and outcomes show it")


def read_day(written: str) -> date | None:
    """A date as people write it; None if it is none, or of a year in which there was nothing to record."""
    found = _DAY.fullmatch(written.strip())
    if found is None or int(found[3]) < EARLIEST:
        return None
    try:
        return date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        return None


def begin_of(day: date) -> Timestamp:
    """The moment at which a day begins in London."""
    stamp = Timestamp()
    stamp.FromDatetime(datetime.combine(day, time(), LONDON))
    return stamp


def period_of(since: str, until: str) -> dict[str, Timestamp]:
    """Members `since` and `until` of a request, of the days that were given; the last day is part of it."""
    first, last = read_day(since), read_day(until)
    found = {} if first is None else {"since": begin_of(first)}
    return found if last is None else {**found, "until": begin_of(day_after(last))}


class FilterForm(FlaskForm):  # type: ignore[misc]  # published without types
    """Which records are listed. In addresses: codes, made-up ids and dates alone."""

    class Meta:
        """It changes nothing."""

        csrf = False

    exchange = StringField("Exchange", widget=GovTextInput(), validators=[Optional(), check_id])
    organisation = SelectField("Organisation", widget=GovSelect(), validators=[Optional()])
    kind = SelectField("Kind of record", widget=GovSelect(), validators=[Optional()])
    since = StringField(
        "From", widget=GovTextInput(), description=DATE_HINT, validators=[Optional(), check_day]
    )
    until = StringField("To", widget=GovTextInput(), validators=[Optional(), check_day])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organisation.choices = [("", "Any"), *list_organisations()]
        kinds = sorted((said[0], kind) for kind, said in vocabulary().types.items())
        self.kind.choices = [("", "Any"), *((kind, title) for title, kind in kinds)]

    def conditions(self) -> dict[str, Any]:
        """Members of a request; after the form was found valid."""
        return {
            "exchange_id": (self.exchange.data or "").strip(),
            "organisation": self.organisation.data or "",
            "types": [self.kind.data] if self.kind.data else [],
            **period_of(self.since.data or "", self.until.data or ""),
        }


def list_organisations() -> list[tuple[str, str]]:
    """Ids and names, by name."""
    known: Directory = current_app.extensions[DIRECTORY]
    return sorted(
        ((each, entry.name or each) for each, entry in known.entries().items()), key=lambda row: row[1]
    )


class IdentifierForm(FlaskForm):  # type: ignore[misc]  # published without types
    """Whom records are to be about."""

    system = SelectField(
        "Kind of identifier",
        widget=GovSelect(),
        choices=[("", "Select one"), *SYSTEMS],
        validators=[InputRequired("Select the kind of identifier")],
    )
    value = StringField(
        "Identifier",
        widget=GovTextInput(),
        description="Capitals and spaces make no difference.",
        validators=[
            Words("Enter the identifier"),
            Length(max=100, message="Enter a shorter identifier"),
        ],
    )
    find = SubmitField("Find records about this person", widget=GovSubmitInput())

    def reference(self) -> SubjectReference:
        """The person, as calls take it; after the form was found valid."""
        system = IdentifierSystem.ValueType(int(self.system.data))
        return SubjectReference(
            identifiers=[Identifier(system=system, value=(self.value.data or "").strip())]
        )
