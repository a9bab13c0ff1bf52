"""Who read the log, who read what this organisation holds, and who was not let in."""

from typing import Any, Final

from flask import Blueprint, redirect, render_template, request, url_for
from publicprotection.exchange.v1.reading_service_pb2 import ListReadingsRequest, ListRefusalsRequest
from publicprotection.exchange.v1.reading_service_pb2_grpc import ReadingServiceStub
from publicprotection.oversight.v1.disclosure_log_service_pb2 import ListLogQueriesRequest, LogPurpose
from publicprotection.oversight.v1.disclosure_log_service_pb2_grpc import DisclosureLogServiceStub
from werkzeug.wrappers import Response

from services.console import words
from services.console.calls import at_agency, at_gateway
from services.console.errors import NotFoundError
from services.console.pages.log.work import PURPOSES, Work, for_a_purpose
from services.console.pages.readers.forms import PersonForm, QueryFilterForm, ReaderName, ReadingFilterForm
from services.console.paging import cursor, page_on
from services.console.session import has_role, keep, kept, person
from services.kit.access.actor import Role

BLUEPRINT: Final = Blueprint("readers", __name__, url_prefix="/readers")
PAGE: Final = 25
_ASKED: Final = {"SUBJECT_QUERY": "Subject register", "REGISTER_EXPORTED": "File of the exchange register"}
Page = str | tuple[str, int] | Response


@BLUEPRINT.get("/")
@for_a_purpose
def show_queries(work: Work) -> Page:
    """Who asked the log or the subject register."""
    form, who = QueryFilterForm(formdata=request.args), PersonForm(formdata=None)
    if not form.validate():
        return _queries_page(work, form, who, []), 422
    asked = ListLogQueriesRequest(page_size=PAGE, **work.asked(), **form.conditions())
    asked.person = _kept_name(request.args.get("who", ""))
    if (at := cursor()).isdecimal():
        asked.before_index = int(at)
    return _queries_page(work, form, who, at_gateway(DisclosureLogServiceStub).ListLogQueries(asked).queries)


@BLUEPRINT.post("/person")
@for_a_purpose
def find_reader(work: Work) -> Page:
    """Keeps a name out of addresses, and lists what whoever bears it asked."""
    who = PersonForm()
    if not who.validate():
        return _queries_page(work, QueryFilterForm(formdata=None), who, []), 422
    return redirect(url_for("readers.show_queries", who=keep(who.reader())), 303)


@BLUEPRINT.get("/deliveries")
def show_readings() -> Page:
    """Who read what was delivered to, or decided for, this organisation."""
    form = ReadingFilterForm(formdata=request.args)
    asked = ListReadingsRequest(newest_first=True, page_size=PAGE, before_position=_position())
    if form.validate():
        asked.exchange_id = (form.exchange.data or "").strip()
    found = at_agency(ReadingServiceStub).ListReadings(asked).readings if not form.errors else []
    page = render_template(
        "pages/readers/deliveries.html", form=form, readings=found, links=page_on(_next(found, "position"))
    )
    return page, 422 if form.errors else 200


@BLUEPRINT.get("/refused")
def show_refusals() -> str:
    """Who called this organisation's service and was not let in."""
    asked = ListRefusalsRequest(newest_first=True, page_size=PAGE, before_position=_position())
    found = at_agency(ReadingServiceStub).ListRefusals(asked).refusals
    return render_template(
        "pages/readers/refused.html", refusals=found, links=page_on(_next(found, "position"))
    )


@BLUEPRINT.context_processor
def _describe() -> dict[str, Any]:
    return {
        "sees_refusals": has_role(Role.DATA_PROTECTION_OFFICER),
        "sees_readings": has_role(Role.DATA_PROTECTION_OFFICER, Role.SUPERVISOR),
        "purposes": {_short(number): said[0] for number, said in PURPOSES.items()},
        "in_words": words.code,
        "asked_of": lambda kind: _ASKED.get(kind, "Log"),
    }


def _queries_page(work: Work, form: QueryFilterForm, who: PersonForm, found: Any) -> str:
    return render_template(
        "pages/readers/queries.html",
        work=work,
        form=form,
        who=who,
        queries=found,
        links=page_on(_next(found, "index")),
        by_name=bool(request.args.get("who")),
        own=None if has_role(Role.MAPPA_COORDINATOR) else person().organisation,
    )


def _kept_name(key: str) -> str:
    if not key:
        return ""
    found = kept(key)
    if not isinstance(found, ReaderName):
        raise NotFoundError
    return found.name


def _position() -> int:
    at = cursor()
    return int(at) if at.isdecimal() else 0


def _next(found: Any, place: str) -> str:
    return str(getattr(found[-1], place)) if len(found) == PAGE else ""


def _short(number: Any) -> str:
    return LogPurpose.Name(number).removeprefix("LOG_PURPOSE_")
