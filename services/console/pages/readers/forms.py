"""Forms by which readings are searched: a name goes in a POST, all else are codes and dates."""

from dataclasses import dataclass, field
from typing import Any

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovSelect, GovSubmitInput, GovTextInput
from wtforms import StringField, SubmitField
from wtforms.validators import Length, Optional

from services.console.form_fields import Words
from services.console.pages.log.forms import DATE_HINT, check_day, check_id, list_organisations, period_of
from services.console.select_fields import SelectField


@dataclass(frozen=True, slots=True)
class ReaderName:
    """Whose readings are looked for; kept in the session."""

    name: str = field(repr=False)


class QueryFilterForm(FlaskForm):  # type: ignore[misc]  # published without types
    """Which queries are listed."""

    class Meta:
        """It changes nothing."""

        csrf = False

    organisation = SelectField("Organisation", widget=GovSelect(), validators=[Optional()])
    since = StringField(
        "From", widget=GovTextInput(), description=DATE_HINT, validators=[Optional(), check_day]
    )
    until = StringField("To", widget=GovTextInput(), validators=[Optional(), check_day])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organisation.choices = [("", "Any"), *list_organisations()]

    def conditions(self) -> dict[str, Any]:
        """Members of a request; after the form was found valid."""
        return {
            "organisation": self.organisation.data or "",
            **period_of(self.since.data or "", self.until.data or ""),
        }


class PersonForm(FlaskForm):  # type: ignore[misc]  # published without types
    """Whose queries are listed."""

    name = StringField(
        "Name of the person who read",
        widget=GovTextInput(),
        description="As the person's own pages show it, given name first.",
        validators=[Words("Enter a name"), Length(max=200, message="Enter a shorter name")],
    )
    find = SubmitField("Show what this person read", widget=GovSubmitInput())

    def reader(self) -> ReaderName:
        """The name; after the form was found valid."""
        return ReaderName((self.name.data or "").strip())


class ReadingFilterForm(FlaskForm):  # type: ignore[misc]  # published without types
    """Which readings are listed."""

    class Meta:
        """It changes nothing."""

        csrf = False

    exchange = StringField("Exchange", widget=GovTextInput(), validators=[Optional(), check_id])
