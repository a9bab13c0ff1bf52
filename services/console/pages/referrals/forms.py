"""The form that decides a referral to level 2 or 3, and the document that it makes (MAPPA 7.17)."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovRadioInput, GovSelect
from publicprotection.common.v1.organisation_pb2 import MARKING_OFFICIAL_SENSITIVE
from publicprotection.documents.v1.referral_pb2 import LevelReferral, LevelReferralDecision
from publicprotection.exchange.v1.header_pb2 import (
    LAWFUL_BASIS_CJA_2003_S325,
    PURPOSE_MANAGE_RISK,
    Author,
    Header,
)
from wtforms.validators import InputRequired, Optional

from services.console.form_fields import DayField, request_field, said, text_area, text_line
from services.console.select_fields import RadioField, SelectField

ACCEPTED, REFUSED = "yes", "no"
LEVELS: Final = [("2", "Level 2"), ("3", "Level 3")]
CATEGORIES: Final = [(str(number), f"Category {number}") for number in range(1, 5)]


class DecisionForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """Accepted with level and day of the meeting, or refused with reasons."""

    accepted = RadioField(
        "Is the referral accepted?",
        choices=[(ACCEPTED, "Yes, it goes to a meeting"), (REFUSED, "No, with reasons")],
        validators=[InputRequired("Say whether the referral is accepted")],
        widget=GovRadioInput(),
    )
    category = SelectField("Category found", choices=CATEGORIES, widget=GovSelect())
    level = RadioField(
        "Level, if it is accepted", choices=LEVELS, validators=[Optional()], widget=GovRadioInput()
    )
    meeting = DayField("Day of the meeting, if it is accepted", hint="For example, 27 3 2027")
    reasons = text_area(
        "Reasons",
        hint="Always, if it is refused. Name nobody but the person referred.",
        longest=5000,
    )
    route = text_line(
        "How the decision can be contested (optional)",
        hint="The route in this area (MAPPA 7.18)",
        longest=500,
    )
    desk = SelectField("Desk that is answered", widget=GovSelect())
    necessity = text_area("Why they need this answer", "Say why they need this answer")
    request_id = request_field()

    def validate(self, extra_validators: Any = None) -> bool:
        """What a decision must say depends on which it is."""
        is_whole = super().validate(extra_validators)
        for field, advice in self._find_gaps():
            field.errors = [*field.errors, advice]
            is_whole = False
        return bool(is_whole)

    def _find_gaps(self) -> Iterator[tuple[Any, str]]:
        if self.accepted.data == ACCEPTED and not self.level.data:
            yield self.level, "Give the level"
        if self.accepted.data == ACCEPTED and self.meeting.data is None and not self.meeting.errors:
            yield self.meeting, "Give the day of the meeting"
        if self.accepted.data == REFUSED and not said(self.reasons):
            yield self.reasons, "Give the reasons for refusing the referral"

    def offer(self, desks: Iterable[tuple[str, str]], header: Header, referral: LevelReferral) -> None:
        """Fills in what the referral says: its desk, and the category that its sender thinks right."""
        self.desk.choices = list(desks)
        if not self.is_submitted():
            self.desk.data = header.sender.desk
            self.category.data = str(referral.management.category or 2)
            self.level.data = str(referral.management.level) if referral.management.level > 1 else None
            self.necessity.data = "They referred the person and must know what was decided."

    def write_document(self, referral: LevelReferral) -> LevelReferralDecision:
        """The decision about the person referred."""
        is_accepted = self.accepted.data == ACCEPTED
        written = LevelReferralDecision(accepted=is_accepted)
        written.subject.name.CopyFrom(referral.subject.name)
        written.subject.identifiers.extend(referral.subject.identifiers)
        if referral.subject.HasField("date_of_birth"):
            written.subject.date_of_birth.CopyFrom(referral.subject.date_of_birth)
        self._manage(written, referral)
        if self.meeting.data is not None and is_accepted:
            day = self.meeting.data
            written.meeting_date.year, written.meeting_date.month, written.meeting_date.day = (
                day.year,
                day.month,
                day.day,
            )
        if said(self.reasons):
            written.reasons = said(self.reasons)
        if said(self.route):
            written.escalation_route = said(self.route)
        return written

    def write_header(self, referral: Header, author: Author, *, to: str, answers: str) -> Header:
        """The header of the answer: for the same purpose, by the same law as the referral."""
        header = Header(
            purpose=referral.purpose or PURPOSE_MANAGE_RISK,
            lawful_bases=referral.lawful_bases or [LAWFUL_BASIS_CJA_2003_S325],
            conditions=referral.conditions,
            necessity=said(self.necessity),
            author=author,
            request_id=said(self.request_id),
            in_reply_to=answers,
            marking=referral.marking or MARKING_OFFICIAL_SENSITIVE,
        )
        header.recipients.add(organisation=to, desk=self.desk.data)
        return header

    def _manage(self, written: LevelReferralDecision, referral: LevelReferral) -> None:
        category = int(self.category.data)
        if referral.management.category == category and referral.management.HasField("category_4_route"):
            written.management.category_4_route = referral.management.category_4_route
        written.management.category = category
        if self.accepted.data == ACCEPTED:
            written.management.level = int(self.level.data)
