"""Search: one box on every page, for ids, paragraphs, numbers and for where things are."""

from typing import Final

from flask import Blueprint, redirect, render_template, request, url_for
from publicprotection.oversight.v1 import register_service_pb2 as register
from publicprotection.oversight.v1.register_service_pb2_grpc import RegisterServiceStub
from werkzeug.wrappers import Response

from services.console.areas import Area, list_areas
from services.console.calls import answer_or, at_gateway
from services.console.errors import InvalidError, NotFoundError, RefusedError
from services.console.pages.rulebook.searching import PARAGRAPH, question_of
from services.console.pages.search.recognising import LONGEST, Kind, Typed, recognise
from services.console.session import has_role, keep, kept, person
from services.kit.access.actor import Role

BLUEPRINT: Final = Blueprint("search", __name__, url_prefix="/search")


@BLUEPRINT.get("/")
def show_search() -> str:
    """What can be looked for, and how."""
    return render_template("pages/search/search.html", typed=None)


@BLUEPRINT.post("/")
def search() -> Response:
    """Takes what was typed; it may be somebody's name, so it goes into no address."""
    return redirect(url_for("search.show_results", key=keep(request.form.get("wanted", "")[:LONGEST])), 303)


@BLUEPRINT.get("/<key>")
def show_results(key: str) -> Response | str:
    """What was found."""
    typed = recognise(str(kept(key)))
    if typed.kind is Kind.RULE:
        return redirect(_place_of_rule(typed.text), 303)
    is_coordinator = has_role(Role.MAPPA_COORDINATOR)
    return render_template(
        "pages/search/search.html",
        typed=typed,
        kinds=Kind,
        exchange=_find_exchange(typed),
        about=_find_subject(typed) if is_coordinator else False,
        areas=_find_areas(typed),
        is_coordinator=is_coordinator,
        reads_log=has_role(Role.MAPPA_COORDINATOR, Role.DATA_PROTECTION_OFFICER),
    )


def _place_of_rule(text: str) -> str:
    """A clause of an agreement stands in its agreement; anything else is looked for in the rulebook."""
    if "/" in text:
        return url_for("rulebook.show_entry", entry_id=text)
    is_paragraph = PARAGRAPH.fullmatch(text) is not None
    asked = {"paragraph": text, "text": ""} if is_paragraph else {"paragraph": "", "text": text}
    return url_for("rulebook.show_list", **question_of(asked))


def _find_exchange(typed: Typed) -> register.RegisteredExchange | None:
    if typed.kind is not Kind.ID:
        return None
    asked = register.GetExchangeRequest(exchange_id=typed.text)
    pending = at_gateway(RegisterServiceStub).GetExchange.future(asked)
    found = answer_or(pending, register.GetExchangeResponse(), NotFoundError, RefusedError, InvalidError)
    return found.exchange if found.HasField("exchange") else None


def _find_subject(typed: Typed) -> bool:
    """Whether anything was exchanged about a subject of this id."""
    if typed.kind is not Kind.ID:
        return False
    asked = register.ListExchangesRequest(
        filter=register.RegisterFilter(subject=typed.text), page_size=1, in_short=True
    )
    pending = at_gateway(RegisterServiceStub).ListExchanges.future(asked)
    return bool(answer_or(pending, register.ListExchangesResponse(), RefusedError, InvalidError).exchanges)


def _find_areas(typed: Typed) -> list[Area]:
    """Areas whose title or description has all the words."""
    words = typed.text.lower().split()
    shown = list_areas(person())
    return [
        area
        for area in shown
        if words and all(word in f"{area.title} {area.about}".lower() for word in words)
    ]
