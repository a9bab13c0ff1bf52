"""Forms of the steps towards an answer to a request for minutes: what each states."""

from collections.abc import Iterator
from typing import Any, Final

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovCheckboxInput, GovRadioInput
from publicprotection.exchange.v1 import minutes_case_pb2 as case_pb2
from publicprotection.exchange.v1 import minutes_request_service_pb2 as pb2
from wtforms import BooleanField
from wtforms.validators import Optional

from services.console.choosing import (
    button,
    desks,
    number_of,
    offer,
    one_of,
    organisations,
    pick,
    put_enum,
    several,
    tick,
)
from services.console.form_fields import DayField, text_area, text_line
from services.console.pages.requests import words
from services.console.select_fields import RadioField
from services.console.words import organisation

LONG: Final = 5000
_DAY_HINT: Final = "For example, 27 3 2026"
_KEEP: Final = "keep_"
_CLAIM: Final = "claim_"
_WHY: Final = "why_"
_FOLLOW: Final = "FOLLOW"
_OVERRULE: Final = "OVERRULE"


class StepForm(FlaskForm):  # type: ignore[misc]  # as above
    """What a step states. What there is to choose is set by the case."""

    def fit(self, _case: case_pb2.MinutesCase) -> None:
        """Offers what this case has."""


class AskForm(StepForm):
    """What the requester is asked."""

    question = text_area("What did you ask?", "Enter what you asked", "MAPPA 13b.24")
    send = button("Note the question")


class SettleForm(StepForm):
    """What they answered."""

    wanted = one_of("What is wanted?", words.WANTED, "Choose what is wanted")
    owner = pick("If it is facts or a document, whose?", {}, hint="MAPPA 13b.23, 13b.24")
    insists = tick(
        "Somebody who asks about themselves insists on freedom of information",
        "They then get neither confirmation nor denial (MAPPA 13b.22).",
    )
    send = button("Settle it")

    def fit(self, _case: case_pb2.MinutesCase) -> None:
        """As the base."""
        offer(self.owner, organisations())


class GroundForm(StepForm):
    """An order, an agreement or advice."""

    ground = one_of("What do you note?", words.GROUNDS, "Choose what you note")
    reference = text_line("Its reference", "Enter its reference")
    terms = text_area(
        "What it says", "Enter what it says on other people, sensitive data or purpose", longest=LONG
    )
    send = button("Note it")


class SummaryForm(StepForm):
    """What whoever composes a summary writes."""

    minutes_exchange_id = text_line(
        "Number of the exchange in which your organisation sent the minutes",
        "Enter the number of the exchange with the minutes",
        "Open the exchange in the register and copy its number. Names of those present become their roles.",
        longest=64,
    )
    referral_reason = text_area("Why the case was referred", "Enter why the case was referred", longest=LONG)
    discussion = text_area(
        "Updates, discussion and decisions in short", "Enter what was discussed and decided", longest=20000
    )
    disclosure = text_area(
        "What was considered on disclosure", "Enter what was considered on disclosure", longest=LONG
    )
    other_actions = text_area("Other actions", longest=LONG)
    level_change_reasons = text_area("Why the level changed, if it did", longest=LONG)
    send = button("Compose the summary")


class ContributorsForm(StepForm):
    """Who contributed."""

    contributors = several(
        "Who attended, reported or contributed?",
        "Choose who contributed",
        "Each gets the draft over the gateway and may claim exemptions, but has no veto (MAPPA 13b.32).",
    )
    comments_by = DayField("By when may they claim?", "Enter a day", _DAY_HINT)
    send = button("Ask them")

    def fit(self, _case: case_pb2.MinutesCase) -> None:
        """As the base."""
        offer(self.contributors, desks(), first=False)


class HearForm(StepForm):
    """What a contributor said: one claim at a time, or none."""

    organisation = pick("Who answered?", {}, "Choose who answered")
    said = text_area("What did they say?", longest=LONG)
    field = pick("What would they leave out?", words.FIELDS, hint="Leave this out if they claim nothing.")
    passage = text_area("Only this passage of it, word for word", longest=LONG)
    exemption = one_of("On what ground?", words.EXEMPTIONS)
    reason = text_area("Why it applies here, as they say")
    threshold = tick("There may very well be prejudice", "Less than more probable than not (MAPPA 13b.17).")
    send = button("Note it")

    def fit(self, case: case_pb2.MinutesCase) -> None:
        """As the base."""
        every = organisations()
        offer(
            self.organisation,
            {
                each.organisation: every.get(each.organisation, each.organisation)
                for each in case.contributors
            },
        )

    def claims(self) -> list[case_pb2.SummaryExemption]:
        """What is claimed: nothing, or one thing."""
        return [exemption_of(self)] if self.field.data else []


class PrepareForm(StepForm):
    """The answer."""

    answer = one_of("What is the answer?", {}, "Choose the answer")
    reasons = text_area(
        "Reasons",
        hint="Needed for minutes in full and for a refusal. They go to organisations of the directory.",
        longest=LONG,
    )
    safety_concerns = text_area("Safety concerns for the covering letter", hint="MAPPA 13b.26", longest=LONG)
    send = button("Prepare the reply")

    def fit(self, case: case_pb2.MinutesCase) -> None:
        """As the base."""
        open_ones = {str(each): words.ANSWERS[each] for each in case.answers_open}
        offer(self.answer, open_ones, first=False)


