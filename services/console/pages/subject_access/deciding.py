"""Deciding items, one or several at once: given or withheld, with what the law wants weighed."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from publicprotection.exchange.v1 import subject_access_case_pb2 as case_pb2
from publicprotection.exchange.v1 import subject_access_documents_pb2 as documents
from publicprotection.exchange.v1 import subject_access_review_pb2 as review
from publicprotection.exchange.v1 import subject_access_service_pb2 as pb2

from services.console.pages.subject_access import fields, words
from services.console.pages.subject_access.base import BLUEPRINT, Page, ask, attempt, go, show, write_day
from services.console.pages.subject_access.review import load_items
from services.console.select_fields import RadioField
from services.console.session import kept
from services.console.words import count_of

_YES_NO: Final = {"yes": "Yes", "no": "No"}
_DISPOSITIONS: Final = {"GIVE": "Give it", "WITHHOLD": "Withhold it"}
_SUBJECT: Final = "SUBJECT_"


class Choice(fields.Sheet):
    """A decision. Which exemptions there are depends on the law under which the items are held."""

    disposition = fields.radios(
        "What becomes of it?", _DISPOSITIONS, "Choose whether it is given or withheld"
    )
    law_enforcement = fields.radios("Exemption: held for law enforcement", {})
    general = fields.radios("Exemption: held under the general law", {})
    reason = fields.area(
        "Why does it apply?",
        hint="What harm, to whom, and why nothing less would do. The person does not read this.",
    )
    tell = fields.radios(
        "How much is the person told?", {"": "As much as the exemption allows", **words.TELLS}
    )
    until = fields.day(
        "Until when is it withheld?", hint="For example, 27 3 2027. Leave it empty if no end is known."
    )
    harm = fields.radios("Would giving it be likely to cause serious harm to anybody's health?", _YES_NO)
    harm_of = fields.text(
        "Whose opinion is that?", hint="For health information: a health professional, by role"
    )
    harm_on = fields.day("Date of the opinion", hint="Not older than six months")
    harm_reason = fields.area("What harm, to whom, how likely?")
    consent = fields.radios("Does the other person agree?", words.CONSENTS)
    reasonable = fields.radios("Is it reasonable to give it without their agreement?", _YES_NO)
    balance = fields.area(
        "What did you weigh?", hint="The kind of information, any duty of confidence, whether they can agree."
    )

    def offer(
        self, rules: Mapping[str, review.AccessExemption], items: Iterable[case_pb2.AccessItem]
    ) -> None:
        """Offers the exemptions of the laws under which these items are held, and no others."""
        regimes = {each.regime for each in items}
        for field, regime in ((self.law_enforcement, "LAW_ENFORCEMENT"), (self.general, "GENERAL")):
            rows = [each for each in rules.values() if each.regime == regime and regime in regimes]
            field.choices = [(each.code, each.says[:1].upper() + each.says[1:]) for each in rows]
            if not rows:
                field.validators = []
                field.validate_choice = False

    def check(self, items: Iterable[case_pb2.AccessItem]) -> bool:
        """Whether a decision to withhold has what it needs; what is missing stands on the form."""
        if self.disposition.data != "WITHHOLD":
            return True
        regimes = {each.regime for each in items}
        needed: list[tuple[Any, str]] = [
            (self._of(regime), "Choose the exemption") for regime in sorted(regimes, reverse=True)
        ]
        needed.append((self.reason, "Enter why the exemption applies"))
        for field, problem in needed:
            if not field.data:
                field.errors = [problem]
        return not self.errors

    def write(self, item: case_pb2.AccessItem) -> pb2.ItemDecision:
        """The decision of one item."""
        made = pb2.ItemDecision(
            item_id=item.item_id,
            disposition=documents.AccessDisposition.Value(f"ACCESS_DISPOSITION_{self.disposition.data}"),
        )
        if self.disposition.data == "WITHHOLD":
            made.exemption, made.reason = self._of(item.regime).data or "", self.reason.data or ""
            made.tell = documents.AccessTell.Value(f"ACCESS_TELL_{self.tell.data or 'UNSPECIFIED'}")
            if (until := write_day(self.until.data)) is not None:
                made.until.CopyFrom(until)
        self._add_weighed(made)
        return made

    def _of(self, regime: str) -> RadioField:
        return self.law_enforcement if regime == "LAW_ENFORCEMENT" else self.general

    def _add_weighed(self, made: pb2.ItemDecision) -> None:
        if self.harm.data:
            made.serious_harm.met = self.harm.data == "yes"
            made.serious_harm.opinion_of = self.harm_of.data or ""
            made.serious_harm.reason = self.harm_reason.data or " "
            if (on := write_day(self.harm_on.data)) is not None:
                made.serious_harm.opinion_on.CopyFrom(on)
        if self.consent.data:
            made.third_party.consent = review.ThirdPartyConsent.Value(
                f"THIRD_PARTY_CONSENT_{self.consent.data}"
            )
            made.third_party.reasonable = self.reasonable.data == "yes"
            made.third_party.reason = self.balance.data or " "


@BLUEPRINT.route("/<case_id>/decide/<key>", methods=["GET", "POST"])
def decide_items(case_id: str, key: str) -> Page:
    """Decides the items that were chosen."""
    chosen = kept(key)
    rules, listed = load_items(case_id, chosen["items"])
    items, form = list(listed.items), Choice()
    form.offer(rules, items)
    if form.validate_on_submit() and form.check(items):
        wanted = pb2.DecideItemsRequest(case_id=case_id, decisions=[form.write(each) for each in items])
        if attempt(form, lambda: ask().DecideItems(wanted)):
            done = f"{count_of(len(items), 'item')} decided."
            return go("show_review", done.capitalize(), case_id=case_id, **_filled(chosen["back"]))
    return show(
        "decide", form, case_id=case_id, chosen=items, rules=rules, back_to=chosen["back"], **_needs(items)
    )


def _needs(items: Iterable[case_pb2.AccessItem]) -> dict[str, bool]:
    """What the law wants weighed for any of these items."""
    items = list(items)
    return {
        "asks_harm": any(each.regime == "GENERAL" for each in items),
        "asks_balance": any(not each.category.startswith(_SUBJECT) for each in items),
    }


def _filled(filters: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in filters.items() if value}
