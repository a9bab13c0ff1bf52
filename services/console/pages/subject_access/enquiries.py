"""Enquiries of other organisations: they answer a request, and ask this one about what it owns."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from flask import request
from publicprotection.exchange.v1 import subject_access_case_pb2 as case_pb2
from publicprotection.exchange.v1 import subject_access_documents_pb2 as documents
from publicprotection.exchange.v1 import subject_access_review_pb2 as review
from publicprotection.exchange.v1 import subject_access_service_pb2 as pb2

from services.console.calls import together
from services.console.pages.subject_access import fields, words
from services.console.pages.subject_access.base import BLUEPRINT, Page, ask, attempt, go, show

_PROPOSED: Final = "PROPOSED"


@dataclass
class Row:
    """An item of an enquiry, and what was chosen for it.

    Attributes:
        number: of its fields in the form, from 1.
        is_proposed: whether the rules propose what becomes of it.
        problem: what is missing.
    """

    number: int
    item: case_pb2.AccessItem
    is_proposed: bool
    disposition: str = ""
    exemption: str = ""
    reason: str = field(default="", repr=False)
    tell: str = ""
    problem: str = ""

    def write(self) -> documents.AccessDecision:
        """The decision."""
        made = documents.AccessDecision(
            path=self.item.path,
            disposition=documents.AccessDisposition.Value(f"ACCESS_DISPOSITION_{self.disposition}"),
        )
        if self.disposition == "WITHHOLD":
            made.exemption, made.reason = self.exemption, self.reason
            made.tell = documents.AccessTell.Value(f"ACCESS_TELL_{self.tell or 'UNSPECIFIED'}")
        return made


@BLUEPRINT.get("/enquiries")
def show_enquiries() -> Page:
    """Enquiries that wait for an answer, oldest first; the answered ones if asked for."""
    answered = request.args.get("show") == "answered"
    listed = ask().ListAccessEnquiries(pb2.ListAccessEnquiriesRequest(include_answered=answered)).enquiries
    return show(
        "enquiries", enquiries=[each for each in listed if each.answered == answered], answered=answered
    )


@BLUEPRINT.route("/enquiries/<enquiry_id>", methods=["GET", "POST"])
def show_enquiry(enquiry_id: str) -> Page:
    """One enquiry; item by item, what its owner says."""
    service, form = ask(), fields.Sheet()
    found, rules = together(
        service.GetAccessEnquiry.future(pb2.GetAccessEnquiryRequest(enquiry_id=enquiry_id)),
        service.GetAccessRules.future(review.GetAccessRulesRequest()),
    )
    rows = list(_read(found.items))
    if form.validate_on_submit() and _check(form, rows):
        decisions = [row.write() for row in rows if row.disposition != _PROPOSED]
        wanted = pb2.AnswerAccessEnquiryRequest(enquiry_id=enquiry_id, decisions=decisions)
        if attempt(form, lambda: ask().AnswerAccessEnquiry(wanted)):
            return go("show_enquiries", "Your answer is sealed and will be sent.")
    exemptions = [each for each in rules.exemptions if each.regime == found.summary.regime]
    return show("enquiry", form, enquiry=found.summary, rows=rows, exemptions=exemptions)


def _read(items: Iterable[case_pb2.AccessItem]) -> Iterator[Row]:
    """Each item with what the form says of it; before anything is sent, what is proposed."""
    sent = request.form
    for number, item in enumerate(items, start=1):
        is_proposed = item.HasField("proposed")
        yield Row(
            number,
            item,
            is_proposed,
            disposition=sent.get(f"disposition-{number}", _PROPOSED if is_proposed else ""),
            exemption=sent.get(f"exemption-{number}", ""),
            reason=sent.get(f"reason-{number}", "")[:2000],
            tell=sent.get(f"tell-{number}", ""),
        )


def _check(form: fields.Sheet, rows: Iterable[Row]) -> bool:
    """Whether each item has what it needs; what is missing stands beside it, and above the page."""
    for row in rows:
        row.problem = _problem(row)
        if row.problem:
            form.form_errors = [*form.form_errors, f"{row.item.label}: {row.problem}"]
    return not form.form_errors


def _problem(row: Row) -> str:
    allowed = {"GIVE", "WITHHOLD"} | ({_PROPOSED} if row.is_proposed else set())
    if row.disposition not in allowed:
        return "Choose whether it may be given"
    if row.disposition != "WITHHOLD":
        return ""
    if not row.exemption:
        return "Choose the exemption"
    if row.tell not in {"", *words.TELLS}:
        return "Choose how much the person is told"
    return "" if row.reason.strip() else "Enter why the exemption applies"