class ReturnForm(StepForm):
    """Why a reply is given back."""

    reason = text_area("What is to be done again?", "Enter what is to be done again")
    send = button("Give it back")


class ApproveForm(StepForm):
    """An approval says nothing but that."""

    send = button("Approve the reply")


class SendForm(StepForm):
    """A reply that goes."""

    minutes_exchange_id = text_line(
        "Number of the exchange in which the minutes went",
        hint="Only for minutes in full to an organisation of the directory: send them first.",
        longest=64,
    )
    send = button("Send the reply")


def exemption_of(form: Any) -> case_pb2.SummaryExemption:
    """What a form would leave out of the summary."""
    made = case_pb2.SummaryExemption(
        field=form.field.data,
        passage=(form.passage.data or "").strip(),
        reason=(form.reason.data or "").strip(),
        may_very_well_prejudice=form.threshold.data,
    )
    put_enum(made, "exemption", form.exemption)
    return made


class DecideForm(StepForm):
    """One more thing that is left out; made with what stands already by `make_decide_form`."""

    field = pick("Leave out", words.FIELDS, hint="One more item. Leave this as it is if there is none.")
    passage = text_area("Only this passage of it, word for word", longest=LONG)
    exemption = one_of("On what ground?", words.EXEMPTIONS)
    reason = text_area("Why it applies here")
    threshold = tick("There may very well be prejudice", "Less than more probable than not (MAPPA 13b.17).")
    send = button("Decide")

    def validate(self, extra_validators: Any = None) -> bool:
        """Asks for ground and reason of what is left out, and for the reason why a claim is not followed."""
        well = super().validate(extra_validators)
        missing = [*self._unreasoned(), *self._half()]
        for field, advice in missing:
            field.errors = [*field.errors, advice]
        return bool(well and not missing)

    def _half(self) -> Iterator[tuple[Any, str]]:
        if self.field.data and not number_of(self.exemption):
            yield self.exemption, "Choose a ground"
        if self.field.data and not (self.reason.data or "").strip():
            yield self.reason, "Enter why the ground applies here"

    def _unreasoned(self) -> Iterator[tuple[Any, str]]:
        for name in (each for each in self._fields if each.startswith(_CLAIM)):
            why = self[_WHY + name.removeprefix(_CLAIM)]
            if self[name].data == _OVERRULE and not (why.data or "").strip():
                yield why, "Enter why it is not followed"

    def request(self, case: case_pb2.MinutesCase) -> pb2.DecideSummaryItemsRequest:
        """The call: all that is left out from now on, and which claims are not followed."""
        kept = [each for number, each in enumerate(case.exemptions) if self[f"{_KEEP}{number}"].data]
        added = [exemption_of(self)] if self.field.data else []
        waiting = [(each, self[f"{_CLAIM}{each.claim_id}"].data) for each in unweighed(case)]
        return pb2.DecideSummaryItemsRequest(
            case_id=case.summary.case_id,
            exemptions=[*kept, *(each.exemption for each, what in waiting if what == _FOLLOW), *added],
            overruled=[
                case_pb2.ClaimOverruled(
                    claim_id=each.claim_id, reason=self[f"{_WHY}{each.claim_id}"].data or ""
                )
                for each, what in waiting
                if what == _OVERRULE
            ],
        )


def unweighed(case: case_pb2.MinutesCase) -> list[case_pb2.ContributorClaim]:
    """Claims that nobody has followed or overruled."""
    return [each for each in case.claims if not each.weighed]


def make_decide_form(case: case_pb2.MinutesCase) -> type[DecideForm]:
    """The form for what this case leaves out already, and for the claims on it that wait."""
    fields: dict[str, Any] = {}
    for number, each in enumerate(case.exemptions):
        fields[f"{_KEEP}{number}"] = BooleanField(
            f"Keep leaving out: {item_words(each)}", default=True, widget=GovCheckboxInput()
        )
    for claim in unweighed(case):
        choices = [
            (_FOLLOW, "Follow it: leave it out"),
            (_OVERRULE, "Do not follow it"),
            ("", "Decide later"),
        ]
        fields[f"{_CLAIM}{claim.claim_id}"] = RadioField(
            f"{organisation(claim.organisation)} claims: {item_words(claim.exemption)}",
            [Optional()],
            choices=choices,
            default="",
            description=claim.exemption.reason,
            widget=GovRadioInput(),
        )
        fields[f"{_WHY}{claim.claim_id}"] = text_area("If you do not follow it, why not?")
    return type("DecideThisForm", (DecideForm,), fields)


def item_words(item: case_pb2.SummaryExemption) -> str:
    """An item that is left out, in words."""
    field = words.FIELDS.get(item.field, item.field)
    return f"“{item.passage}” in {field[:1].lower()}{field[1:]}" if item.passage else field
