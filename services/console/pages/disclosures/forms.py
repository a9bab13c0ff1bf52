"""Forms of decisions to disclose, made of the contract: each field as what it is, its question as label."""

import re
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any, Final

from flask_wtf import FlaskForm
from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from govuk_frontend_wtf.wtforms_widgets import GovCheckboxesInput
from publicprotection.common.v1.date_pb2 import Date
from publicprotection.common.v1.person_pb2 import PersonIdentity, PersonName
from publicprotection.documents.v1.third_party_grounds_pb2 import DisclosureMethod, PhotographUse
from publicprotection.exchange.v1 import disclosure_pb2
from wtforms.validators import Optional, Regexp

from services.console.choosing import (
    button,
    day_of,
    offer,
    one_of,
    organisations,
    pick,
    put_enum,
    tick,
)
from services.console.form_fields import DayField, not_in_future, request_field, text_area, text_line
from services.console.pages.disclosures.words import OUTCOMES, Question, sections_of
from services.console.select_fields import SelectMultipleField
from services.console.words import LONDON, enum_words

_DESCRIPTOR: Final = disclosure_pb2.DisclosureConsideration.DESCRIPTOR
_LINES: Final = frozenset(
    {"meeting_reference", "recipient_capacity", "recipient_organisation", "discloser_person"}
)
_PARTS: Final = {"recipient": PersonName.DESCRIPTOR}
_LEVELS: Final = {1: "Level 1", 2: "Level 2", 3: "Level 3"}
_BETWEEN: Final = "__"  # in the place of the dot of a question's field
_CODE: Final = re.compile(r"^[A-Z_]+: ")
_REFERENCES: Final = re.compile(r"; (?:mappa|later|adult|child):[^)]*")


class OutcomeForm(FlaskForm):  # type: ignore[misc]  # published without types
    """What was decided."""

    outcome = one_of("What was decided?", OUTCOMES, "Choose what was decided")
    send = button("Continue")


class ConsiderationForm(FlaskForm):  # type: ignore[misc]  # as above
    """What was considered; made for an outcome by `make_form`."""

    outcome_given: int = 0
    request_id = request_field()
    send = button("Record the decision")

    def consideration(self) -> disclosure_pb2.DisclosureConsideration:
        """What was stated; after the form was found valid."""
        made = disclosure_pb2.DisclosureConsideration()
        setattr(made, "outcome", self.outcome_given)  # noqa: B010  # the number of one of its values
        for question in questions_of(self.outcome_given):
            _put(made, question.field, self[_name(question)].data)
        return made

    def show(self, stated: disclosure_pb2.DisclosureConsideration) -> None:
        """Fills it with what was stated before, where nothing was sent."""
        for question in questions_of(self.outcome_given):
            self[_name(question)].data = _get(stated, question.field)


class RecordForm(ConsiderationForm):
    """A new decision, and about whom it is."""

    subject_reference = text_line(
        "How do you refer to the person?", "Enter your reference", "Such as a case number.", 100
    )
    family = text_line("Family name of the person", "Enter the family name")
    given = text_line("Given names of the person", "Enter the given names")
    born_on = DayField("Date of birth, if known", hint="For example, 27 3 1984", more_checks=[not_in_future])

    def subject(self) -> PersonIdentity:
        """About whom it is."""
        name = PersonName(family=self.family.data or "", given=self.given.data or "")
        return PersonIdentity(name=name, date_of_birth=day_of(self.born_on.data))


class FindForm(FlaskForm):  # type: ignore[misc]  # as above
    """Whose decisions are looked for."""

    reference = text_line("Your reference of the person", "Enter your reference of the person", longest=100)
    find = button("Find")


class AmendForm(ConsiderationForm):
    """Another version."""

    reason = text_area("Why is it amended?", "Enter why it is amended")
    send = button("Amend the decision")


class ConfirmForm(FlaskForm):  # type: ignore[misc]  # as above
    """A decision of what waits."""

    request_id = request_field()
    send = button("Decide it as it is proposed")


class ToldForm(FlaskForm):  # type: ignore[misc]  # as above
    """Who told whom what."""

    request_id = request_field()
    told_on = DayField(
        "When was the third party told?", "Enter the day", "For example, 27 3 2026", [not_in_future]
    )
    told_at = text_line("At what time?", "Enter the time", "On a clock of 24 hours, such as 14:30.", 5)
    told_by = text_line("Who told them?", "Enter who told them")
    told_to = text_line("Who was told?", "Enter who was told")
    content = text_area("What exactly was said?", "Enter what was said", longest=10000)
    method = one_of("How?", {}, "Choose how")
    photograph = one_of("Was a photograph shown?", {}, "Choose whether a photograph was shown")
    understands_confidentiality = tick("They understood first that it is confidential", "MAPPA 10.18")
    told_unaware = tick("They were told that the person does not know", "MAPPA 10.23")
    agreed_not_to_misuse = tick("They agreed not to misuse it", "MAPPA 10.19")
    signed = tick("They signed for it", "Good practice (MAPPA 10.18).")
    reaction = text_area("What did they know already, say or do?", longest=5000)
    followed_up = text_area(
        "If the person told it, how did the lead agency make sure of it?", hint="MAPPA 10.22", longest=5000
    )
    send = button("Note it")

    def fit(self) -> "ToldForm":
        """Offers what there is to choose."""
        self.told_at.validators = [
            *self.told_at.validators,
            Regexp(r"^([01]?\d|2[0-3]):[0-5]\d$", message="Enter a time such as 14:30"),
        ]
        offer(self.method, _values(DisclosureMethod.DESCRIPTOR), first=False)
        offer(self.photograph, _values(PhotographUse.DESCRIPTOR), first=False)
        return self

    def telling(self) -> disclosure_pb2.DisclosureTelling:
        """What was told; after the form was found valid."""
        made = disclosure_pb2.DisclosureTelling(
            told_at=self._moment(),
            told_by=self.told_by.data or "",
            told_to=self.told_to.data or "",
            content=self.content.data or "",
            understands_confidentiality=self.understands_confidentiality.data,
            told_unaware=self.told_unaware.data,
            agreed_not_to_misuse=self.agreed_not_to_misuse.data,
            signed=self.signed.data,
        )
        for name in ("reaction", "followed_up"):
            _put(made, name, self[name].data)
        put_enum(made, "method", self.method)
        put_enum(made, "photograph", self.photograph)
        return made

    def _moment(self) -> Timestamp:
        hours, _, minutes = (self.told_at.data or "0:0").partition(":")
        moment = Timestamp()
        if self.told_on.data is not None:
            at = datetime.combine(self.told_on.data, time(int(hours), int(minutes)), LONDON)
            moment.FromDatetime(at)
        return moment


