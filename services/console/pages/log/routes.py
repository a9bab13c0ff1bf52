"""The disclosure log: what for, search, and one record with its proof in front of you."""

import json
from typing import Any, Final

from flask import Blueprint, redirect, render_template, request, url_for
from publicprotection.oversight.v1.disclosure_log_service_pb2 import (
    GetRecordRequest,
    ListRecordsRequest,
    SubjectReference,
)
from publicprotection.oversight.v1.disclosure_log_service_pb2_grpc import DisclosureLogServiceStub
from werkzeug.wrappers import Response

from services.console.calls import at_gateway
from services.console.errors import NotFoundError
from services.console.evidence import evidence
from services.console.pages.log.entries import read_members
from services.console.pages.log.forms import FilterForm, IdentifierForm, WorkForm
from services.console.pages.log.proving import prove
from services.console.pages.log.records import meaning_of, row_of, sections_of, title_of
from services.console.pages.log.work import PURPOSES, Work, begin_work, end_work, find_work, for_a_purpose
from services.console.paging import LAST_POSITION, cursor, page_on
from services.console.session import has_role, keep, kept, person
from services.kit.access.actor import Role

BLUEPRINT: Final = Blueprint("log", __name__, url_prefix="/log")
PAGE: Final = 25
Page = str | tuple[str, int] | Response


@BLUEPRINT.route("/purpose", methods=["GET", "POST"])
def ask() -> Page:
    """Asks what the log is read for, and goes on to the page that was asked for."""
    form = WorkForm(data=_remembered())
    if form.validate_on_submit():
        begin_work(form.work())
        return redirect(_where_to(request.args.get("then", "")), 303)
    purposes = [{"hint": {"text": said[1]}} for said in PURPOSES.values()]
    page = render_template("pages/log/purpose.html", form=form, purposes=purposes, work=find_work())
    return page, 422 if form.errors else 200


@BLUEPRINT.post("/end")
def end() -> Response:
    """Ends the piece of work: what is opened next asks again."""
    end_work()
    return redirect(url_for("home.show_home"), 303)


@BLUEPRINT.get("/")
@for_a_purpose
def show_log(work: Work) -> Page:
    """The newest records that meet the conditions."""
    form, people = FilterForm(formdata=request.args), IdentifierForm(formdata=None)
    about = request.args.get("about", "")
    if not form.validate():
        return _list_page(work, form, people, rows=None), 422
    records = _list_records(work, form.conditions(), about)
    more = str(records[-1].index) if len(records) == PAGE else ""
    return _list_page(work, form, people, rows=[row_of(each) for each in records], more=more)


@BLUEPRINT.post("/people")
@for_a_purpose
def find_person(work: Work) -> Page:
    """Keeps an identifier out of addresses, and lists the records about whoever has it."""
    form = IdentifierForm()
    if not form.validate():
        return _list_page(work, FilterForm(formdata=None), form, rows=None), 422
    return redirect(url_for("log.show_log", about=keep(form.reference())), 303)


@BLUEPRINT.get(f"/records/<int(max={LAST_POSITION}):index>")
@for_a_purpose
def show_record(work: Work, index: int) -> str:
    """One record, and what proves it."""
    return _record_page(work, GetRecordRequest(index=index, **_wanted(work)))


@BLUEPRINT.get("/records/by-hash/<string(length=64):record_hash>")
@for_a_purpose
def show_record_by_hash(work: Work, record_hash: str) -> str:
    """The same, by the hash that statements and outcomes quote."""
    if not set(record_hash) <= set("0123456789abcdef"):
        raise NotFoundError
    return _record_page(work, GetRecordRequest(record_hash=record_hash, **_wanted(work)))


def _record_page(work: Work, asked: GetRecordRequest) -> str:
    answer = at_gateway(DisclosureLogServiceStub).GetRecord(asked)
    known = evidence()
    record, kind = answer.record, read_members(answer.record).get("type", "")
    return render_template(
        "pages/log/record.html",
        work=work,
        record=record,
        title=title_of(kind) if kind else "Record deleted at the end of its time",
        meaning=meaning_of(kind),
        sections=sections_of(record, {each.member: each for each in answer.texts}),
        entry=json.dumps(read_members(record), indent=2, ensure_ascii=False),
        answer=answer,
        panel=prove(answer, known.open_directory, known.now()),
        may_open=_may_open(),
        opened=asked.with_texts,
    )


def _wanted(work: Work) -> dict[str, Any]:
    return {**work.asked(), "with_texts": _may_open() and request.args.get("names") == "1"}


def _may_open() -> bool:
    return has_role(Role.MAPPA_COORDINATOR)


def _list_records(work: Work, conditions: dict[str, Any], about: str) -> Any:
    at = cursor()
    asked = ListRecordsRequest(page_size=PAGE, newest_first=True, **work.asked(), **conditions)
    if at.isdecimal():
        asked.before_index = int(at)
    if about:
        asked.subject.CopyFrom(_reference(about))
    elif subject := request.args.get("subject", "")[:64]:
        asked.subject.subject = subject
    return at_gateway(DisclosureLogServiceStub).ListRecords(asked).records


def _reference(key: str) -> SubjectReference:
    found = kept(key)
    if not isinstance(found, SubjectReference):
        raise NotFoundError
    return found


def _list_page(work: Work, form: FilterForm, people: IdentifierForm, *, rows: Any, more: str = "") -> str:
    about = request.args.get("about", "")
    return render_template(
        "pages/log/list.html",
        work=work,
        form=form,
        people=people,
        rows=rows,
        links=page_on(more),
        about=about,
        subject=request.args.get("subject", ""),
        narrowed=any(
            request.args.get(name) for name in ("exchange", "organisation", "kind", "since", "until")
        ),
        own=None if has_role(Role.MAPPA_COORDINATOR, Role.AUDITOR) else person().organisation,
    )


def _remembered() -> dict[str, str]:
    work = find_work()
    return {} if work is None else {"purpose": str(int(work.purpose)), "reason": work.reason}


def _where_to(key: str) -> str:
    """Back to the page that asked, which this session kept; to the search if it is not there any more."""
    try:
        found = kept(key)
    except NotFoundError:
        found = None
    return found if isinstance(found, str) and found.startswith("/") else url_for("log.show_log")
