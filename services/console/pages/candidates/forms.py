"""Forms by which somebody says who is one person: on what they go, in their own words."""

from govuk_frontend_wtf.wtforms_widgets import GovRadioInput, GovSubmitInput
from publicprotection.oversight.v1.subject_service_pb2 import ConflictVerdict
from wtforms import SubmitField
from wtforms.validators import InputRequired

from services.console.asking import PurposeForm, ReasonForm
from services.console.select_fields import RadioField

SAME, DIFFERENT = "same", "different"


class BeginForm(PurposeForm):
    """What the subject register is read for."""

    send = SubmitField("Continue", widget=GovSubmitInput())


class VerdictForm(ReasonForm):
    """Whether two are one person."""

    verdict = RadioField(
        "Are they the same person?",
        widget=GovRadioInput(),
        choices=[(SAME, "Yes, they are one person"), (DIFFERENT, "No, they are different people")],
        validators=[InputRequired("Select whether they are the same person")],
    )
    send = SubmitField("Record this decision", widget=GovSubmitInput())

    @property
    def is_same(self) -> bool:
        """Whether they were said to be one."""
        return str(self.verdict.data) == SAME

    def conflict_verdict(self) -> ConflictVerdict.ValueType:
        """As calls take it."""
        if self.is_same:
            return ConflictVerdict.CONFLICT_VERDICT_SAME_PERSON
        return ConflictVerdict.CONFLICT_VERDICT_DIFFERENT_PEOPLE