def make_form(base: type[ConsiderationForm], outcome: int) -> type[Any]:
    """The form of a decision with an outcome."""
    fields = {_name(question): _field(question) for question in questions_of(outcome)}
    return type(f"{base.__name__}Of{outcome}", (base,), {**fields, "outcome_given": outcome})


def sections_of_form(form: ConsiderationForm) -> Iterator[tuple[str, list[Any]]]:
    """Headings, each with the fields under it."""
    for title, questions in sections_of(form.outcome_given):
        yield title, [form[_name(question)] for question in questions]


def questions_of(outcome: int) -> list[Question]:
    """All that a decision with an outcome is asked, in order."""
    return [question for _, questions in sections_of(outcome) for question in questions]


def advice_words(advice: str) -> str:
    """What a service says is wrong, without its code and without references of the rulebook."""
    return _REFERENCES.sub("", _CODE.sub("", advice))


def _name(question: Question) -> str:
    return question.field.replace(".", _BETWEEN)


def _field(question: Question) -> Any:
    path, found = question.field.split("."), _describe(question.field)
    if path[-1] == "discloser":
        return pick(question.label, organisations(), hint=question.hint)
    if path[-1] == "mappa_level":
        return one_of(question.label, _LEVELS, hint=question.hint)
    if found.enum_type is not None:
        return _of_enum(question, found)
    if found.message_type is not None:
        return DayField(question.label, hint=question.hint)
    if found.type == FieldDescriptor.TYPE_BOOL:
        return tick(question.label, question.hint)
    is_line = path[-1] in _LINES or path[-1].startswith("contact") or path[0] == "recipient"
    return (
        text_line(question.label, "", question.hint)
        if is_line
        else text_area(question.label, "", question.hint)
    )


def _of_enum(question: Question, found: FieldDescriptor) -> Any:
    options = _values(found.enum_type) if found.enum_type is not None else {}
    if not found.is_repeated:
        return one_of(question.label, {int(key): text for key, text in options.items()}, hint=question.hint)
    return SelectMultipleField(
        question.label,
        [Optional()],
        choices=list(options.items()),
        description=question.hint,
        widget=GovCheckboxesInput(),
    )


def _values(enum: EnumDescriptor) -> dict[str, str]:
    return {str(each.number): enum_words(each.number, enum) for each in enum.values if each.number}


def _describe(path: str) -> FieldDescriptor:
    whole, _, part = path.partition(".")
    if not part:
        return _DESCRIPTOR.fields_by_name[whole]
    inner: Any = _PARTS.get(whole) or _DESCRIPTOR.fields_by_name[whole].message_type
    found: FieldDescriptor = inner.fields_by_name[part]
    return found


def _holder(made: Any, path: str) -> tuple[Any, str]:
    """The message in which a field stands, and its name there."""
    whole, _, part = path.partition(".")
    if not part:
        return made, whole
    inner = getattr(made, whole)
    return (inner.name, part) if whole in _PARTS else (inner, part)


def _put(made: Message, path: str, data: Any) -> None:
    """States what was entered; what was left out stays absent."""
    if data in (None, "", False, []):
        return
    holder, name = _holder(made, path)
    found: FieldDescriptor = holder.DESCRIPTOR.fields_by_name[name]
    if found.is_repeated:
        getattr(holder, name).extend(int(each) for each in data)
    elif isinstance(data, date):
        getattr(holder, name).CopyFrom(Date(year=data.year, month=data.month, day=data.day))
    else:
        is_number = found.enum_type is not None or found.type == FieldDescriptor.TYPE_INT32
        setattr(holder, name, int(data) if is_number else data)


def _get(stated: Message, path: str) -> Any:
    """What was stated, as the form's field has it."""
    holder, name = _holder(stated, path)
    found: FieldDescriptor = holder.DESCRIPTOR.fields_by_name[name]
    value = getattr(holder, name)
    if found.is_repeated:
        return [str(each) for each in value]
    if found.message_type is not None:
        return date(value.year, value.month, value.day) if value.day else None
    is_number = found.enum_type is not None or found.type == FieldDescriptor.TYPE_INT32
    return (str(value) if value else "") if is_number else value
