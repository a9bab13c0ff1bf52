"""The clocks board: what is due, overdue, escalated or confirmed by nobody, and what was done about it."""

from datetime import UTC, datetime, timedelta
from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from google.protobuf.timestamp_pb2 import Timestamp
from publicprotection.common.v1.organisation_pb2 import DeskReference
from publicprotection.exchange.v1 import clock_service_pb2 as told
from publicprotection.exchange.v1.clock_service_pb2_grpc import ClockServiceStub as ToldStub
from publicprotection.oversight.v1.clock_service_pb2 import (
    Clock,
    CountClocksRequest,
    ListClocksRequest,
    ListClocksResponse,
)
from publicprotection.oversight.v1.clock_service_pb2_grpc import ClockServiceStub
from werkzeug.wrappers import Response

from services.console.calls import Pending, answer_or, at_agency, at_gateway, together
from services.console.errors import (
    BusyError,
    InvalidError,
    NotFoundError,
    PreconditionError,
    RefusedError,
    UnavailableError,
)
from services.console.form_fields import said
from services.console.links import story_of
from services.console.pages.clocks.asking import ALL_STATES, ask_for, is_confirmer, list_unconfirmed
from services.console.pages.clocks.forms import CompletionForm, TelephoneForm
from services.console.pages.clocks.views import (
    VIEWS,
    ClockFigures,
    View,
    is_live,
    state_words,
    title_of,
    view_of,
)
from services.console.paging import cursor, page_on
from services.console.session import person
from services.console.telephones import telephones_of

BLUEPRINT: Final = Blueprint("clocks", __name__, url_prefix="/clocks")
SOON: Final = timedelta(days=2)
Page = str | Response | tuple[str, int]

BLUEPRINT.add_app_template_filter(state_words, "clock_state")
BLUEPRINT.add_app_template_filter(title_of, "clock_title")


@BLUEPRINT.get("/")
def show_board() -> Page:
    """What is due, those longest overdue first; with counts by agency and by limit."""
    view, now = view_of(request.args.get("view", "")), datetime.now(UTC)
    soon = _stamp(now + SOON)
    clocks = at_gateway(ClockServiceStub)
    wanted = ask_for(view, soon, cursor(), request.args.get("agency", ""), request.args.get("limit", ""))
    unconfirmed = list_unconfirmed()
    listed, counted = together(
        clocks.ListClocks.future(wanted), clocks.CountClocks.future(CountClocksRequest(due_before=soon))
    )
    return render_template(
        "pages/clocks/board.html",
        clocks=listed.clocks,
        figures=ClockFigures(tuple(counted.counts)),
        view=view,
        views=[(each.value, words) for each, words in VIEWS.items()],
        has_ended=view in {View.LATE, View.MET},
        unconfirmed=_count_unconfirmed(unconfirmed),
        links=page_on(listed.next_cursor),
        wanted=request.args,
    )


@BLUEPRINT.get("/<clock_id>")
def show_clock(clock_id: str) -> Page:
    """One time limit: who owes what by when, and what can be done about it here."""
    clock, can_complete = _find(clock_id)
    notice = clock.clock
    own = notice.responsible == person().organisation
    return render_template(
        "pages/clocks/clock.html",
        clock=clock,
        is_live=is_live(notice),
        is_own=own,
        can_complete=can_complete,
        story=story_of(clock.matter) if clock.document_type else "",
        telephones=[] if own or not is_live(notice) else telephones_of(notice.responsible),
    )


@BLUEPRINT.route("/<clock_id>/complete", methods=["GET", "POST"])
def complete(clock_id: str) -> Page:
    """Says that what a time limit waits for was done outside the gateway."""
    clock, can_complete = _find(clock_id)
    if not is_live(clock.clock):
        flash("This time limit has ended. Nothing more was sent.")
        return redirect(url_for("clocks.show_clock", clock_id=clock_id), 303)
    if not can_complete:
        raise NotFoundError
    form, error = CompletionForm(), None
    if form.validate_on_submit():
        done = told.CompleteClockRequest(
            clock_id=clock_id,
            request_id=said(form.request_id),
            reason=said(form.reason),
            evidence_reference=said(form.evidence),
        )
        try:
            at_agency(ToldStub).CompleteClock(done)
        except (InvalidError, PreconditionError, RefusedError) as refusal:
            error = refusal
        else:
            flash("What you said is on its way to the gateway, which then ends this time limit.", "success")
            return redirect(url_for("clocks.show_clock", clock_id=clock_id), 303)
    page = render_template("pages/clocks/complete.html", clock=clock, form=form, error=error)
    return _with_status(page, form.errors, error)


