"""Forms of legal holds and erasure: on whom or what, on whose word, and why."""

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import (
    GovCharacterCount,
    GovCheckboxInput,
    GovSubmitInput,
    GovTextInput,
)
from wtforms import BooleanField, Field, Form, StringField, SubmitField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from services.console.form_fields import Words
from services.console.pages.log.forms import check_id

LONGEST = 1500


def check_if_given(form: Form, field: Field) -> None:
    """As `check_id`, of what may be left empty."""
    if (field.data or "").strip():
        check_id(form, field)


class AuthorityForm(FlaskForm):  # type: ignore[misc]  # published without types
    """On whose word something is done, and why."""

    authority = StringField(
        "On whose authority?",
        widget=GovTextInput(),
        description="For example, the court and number of an order, or the job of whoever decided.",
        validators=[
            Words("Enter on whose authority"),
            Length(max=300, message="Use 300 characters or fewer"),
        ],
    )
    reason = TextAreaField(
        "Why?",
        widget=GovCharacterCount(),
        description="It is recorded with your name. Name nobody in it: it outlives an erasure.",
        validators=[
            Words("Enter why"),
            Length(max=LONGEST, message=f"Use {LONGEST} characters or fewer"),
        ],
    )

    def words(self) -> str:
        """Both, as they are recorded."""
        return f"Authority: {(self.authority.data or '').strip()}. {(self.reason.data or '').strip()}"


class ItemForm(AuthorityForm):
    """On a person or on an exchange."""

    exchange = StringField(
        "Exchange",
        widget=GovTextInput(),
        validators=[Optional(), check_id],
    )
    subject = StringField(
        "Person",
        widget=GovTextInput(),
        description="The id that the subject register made up, as the page of the person shows it.",
        validators=[check_if_given],
    )

    def validate_subject(self, _field: Field) -> None:
        """ValidationError unless one of the two was given, and not both."""
        given = [each for each in (self.exchange.data, self.subject.data) if (each or "").strip()]
        if len(given) != 1:
            raise ValidationError("Enter an exchange or a person, and not both")

    def item(self) -> dict[str, str]:
        """Members of a request."""
        exchange = (self.exchange.data or "").strip()
        return {"exchange_id": exchange} if exchange else {"subject": (self.subject.data or "").strip()}


class PlaceForm(ItemForm):
    """Places a legal hold."""

    send = SubmitField("Place the legal hold", widget=GovSubmitInput())


class LiftForm(AuthorityForm):
    """Lifts one."""

    send = SubmitField("Lift the legal hold", widget=GovSubmitInput())


class PlanForm(ItemForm):
    """Asks what an erasure would come to."""

    send = SubmitField("Show what would be erased", widget=GovSubmitInput())


class EraseForm(AuthorityForm):
    """Erases, after it was said what that comes to."""

    recall = BooleanField(
        "Stop what has not left yet",
        widget=GovCheckboxInput(),
        description="What the broker has already cannot be called back.",
    )
    understood = BooleanField(
        "I have read what cannot be undone, and who must be told",
        widget=GovCheckboxInput(),
        validators=[InputRequired("Confirm that you have read what cannot be undone, and who must be told")],
    )
    send = SubmitField("Erase for good", widget=GovSubmitInput())
