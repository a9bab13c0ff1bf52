"""The queue of requests with their clocks, those that were answered, and the letter that opens one."""

from datetime import date

from flask import request
from publicprotection.common.v1 import person_pb2
from publicprotection.exchange.v1 import subject_access_case_pb2 as case_pb2
from publicprotection.exchange.v1 import subject_access_service_pb2 as pb2
from publicprotection.exchange.v1 import subject_access_terms_pb2 as terms_pb2

from services.console.calls import together
from services.console.pages.subject_access import fields, words
from services.console.pages.subject_access.base import (
    BLUEPRINT,
    Page,
    ask,
    attempt,
    go,
    read_day,
    show,
    write_day,
)
from services.console.paging import cursor, page_on
from services.kit.identifiers import new_id
from services.kit.words import enum_words

_PAGE = 25
_SOON_DAYS = 7
_SYSTEMS = person_pb2.IdentifierSystem


@BLUEPRINT.get("/")
def show_queue() -> Page:
    """Requests that are not answered: overdue first, then by the last day for the answer."""
    service = ask()
    listed, enquiries = together(
        service.ListCases.future(pb2.ListCasesRequest()),
        service.ListAccessEnquiries.future(pb2.ListAccessEnquiriesRequest()),
    )
    cases = sorted(listed.cases, key=_urgency)
    return show(
        "queue",
        cases=cases,
        enquiries=len(enquiries.enquiries),
        overdue=sum(each.clock.overdue for each in cases),
        soon=sum(_is_soon(each) for each in cases),
        reminded=sum(bool(each.clock.reminders_due) and not each.clock.overdue for each in cases),
        waiting=sum(each.clock.stands_still for each in cases),
    )


@BLUEPRINT.get("/answered")
def show_answered() -> Page:
    """Requests whose answer was sent, newest first."""
    wanted = pb2.ListCasesRequest(only_issued=True, page_size=_PAGE, page_token=cursor())
    listed = ask().ListCases(wanted)
    return show("answered", cases=listed.cases, links=page_on(listed.next_page_token))


class Letter(fields.Sheet):
    """A request as it came."""

    requester = fields.radios("Who asks?", words.REQUESTERS, "Choose who asks")
    called = fields.radios("What did they call it?", words.CALLED, "Choose what they called it")
    words = fields.area("The request in its own words", "Enter what the request says", most=10_000)
    given = fields.text("Given names", "Enter the given names of the person")
    family = fields.text("Family name", "Enter the family name of the person")
    born = fields.day("Date of birth", hint="For example, 27 3 1987. Leave it empty if you do not know it.")
    system = fields.select("Kind of number", hint="A number finds the person where a name would not.")
    number = fields.text("Number", most=64)
    representative = fields.text(
        "Name of whoever speaks for them", hint="Only if it is not the person who asks."
    )
    received_on = fields.day(
        "When did your organisation receive it?", "Enter the day on which it was received"
    )
    reply_to = fields.area(
        "Where is the answer to go?", "Enter where the answer is to go", "One line each, eight at most.", 960
    )


@BLUEPRINT.route("/new", methods=["GET", "POST"])
def open_case() -> Page:
    """Opens a case for a letter."""
    form = Letter()
    form.system.choices = [("", "None"), *_systems()]
    if form.validate_on_submit():
        opened: list[str] = []
        wanted = _write(form)
        if attempt(form, lambda: opened.append(ask().OpenCase(wanted).summary.case_id)):
            return go("show_case", "The request is recorded.", case_id=opened[0])
    return show("new", form, request_id=request.form.get("request_id") or new_id())


def _write(form: Letter) -> pb2.OpenCaseRequest:
    subject = person_pb2.PersonIdentity(
        name=person_pb2.PersonName(given=form.given.data, family=form.family.data),
        date_of_birth=write_day(form.born.data),
    )
    if form.system.data and form.number.data:
        subject.identifiers.add(system=_SYSTEMS.Value(form.system.data), value=form.number.data.strip())
    return pb2.OpenCaseRequest(
        request_id=request.form.get("request_id", "")[:64] or new_id(),
        requester=terms_pb2.AccessRequester.Value(f"ACCESS_REQUESTER_{form.requester.data}"),
        called=terms_pb2.AccessCalled.Value(f"ACCESS_CALLED_{form.called.data}"),
        words=form.words.data or "",
        subject=subject,
        representative=form.representative.data or "",
        received_on=write_day(form.received_on.data),
        reply_to=[line.strip() for line in (form.reply_to.data or "").splitlines() if line.strip()],
    )


def _systems() -> list[tuple[str, str]]:
    values = _SYSTEMS.DESCRIPTOR.values
    return [(each.name, enum_words(_SYSTEMS.DESCRIPTOR, each.number)) for each in values if each.number]


def _urgency(case: case_pb2.AccessCaseSummary) -> tuple[bool, date, date]:
    """Overdue and soonest first; those whose time stands still last, oldest first."""
    due = read_day(case.clock.due_on) if case.clock.HasField("due_on") else date.max
    return case.clock.stands_still, due, read_day(case.received_on)


def _is_soon(case: case_pb2.AccessCaseSummary) -> bool:
    clock = case.clock
    return clock.HasField("due_on") and not clock.overdue and clock.days_left <= _SOON_DAYS
