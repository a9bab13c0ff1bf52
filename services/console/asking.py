"""Why somebody asks: the reason that goes with what is shown only for one, and is on record with it."""

from typing import Final

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovCharacterCount, GovCheckboxInput, GovSelect, GovSubmitInput
from publicprotection.exchange.v1.header_pb2 import Purpose
from publicprotection.oversight.v1.subject_service_pb2 import Acting
from wtforms import BooleanField, SubmitField, TextAreaField
from wtforms.validators import InputRequired, Length

from services.console.form_fields import Words
from services.console.select_fields import SelectField
from services.console.words import purpose

MOST_CHARACTERS: Final = 500
_PURPOSES: Final = [("", "Choose a purpose")] + [
    (str(number), purpose(number)) for number in Purpose.values() if number
]


class ReasonForm(FlaskForm):  # type: ignore[misc]  # published without types
    """A reason, in the person's own words."""

    reason = TextAreaField(
        "Why do you need to see this?",
        widget=GovCharacterCount(),
        description="Recorded with your name and the time (DPA 2018 s.62).",
        validators=[
            Words("Enter why you need to see this"),
            Length(max=MOST_CHARACTERS, message=f"Use {MOST_CHARACTERS} characters or fewer"),
        ],
    )


class PurposeForm(ReasonForm):
    """A purpose of the contract, and a reason."""

    purpose = SelectField(
        "What is it for?",
        widget=GovSelect(),
        choices=_PURPOSES,
        validators=[InputRequired("Choose a purpose")],
    )

    def acting(self) -> Acting:
        """The reason, as calls take it."""
        return Acting(reason=self.reason.data or "")

    def purpose_chosen(self) -> Purpose.ValueType:
        """The purpose; after the form was found valid."""
        return Purpose.ValueType(int(self.purpose.data))


class UnmaskForm(PurposeForm):
    """Shows who somebody is."""

    send = SubmitField("Show who this is", widget=GovSubmitInput())


class ReadForm(ReasonForm):
    """Shows what a delivery says."""

    victims = BooleanField(
        "Also show what it says about a victim, which is left out otherwise (MAPPA 4.16)",
        widget=GovCheckboxInput(),
    )
    send = SubmitField("Show what it says", widget=GovSubmitInput())
