"""What is held: the area's queue for co-ordinators; what the own organisation is asked, and its answers."""

from time import time
from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from publicprotection.exchange.v1.header_pb2 import Author
from publicprotection.exchange.v1.hold_service_pb2 import (
    DeclineHoldRequest,
    GrantHoldRequest,
    ListHoldsRequest,
    ListHoldsResponse,
)
from publicprotection.exchange.v1.hold_service_pb2_grpc import HoldServiceStub
from publicprotection.oversight.v1.hold_queue_service_pb2 import (
    HOLD_ORDER_ESCALATION,
    CountHeldRequest,
    GetHeldRequest,
    ListHeldRequest,
)
from publicprotection.oversight.v1.hold_queue_service_pb2_grpc import HoldQueueServiceStub
from werkzeug.wrappers import Response

from services.console.calls import answer_or, at_agency, at_gateway, together
from services.console.errors import InvalidError, NotFoundError, PreconditionError, RefusedError
from services.console.links import story_of
from services.console.pages.holds.counts import HoldFigures
from services.console.pages.holds.forms import AnswerForm, make_grant_form
from services.console.pages.holds.holding import HoldView, view_asked, view_queued
from services.console.paging import cursor, page_on
from services.console.session import has_role, person
from services.console.telephones import telephones_of
from services.kit.access.actor import Role

BLUEPRINT: Final = Blueprint("holds", __name__, url_prefix="/holds")
PAGE_SIZE: Final = 25
UNOWNED: Final = "nobody"
"""In the place of an owner: those that nobody could be asked for."""

_SENT: Final = (
    "Your answer is on its way to the gateway, which decides again. What it then permits follows by itself."
)
Page = str | Response | tuple[str, int]


@BLUEPRINT.get("/")
def show_queue() -> Page:
    """What waits in the area, those escalated first; others see what their organisation is asked."""
    if not has_role(Role.MAPPA_COORDINATOR):
        return redirect(url_for("holds.show_asked"), 303)
    queue = at_gateway(HoldQueueServiceStub)
    listed, counted = together(queue.ListHeld.future(_wanted()), queue.CountHeld.future(CountHeldRequest()))
    return render_template(
        "pages/holds/queue.html",
        holds=[view_queued(held) for held in listed.held],
        figures=HoldFigures(tuple(counted.counts), person().organisation),
        links=page_on(listed.next_cursor),
        wanted=request.args,
    )


@BLUEPRINT.get("/ours")
def show_asked() -> Page:
    """What the own organisation is asked and has not answered."""
    listed = at_agency(HoldServiceStub).ListHolds(ListHoldsRequest())
    holds = [view_asked(hold, now=int(time())) for hold in listed.holds]
    holds.sort(key=lambda hold: not hold.escalated)
    return render_template("pages/holds/asked.html", holds=holds)


@BLUEPRINT.get("/<hold_id>")
def show_hold(hold_id: str) -> Page:
    """One hold: what waits, for whom, what is missing, and who can be telephoned."""
    hold, asked = _find(hold_id)
    return render_template(
        "pages/holds/hold.html",
        hold=hold,
        story=story_of(hold.exchange_id),
        can_answer=asked is not None and asked.is_open and hold.is_open and not hold.fault_of(person()),
        is_own=hold.owner == person().organisation,
        fault=hold.fault_of(person()),
        owners=telephones_of(hold.owner),
        escalated_to=telephones_of(hold.escalates_to) if hold.escalates_to != hold.owner else [],
    )


@BLUEPRINT.route("/<hold_id>/grant", methods=["GET", "POST"])
def grant(hold_id: str) -> Page:
    """Says that what is waited for is there, with the evidence that the hold asks for."""
    hold = _find_asked(hold_id)
    if hold is None:
        return _show_settled(hold_id)
    form = make_grant_form(hold.requirement)
    if not form.validate_on_submit():
        return _show_form(hold, form, "grant")
    asked = GrantHoldRequest(
        hold_id=hold_id,
        request_id=form.request_id_given,
        author=_author(),
        reason=form.why,
        evidence=form.evidence(),
    )
    try:
        at_agency(HoldServiceStub).GrantHold(asked)
    except (InvalidError, PreconditionError, RefusedError) as error:
        return _show_form(hold, form, "grant", error)
    return _answered(hold_id)


@BLUEPRINT.route("/<hold_id>/decline", methods=["GET", "POST"])
def decline(hold_id: str) -> Page:
    """Says that it is not there, and will not be: what waits stays withheld."""
    hold = _find_asked(hold_id)
    if hold is None:
        return _show_settled(hold_id)
    form = AnswerForm()
    if not form.validate_on_submit():
        return _show_form(hold, form, "decline")
    asked = DeclineHoldRequest(
        hold_id=hold_id, request_id=form.request_id_given, author=_author(), reason=form.why
    )
    try:
        at_agency(HoldServiceStub).DeclineHold(asked)
    except (InvalidError, PreconditionError, RefusedError) as error:
        return _show_form(hold, form, "decline", error)
    return _answered(hold_id)


def _wanted() -> ListHeldRequest:
    owner = request.args.get("owner", "")
    return ListHeldRequest(
        order=HOLD_ORDER_ESCALATION,
        cursor=cursor(),
        page_size=PAGE_SIZE,
        owner="" if owner == UNOWNED else owner,
        only_unowned=owner == UNOWNED,
        prerequisite=request.args.get("waits_for", ""),
        document_type=request.args.get("document", ""),
        only_escalated=request.args.get("escalated", "") == "yes",
    )


def _find(hold_id: str) -> tuple[HoldView, HoldView | None]:
    """The hold, and as the own organisation was asked about it; both sides are asked at the same time."""
    own = at_agency(HoldServiceStub).ListHolds.future(ListHoldsRequest(hold_id=hold_id))
    queued = None
    if has_role(Role.MAPPA_COORDINATOR):
        found = at_gateway(HoldQueueServiceStub).GetHeld.future(GetHeldRequest(hold_id=hold_id))
        queued = answer_or(found, None, NotFoundError)
    holds = answer_or(own, ListHoldsResponse(), RefusedError).holds
    asked = view_asked(holds[0], now=int(time())) if holds else None
    hold = asked if queued is None else view_queued(queued.held)
    if hold is None:
        raise NotFoundError
    return hold, asked


def _find_asked(hold_id: str) -> HoldView | None:
    """A hold that waits for the own organisation; None if it was answered already."""
    hold, asked = _find(hold_id)
    if asked is None:
        raise NotFoundError
    return hold if asked.is_open and hold.is_open else None


def _show_settled(hold_id: str) -> Response:
    """Sent twice, or by two people: the first answer counts."""
    flash("It was answered before. Nothing more was sent.")
    return redirect(url_for("holds.show_hold", hold_id=hold_id), 303)


def _show_form(hold: HoldView, form: AnswerForm, what: str, error: Exception | None = None) -> Page:
    page = render_template(f"pages/holds/{what}.html", hold=hold, form=form, error=error)
    if error is not None:
        return page, getattr(error, "status", 422)
    return (page, 422) if form.errors else page


def _answered(hold_id: str) -> Response:
    flash(_SENT, "success")
    return redirect(url_for("holds.show_hold", hold_id=hold_id), 303)


def _author() -> Author:
    return Author(name=person().name, role=person().job)