@BLUEPRINT.get("/not-confirmed")
def show_unconfirmed() -> Page:
    """Immediate exchanges of the own organisation that nobody has confirmed: telephone."""
    pending = list_unconfirmed()
    if pending is None:
        raise RefusedError
    return render_template("pages/clocks/unconfirmed.html", confirmations=pending.result().confirmations)


@BLUEPRINT.route("/not-confirmed/<exchange_id>/<organisation>/<desk>", methods=["GET", "POST"])
def record_telephone(exchange_id: str, organisation: str, desk: str) -> Page:
    """Puts on record that a desk was told by telephone."""
    form, error = TelephoneForm(), None
    confirmation = _find_unconfirmed(exchange_id, organisation, desk)
    if confirmation is None:
        flash("It was confirmed before, or a call is on record. Nothing more was recorded.")
        return redirect(url_for("clocks.show_unconfirmed"), 303)
    if form.validate_on_submit():
        call = told.RecordTelephoneDisclosureRequest(
            exchange_id=exchange_id,
            recipient=DeskReference(organisation=organisation, desk=desk),
            request_id=said(form.request_id),
            told_at=_stamp(form.told_at),
            person_told=said(form.person_told),
            told=said(form.told),
        )
        try:
            at_agency(ToldStub).RecordTelephoneDisclosure(call)
        except (InvalidError, PreconditionError, RefusedError) as refusal:
            error = refusal
        else:
            flash("The call is on record, and the warning has ended.", "success")
            return redirect(url_for("clocks.show_unconfirmed"), 303)
    page = render_template("pages/clocks/telephone.html", confirmation=confirmation, form=form, error=error)
    return _with_status(page, form.errors, error)


def _find(clock_id: str) -> tuple[Clock, bool]:
    """The clock, and whether whoever asks may say that it is done; both sides are asked at the same time."""
    wanted = ListClocksRequest(clock_id=clock_id, states=ALL_STATES)
    found = at_gateway(ClockServiceStub).ListClocks.future(wanted)
    known = at_agency(ToldStub).ListClocks.future(told.ListClocksRequest(clock_id=clock_id))
    clocks = answer_or(found, ListClocksResponse(), RefusedError).clocks
    if not clocks:
        raise NotFoundError
    [clock] = clocks
    is_owed_here = clock.clock.responsible == person().organisation and not clock.clock.hold_id
    is_told = bool(answer_or(known, told.ListClocksResponse(), RefusedError).clocks)
    return clock, is_owed_here and is_told and is_live(clock.clock) and is_confirmer()


def _count_unconfirmed(pending: Pending[told.ListUnconfirmedResponse] | None) -> int | None:
    """How many wait for a telephone call; None if the own service cannot say: the rest is the gateway's."""
    if pending is None:
        return 0
    found = answer_or(pending, None, UnavailableError, BusyError)
    return None if found is None else len(found.confirmations)


def _find_unconfirmed(exchange_id: str, organisation: str, desk: str) -> told.Confirmation | None:
    """Whose confirmation is waited for; None if it is no longer, NotFoundError for who is told of none."""
    pending = list_unconfirmed()
    if pending is None:
        raise NotFoundError
    found = pending.result().confirmations
    to = DeskReference(organisation=organisation, desk=desk)
    for each in found:
        if (each.exchange_id, each.recipient) == (exchange_id, to):
            return each
    return None


def _with_status(
    page: str, errors: object, error: InvalidError | PreconditionError | RefusedError | None
) -> Page:
    if error is not None:
        return page, error.status
    return (page, 422) if errors else page


def _stamp(at: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(at)
    return stamp
