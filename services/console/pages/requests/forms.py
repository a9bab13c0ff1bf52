"""Forms that register a request for minutes: who asks, and for what."""

from typing import Any, Final

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovRadioInput
from publicprotection.common.v1.person_pb2 import PersonIdentity, PersonName
from publicprotection.exchange.v1 import minutes_request_service_pb2 as pb2
from wtforms.validators import InputRequired

from services.console.choosing import (
    button,
    day_of,
    desk_of,
    desks,
    offer,
    one_of,
    organisations,
    pick,
    put_enum,
    tick,
)
from services.console.form_fields import DayField, not_in_future, request_field, text_area, text_line
from services.console.pages.requests import words as request_words
from services.console.select_fields import RadioField

LONG: Final = 5000
_DAY_HINT: Final = "For example, 27 3 2026"
# What only some of those who ask state, by the field of the form.
_ONLY: Final = {
    "agencies_cannot_supply": {"REVIEW"},
    "full_necessary": {"AUTHORITY_OR_PARTNER"},
    "incident_on": {"MARAC"},
    "received_by": {"SUBJECT", "REPRESENTATIVE", "VICTIM"},
    "recording_held": {"SUBJECT", "REPRESENTATIVE", "VICTIM"},
}


class KindForm(FlaskForm):  # type: ignore[misc]  # published without types
    """Who asks."""

    kind = RadioField(
        "Who asks for minutes?", [InputRequired("Choose who asks")], choices=[], widget=GovRadioInput()
    )
    send = button("Continue")


class RegisterForm(FlaskForm):  # type: ignore[misc]  # as above
    """A request as it came."""

    request_id = request_field()
    requester_name = text_line("Name of who asks", "Enter the name of who asks")
    requester = pick(
        "Their desk, if they are an organisation of the directory",
        {},
        hint="The answer then goes over the gateway. Leave it out for anybody else.",
    )
    reply_to = text_area(
        "Otherwise, where the answer is to go",
        hint="Name and address, one line each.",
        longest=1000,
    )
    channel = one_of("How did it come?", request_words.CHANNELS, "Choose how it came")
    wanted = one_of(
        "What is wanted?", request_words.WANTED, "Choose what is wanted, or that it is not clear yet"
    )
    owner = pick(
        "If it is facts or a document, whose?", {}, hint="It is theirs to give (MAPPA 13b.23, 13b.24)."
    )
    words = text_area("The request in its own words", "Enter what was asked", longest=10000)
    family = text_line("Family name", "Enter the family name of the person whose meetings are meant")
    given = text_line("Given names", "Enter the given names of the person whose meetings are meant")
    born_on = DayField("Date of birth, if known", hint="For example, 27 3 1984", more_checks=[not_in_future])
    received_on = DayField(
        "When was it received?",
        "Enter the day on which it was received: time runs from there",
        _DAY_HINT,
        [not_in_future],
    )
    answer_by = DayField("By when is it wanted, if a day was stated?", hint=_DAY_HINT)
    received_by = pick(
        "If another organisation was asked and answers it, its desk",
        {},
        hint="It gets the executive summary from here (MAPPA 13b.20, 13b.21).",
    )
    incident_on = DayField(
        "When was the further incident?",
        "Enter the day of the further incident: it is what lets the MARAC ask (MAPPA 22.25)",
        _DAY_HINT,
        [not_in_future],
    )
    agencies_cannot_supply = text_area(
        "What can the agencies themselves not supply?",
        "Say what the agencies cannot supply (MAPPA 13b.27)",
        longest=LONG,
    )
    full_necessary = text_area(
        "If minutes in full are wanted, why will a summary not do?", hint="MAPPA 13b.25", longest=LONG
    )
    recording_held = tick("A recording of the meeting is still held", "Advice is then needed (MAPPA 13b.19).")
    counter_terrorism = tick(
        "The meeting was about terrorism", "Only people who are cleared will see this request (MAPPA 13b.24)."
    )
    send = button("Register the request")

    def fit(self, kind: str) -> "RegisterForm":
        """Leaves out what whoever asks has nothing to say to, and offers the directory."""
        for name, kinds in _ONLY.items():
            if kind not in kinds:
                del self[name]
        offer(self.requester, desks())
        offer(self.owner, organisations())
        if "received_by" in self:
            offer(self.received_by, desks())
        return self

    def request(self, kind: str) -> pb2.RegisterMinutesRequestRequest:
        """The call; after the form was found valid."""
        lines = (self.reply_to.data or "").splitlines()
        made = pb2.RegisterMinutesRequestRequest(
            request_id=self.request_id.data or "",
            kind=kind,
            requester_name=self.requester_name.data or "",
            requester=desk_of(self.requester.data),
            reply_to=[line.strip() for line in lines if line.strip()],
            owner=self.owner.data or "",
            words=self.words.data or "",
            subject=self._subject(),
            received_on=day_of(self.received_on.data),
            answer_by=day_of(self.answer_by.data),
            counter_terrorism=self.counter_terrorism.data,
            **self._of_some(),
        )
        put_enum(made, "channel", self.channel)
        put_enum(made, "wanted", self.wanted)
        return made

    def _subject(self) -> PersonIdentity:
        name = PersonName(family=self.family.data, given=self.given.data)
        return PersonIdentity(name=name, date_of_birth=day_of(self.born_on.data))

    def _of_some(self) -> dict[str, Any]:
        stated = {name: self[name].data for name in _ONLY if name in self}
        if "received_by" in stated:
            stated["received_by"] = desk_of(stated["received_by"])
        if "incident_on" in stated:
            stated["incident_on"] = day_of(stated["incident_on"])
        return stated
