"""The form by which an export of the log is asked for."""

from flask_wtf import FlaskForm
from google.protobuf.timestamp_pb2 import Timestamp
from govuk_frontend_wtf.wtforms_widgets import GovSelect, GovSubmitInput, GovTextInput
from publicprotection.common.v1.person_pb2 import Identifier, IdentifierSystem
from publicprotection.oversight.v1.disclosure_log_service_pb2 import SubjectReference
from wtforms import Field, Form, HiddenField, StringField, SubmitField
from wtforms.validators import AnyOf, Length, StopValidation, ValidationError

from services.console.pages.log.forms import DATE_HINT, SYSTEMS, check_day, check_id, period_of
from services.console.select_fields import SelectField

SCOPES = (
    ("exchange", "One exchange"),
    ("person", "One person"),
    ("period", "A period"),
    ("everything", "The whole log"),
)


class Needed:
    """A field that counts for one scope alone, and is needed there."""

    def __init__(self, scope: str, message: str) -> None:
        self._scope = scope
        self._message = message

    def __call__(self, form: Form, field: Field) -> None:
        """Stops where another scope was chosen; ValidationError where nothing was given."""
        if form["scope"].data != self._scope:
            field.errors = []
            raise StopValidation
        if not (field.data or "").strip():
            raise StopValidation(self._message)


def choose(form: FlaskForm, asked: str) -> None:
    """Sets what a form is about from the address, where it does not come with what was filled in."""
    if not form.scope.data:
        form.scope.data = asked if asked in form.scope.validators[0].values else "exchange"


class ExportForm(FlaskForm):  # type: ignore[misc]  # published without types
    """Of what the file is to be."""

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
    send = SubmitField("Download the export", widget=GovSubmitInput())

    def reference(self) -> SubjectReference:
        """The person; where one was chosen."""
        system = IdentifierSystem.ValueType(int(self.system.data))
        return SubjectReference(
            identifiers=[Identifier(system=system, value=(self.value.data or "").strip())]
        )

    def period(self) -> dict[str, Timestamp]:
        """The period; where one was chosen."""
        return period_of(self.since.data or "", self.until.data or "")

    def validate_until(self, _field: Field) -> None:
        """ValidationError if the period ends before it begins."""
        found = self.period()
        whole = self.scope.data == "period" and {"since", "until"} <= set(found)
        if whole and found["until"].seconds <= found["since"].seconds:
            raise ValidationError("Enter a last day that is not before the first")
