"""Forms of breach cases: what happened, where to look, what was done."""

import re
from datetime import date, datetime, time
from typing import Any, Final

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
from publicprotection.oversight.v1.breach_service_pb2 import BreachKind, BreachStepChoice
from publicprotection.oversight.v1.disclosure_log_service_pb2 import Period, SubjectReference
from wtforms import Field, HiddenField, StringField, SubmitField, TextAreaField
from wtforms.validators import AnyOf, InputRequired, Length, Optional, ValidationError

from services.console.evidence import evidence
from services.console.form_fields import Words
from services.console.pages.log.forms import (
    DATE_HINT,
    SYSTEMS,
    check_day,
    check_id,
    list_organisations,
    period_of,
    read_day,
)
from services.console.pages.proof.forms import Needed
from services.console.select_fields import RadioField, SelectField
from services.console.words import LONDON

LONGEST: Final = 4000
SCOPES: Final = (("exchange", "One exchange"), ("person", "All about one person"), ("period", "A period"))
LONGEST_REASON: Final = 2000
_TIME: Final = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm)?", re.IGNORECASE)
_HALF: Final = 12
_HOURS: Final = 24
_MINUTES: Final = 60
KINDS: Final = {
    BreachKind.BREACH_KIND_DISCLOSURE: (
        "Somebody learned what they must not know",
        "Sent to the wrong place, read without need, stolen.",
    ),
    BreachKind.BREACH_KIND_ALTERATION: ("Data was altered without authority", ""),
    BreachKind.BREACH_KIND_LOSS: ("Data was lost, destroyed or out of reach", ""),
}
"""DPA 2018 section 33(3), in words, with examples."""


def read_clock(written: str) -> time | None:
    """A time of day as people write it: `3:17pm`, `15.17`, `9am`; None if it is none."""
    found = _TIME.fullmatch(written.strip())
    if found is None:
        return None
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "").lower()
    if half and not 1 <= hour <= _HALF:
        return None
    hour = hour % _HALF + (_HALF if half == "pm" else 0) if half else hour
    return time(hour, minute) if hour < _HOURS and minute < _MINUTES else None


class MomentForm(FlaskForm):  # type: ignore[misc]  # published without types
    """A moment that has passed, as a day and a time of day in London."""

    day = StringField(
        "Day",
        widget=GovTextInput(),
        description=DATE_HINT,
        validators=[InputRequired("Enter the day"), check_day],
    )
    clock = StringField(
        "Time",
        widget=GovTextInput(),
        description="For example, 3:15pm or 15:15",
        validators=[InputRequired("Enter the time")],
    )

    def validate_clock(self, field: Field) -> None:
        """ValidationError unless it is a time of day, and the moment has passed."""
        if read_clock(field.data or "") is None:
            raise ValidationError("Enter a time, such as 3:15pm")
        if (at := self._at()) is not None and at > evidence().now():
            raise ValidationError("Enter a time that has passed")

    def moment(self) -> Timestamp:
        """The moment; after the form was found valid."""
        stamp = Timestamp()
        stamp.FromDatetime(self._at() or evidence().now())
        return stamp

    def _at(self) -> datetime | None:
        day: date | None = read_day(self.day.data or "")
        clock = read_clock(self.clock.data or "")
        return None if day is None or clock is None else datetime.combine(day, clock, LONDON)


class OpenForm(MomentForm):
    """Opens a case."""

    kind = RadioField(
        "What happened?",
        widget=GovRadioInput(),
        choices=[(str(number), said[0]) for number, said in KINDS.items()],
        validators=[InputRequired("Select what happened")],
    )
    reason = TextAreaField(
        "What happened, and how did it come to be known?",
        widget=GovCharacterCount(),
        description="As far as it is known now. You add to it with each step.",
        validators=[
            Words("Enter what happened"),
            Length(max=LONGEST, message=f"Use {LONGEST} characters or fewer"),
        ],
    )
    send = SubmitField("Open the case and start its clock", widget=GovSubmitInput())


class StepForm(MomentForm):
    """Notes a step."""

    step = RadioField("What was done?", widget=GovRadioInput(), validators=[InputRequired("Select a step")])
    reason = TextAreaField(
        "Details",
        widget=GovCharacterCount(),
        description="What was done, with references. Or why it is not needed, or late.",
        validators=[
            Words("Enter the details"),
            Length(max=LONGEST, message=f"Use {LONGEST} characters or fewer"),
        ],
    )
    send = SubmitField("Note this step", widget=GovSubmitInput())

    def offer(self, choices: list[BreachStepChoice]) -> None:
        """Offers the steps that the law has now."""
        self.step.choices = [(each.step, each.title) for each in choices]


class WhyForm(FlaskForm):  # type: ignore[misc]  # published without types
    """A reason for a search, or an export."""

    reason = TextAreaField(
        "Why?",
        widget=GovCharacterCount(),
        description="It is recorded with your name.",
        validators=[
            Words("Enter why"),
            Length(max=LONGEST_REASON, message=f"Use {LONGEST_REASON} characters or fewer"),
        ],
    )


class ExportForm(WhyForm):
    """Downloads the records concerned."""

    send = SubmitField("Download the records", widget=GovSubmitInput())


class FindForm(WhyForm):
    """Where to look for what a case concerns."""

    scope = HiddenField(validators=[AnyOf([name for name, _ in SCOPES])])
    exchange = StringField(
        "Exchange", widget=GovTextInput(), validators=[Needed("exchange", "Enter the exchange"), check_id]
    )
    system = SelectField(
        "Kind of identifier",
        widget=GovSelect(),
        choices=[("", "Select one"), *SYSTEMS],
        validators=[Needed("person", "Select the kind of identifier")],
    )
    value = StringField(
        "Identifier",
        widget=GovTextInput(),
        validators=[
            Needed("person", "Enter the identifier"),
            Length(max=100, message="Enter a shorter identifier"),
        ],
    )
    since = StringField(
        "From",
        widget=GovTextInput(),
        description=DATE_HINT,
        validators=[Needed("period", "Enter the first day"), check_day],
    )
    until = StringField(
        "To", widget=GovTextInput(), validators=[Needed("period", "Enter the last day"), check_day]
    )
    organisation = SelectField("Only with this organisation", widget=GovSelect(), validators=[Optional()])
    send = SubmitField("Find and add exchanges", widget=GovSubmitInput())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organisation.choices = [("", "Any"), *list_organisations()]

    def where(self) -> dict[str, Any]:
        """Members of a request; after the form was found valid."""
        found: dict[str, Any] = {"organisation": self.organisation.data or ""}
        if self.scope.data == "exchange":
            return {**found, "exchange_id": (self.exchange.data or "").strip()}
        if self.scope.data == "period":
            return {**found, "period": Period(**period_of(self.since.data or "", self.until.data or ""))}
        system = IdentifierSystem.ValueType(int(self.system.data))
        identifier = Identifier(system=system, value=(self.value.data or "").strip())
        return {**found, "subject": SubjectReference(identifiers=[identifier])}
