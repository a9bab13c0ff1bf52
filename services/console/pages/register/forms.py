"""Forms of the register. Conditions go by POST: nothing typed is in an address before it was looked at."""

from collections.abc import Callable
from datetime import date
from typing import Any, Final

from flask import current_app
from flask_wtf import FlaskForm
from google.protobuf.message import Message
from govuk_frontend_wtf.wtforms_widgets import (
    GovCheckboxesInput,
    GovCheckboxInput,
    GovSelect,
    GovSubmitInput,
    GovTextInput,
)
from publicprotection.common.v1.organisation_pb2 import Marking
from publicprotection.exchange.v1.header_pb2 import Purpose, Urgency
from publicprotection.oversight.v1 import register_service_pb2 as pb2
from wtforms import BooleanField, StringField, SubmitField
from wtforms.validators import Length, Optional, Regexp, ValidationError

from services.console.directory import Directory
from services.console.form_fields import DayField, Words
from services.console.pages.register.query import MADE_UP, PARTS, RESULTS, RULE, first_day, last_day, set_days
from services.console.select_fields import SelectField, SelectMultipleField
from services.console.words import DIRECTORY, document, enum_words, marking
from services.kit.exchange.documents import document_types

LONGEST_NAME: Final = 60
_ANY: Final = ("", "Any")
_DAY_HINT: Final = "For example, 27 3 2026"
_SENT: Final = "publicprotection.documents."


def _numbers(enum: Any, words: Callable[[int], str]) -> list[tuple[str, str]]:
    return [(str(number), words(number)) for number in enum.values() if number]


def _like(pattern: str, message: str) -> list[Any]:
    return [Optional(strip_whitespace=True), Regexp(f"^{pattern}$", message=message)]


def _strip(text: str | None) -> str:
    return (text or "").strip()


class FilterForm(FlaskForm):  # type: ignore[misc]  # published without types
    """What is asked of the register."""

    results = SelectMultipleField(
        "Outcome",
        choices=[(str(number), words) for number, (words, _) in RESULTS.items()],
        widget=GovCheckboxesInput(),
    )
    organisation = SelectField("Agency", widget=GovSelect())
    part = SelectField(
        "As",
        choices=[(str(number), words) for number, words in PARTS.items()],
        default="0",
        widget=GovSelect(),
    )
    document = SelectField("Document", widget=GovSelect())
    purpose = SelectField(
        "Purpose", choices=[_ANY, *_numbers(Purpose, lambda n: enum_words(n, Purpose))], widget=GovSelect()
    )
    since = DayField("Decided from", hint=_DAY_HINT)
    until = DayField("Decided until", hint=_DAY_HINT)
    rule = StringField(
        "Rule, agreement or clause",
        _like(RULE.pattern, "Enter the id of a rule, an agreement or a clause, such as MAPPA-21.28"),
        description="Its id, such as MAPPA-21.28",
        filters=[_strip],
        widget=GovTextInput(),
    )
    urgencies = SelectMultipleField(
        "Urgency", choices=_numbers(Urgency, lambda n: enum_words(n, Urgency)), widget=GovCheckboxesInput()
    )
    markings = SelectMultipleField("Marking", choices=_numbers(Marking, marking), widget=GovCheckboxesInput())
    victim = BooleanField("Says something about a victim", widget=GovCheckboxInput())
    waiting = BooleanField("Sent, and not acknowledged yet", widget=GovCheckboxInput())
    case = StringField(
        "Case id",
        _like(
            MADE_UP.pattern, "Enter the made-up id of a case: at least 16 letters and digits, never a name"
        ),
        description="The made-up id, never a name",
        filters=[_strip],
        widget=GovTextInput(),
    )
    thread = StringField(
        "Exchange id",
        _like(MADE_UP.pattern, "Enter the id of an exchange: at least 16 letters and digits, never a name"),
        description="For it and all that it answers or is answered by",
        filters=[_strip],
        widget=GovTextInput(),
    )
    apply = SubmitField("Apply filters", widget=GovSubmitInput())

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        listed: Directory = current_app.extensions[DIRECTORY]
        bodies = [(name, listed.name_of(name)) for name in listed.entries()]
        self.organisation.choices = [_ANY, *sorted(bodies, key=lambda each: each[1])]
        types = [(name, document(name)) for name, each in document_types().items() if _is_sent(each)]
        self.document.choices = [_ANY, *sorted(types, key=lambda each: each[1])]

    def validate_until(self, field: DayField) -> None:
        """Refuses a period that ends before it begins."""
        first: date | None = self.since.data
        if first is not None and field.data is not None and field.data < first:
            raise ValidationError("The last day must be the first day or after it")

    def asked(self) -> pb2.RegisterFilter:
        """The filter that was filled in; for a form that is valid."""
        found = pb2.RegisterFilter(
            subject=self.case.data or "",
            thread=self.thread.data or "",
            organisations=_one(self.organisation),
            document_types=_one(self.document),
            purposes=map(int, _one(self.purpose)),  # type: ignore[arg-type]  # numbers of enumerations
            urgencies=map(int, self.urgencies.data or ()),  # type: ignore[arg-type]  # as above
            results=map(int, self.results.data or ()),  # type: ignore[arg-type]  # as above
            markings=map(int, self.markings.data or ()),  # type: ignore[arg-type]  # as above
            rules=[each for each in [self.rule.data] if each],
            victim_information=bool(self.victim.data),
            not_acknowledged=bool(self.waiting.data),
            part=int(self.part.data or 0),  # type: ignore[arg-type]  # as above
        )
        set_days(found, self.since.data, self.until.data)
        return found


class NameForm(FlaskForm):  # type: ignore[misc]  # published without types
    """What somebody calls a filter."""

    name = StringField(
        "Name of this filter",
        [
            Words("Enter a name for this filter"),
            Length(max=LONGEST_NAME, message=f"Use {LONGEST_NAME} characters or fewer"),
        ],
        description="Only you see it. Do not use the name of a person, a number or an address.",
        widget=GovTextInput(),
    )
    save = SubmitField("Save filter", widget=GovSubmitInput())


def fill(asked: pb2.RegisterFilter) -> FilterForm:
    """The form as somebody would have filled it in to ask for this."""
    return FilterForm(
        formdata=None,
        data={
            "results": [str(each) for each in asked.results],
            "organisation": next(iter(asked.organisations), ""),
            "part": str(asked.part),
            "document": next(iter(asked.document_types), ""),
            "purpose": str(next(iter(asked.purposes), "")),
            "since": first_day(asked),
            "until": last_day(asked),
            "rule": next(iter(asked.rules), ""),
            "urgencies": [str(each) for each in asked.urgencies],
            "markings": [str(each) for each in asked.markings],
            "victim": asked.victim_information,
            "waiting": asked.not_acknowledged,
            "case": asked.subject,
            "thread": asked.thread,
        },
    )


def _is_sent(document_type: type[Message]) -> bool:
    """Whether organisations send it to each other; the others are for the gateway and in no register."""
    file: str = document_type.DESCRIPTOR.file.package
    return file.startswith(_SENT)


def _one(field: SelectField) -> list[str]:
    return [field.data] if field.data else []
