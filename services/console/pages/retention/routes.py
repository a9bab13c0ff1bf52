"""Legal holds, what is due to be destroyed, and erasure."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from google.protobuf.timestamp_pb2 import Timestamp
from publicprotection.oversight.v1.retention_service_pb2 import (
    Erased,
    EraseExchangeRequest,
    EraseSubjectRequest,
    LiftLegalHoldRequest,
    ListDueRequest,
    ListLegalHoldsRequest,
    Obstacle,
    PlaceLegalHoldRequest,
    PlanErasureRequest,
    PlanErasureResponse,
)
from publicprotection.oversight.v1.retention_service_pb2_grpc import RetentionServiceStub
from publicprotection.oversight.v1.subject_service_pb2 import Acting
from werkzeug.wrappers import Response

from services.console.calls import at_gateway
from services.console.errors import NotFoundError, PreconditionError
from services.console.evidence import evidence
from services.console.pages.log.work import Work, for_a_purpose
from services.console.pages.retention.forms import EraseForm, LiftForm, PlaceForm, PlanForm
from services.console.paging import cursor, page_on
from services.console.session import keep, kept

BLUEPRINT: Final = Blueprint("retention", __name__, url_prefix="/retention")
PAGE: Final = 25
AHEAD: Final = {"0": "Now", "30": "In the next 30 days", "365": "In the next year"}
"""How far what is due is listed, in days."""
Page = str | tuple[str, int] | Response


@dataclass(frozen=True, slots=True)
class Planned:
    """An erasure that somebody looks at: of what, and on whose word it was asked for."""

    item: dict[str, str]
    authority: str
    reason: str


@BLUEPRINT.get("/")
@for_a_purpose
def show_holds(work: Work) -> str:
    """Legal holds in force."""
    listed = (
        at_gateway(RetentionServiceStub).ListLegalHolds(ListLegalHoldsRequest(**work.asked())).legal_holds
    )
    return render_template("pages/retention/holds.html", work=work, holds=listed)


@BLUEPRINT.get("/due")
@for_a_purpose
def show_due(work: Work) -> str:
    """What will be destroyed, or waits for somebody's review."""
    days = request.args.get("within", "0")
    days = days if days in AHEAD else "0"
    asked = ListDueRequest(page_size=PAGE, after_exchange=cursor()[:64], **work.asked())
    asked.until.CopyFrom(_stamp(evidence().now() + timedelta(days=int(days))))
    found = at_gateway(RetentionServiceStub).ListDue(asked).due
    exchanges = [each for each in found if each.exchange_id]
    more = exchanges[-1].exchange_id if len(exchanges) >= PAGE else ""
    return render_template(
        "pages/retention/due.html", work=work, due=found, within=days, ahead=AHEAD, links=page_on(more)
    )


@BLUEPRINT.route("/place", methods=["GET", "POST"])
def place() -> Page:
    """Places a legal hold."""
    form = PlaceForm(data=_item_asked())
    if not form.validate_on_submit():
        return render_template("pages/retention/place.html", form=form), 422 if form.errors else 200
    asked = PlaceLegalHoldRequest(acting=Acting(reason=form.words()), **form.item())
    try:
        at_gateway(RetentionServiceStub).PlaceLegalHold(asked)
    except NotFoundError:
        _unknown(form)
        return render_template("pages/retention/place.html", form=form), 422
    flash("The legal hold is in force. Nothing that it covers is destroyed until it is lifted.", "success")
    return redirect(url_for("retention.show_holds"), 303)


@BLUEPRINT.route("/holds/<string:legal_hold_id>/lift", methods=["GET", "POST"])
@for_a_purpose
def lift(work: Work, legal_hold_id: str) -> Page:
    """Lifts a legal hold."""
    form = LiftForm()
    if not form.validate_on_submit():
        listed = at_gateway(RetentionServiceStub).ListLegalHolds(ListLegalHoldsRequest(**work.asked()))
        hold = next((each for each in listed.legal_holds if each.legal_hold_id == legal_hold_id), None)
        if hold is None:
            raise NotFoundError
        return render_template("pages/retention/lift.html", form=form, hold=hold), 422 if form.errors else 200
    acting = Acting(reason=form.words())
    try:
        at_gateway(RetentionServiceStub).LiftLegalHold(
            LiftLegalHoldRequest(acting=acting, legal_hold_id=legal_hold_id)
        )
    except PreconditionError:
        flash("Somebody lifted this legal hold before.")
        return redirect(url_for("retention.show_holds"), 303)
    flash("The legal hold is lifted. What is past its time is destroyed with the next daily run.", "success")
    return redirect(url_for("retention.show_holds"), 303)


@BLUEPRINT.route("/erase", methods=["GET", "POST"])
@for_a_purpose
def plan(_work: Work) -> Page:
    """Asks what is to be erased, and on whose word."""
    form = PlanForm(data=_item_asked())
    if not form.validate_on_submit():
        return render_template("pages/retention/plan.html", form=form), 422 if form.errors else 200
    planned = Planned(form.item(), (form.authority.data or "").strip(), (form.reason.data or "").strip())
    return redirect(url_for("retention.confirm", key=keep(planned)), 303)


@BLUEPRINT.route("/erase/<string:key>", methods=["GET", "POST"])
@for_a_purpose
def confirm(work: Work, key: str) -> Page:
    """Says what cannot be undone and who must be told; then erases."""
    planned = _planned(key)
    form = EraseForm(data={"authority": planned.authority, "reason": planned.reason})
    if not form.validate_on_submit():
        found = _plan(work, planned)
        return _confirm_page(planned, form, found), 422 if form.errors else 200
    erased, obstacles = _erase(planned, form)
    if erased is None:
        found = PlanErasureResponse(obstacles=obstacles)
        form.form_errors.append("Nothing was erased: something stands in the way.")
        return _confirm_page(planned, form, found), 409
    return redirect(url_for("retention.show_erased", key=keep(erased)), 303)


@BLUEPRINT.get("/erased/<string:key>")
def show_erased(key: str) -> str:
    """What was destroyed, and who must be told now."""
    erased = kept(key)
    if not isinstance(erased, Erased):
        raise NotFoundError
    return render_template("pages/retention/erased.html", erased=erased)


def _plan(work: Work, planned: Planned) -> PlanErasureResponse:
    asked = PlanErasureRequest(**work.asked())
    asked.MergeFrom(PlanErasureRequest(**planned.item))  # type: ignore[arg-type]  # its one of two ids
    return at_gateway(RetentionServiceStub).PlanErasure(asked)


def _erase(planned: Planned, form: EraseForm) -> tuple[Erased | None, list[Obstacle]]:
    stub, acting = at_gateway(RetentionServiceStub), Acting(reason=form.words())
    done: Any
    if "exchange_id" in planned.item:
        done = stub.EraseExchange(
            EraseExchangeRequest(acting=acting, recall=form.recall.data, **planned.item)
        )
    else:
        done = stub.EraseSubject(EraseSubjectRequest(acting=acting, recall=form.recall.data, **planned.item))
    return (done.erased if done.HasField("erased") else None), list(done.obstacles)


def _confirm_page(planned: Planned, form: EraseForm, found: PlanErasureResponse) -> str:
    stopped = [each for each in found.obstacles if each.legal_hold_id]
    waiting = [each for each in found.obstacles if not each.legal_hold_id]
    return render_template(
        "pages/retention/confirm.html",
        planned=planned,
        form=form,
        found=found,
        stopped=stopped,
        waiting=waiting,
    )


def _planned(key: str) -> Planned:
    found = kept(key)
    if not isinstance(found, Planned):
        raise NotFoundError
    return found


def _item_asked() -> dict[str, str]:
    """What another page wants held or erased: made-up ids."""
    for name in ("exchange", "subject"):
        if found := request.args.get(name, "")[:64]:
            return {name: found}
    return {}


def _unknown(form: PlaceForm) -> None:
    field = form.exchange if form.exchange.data else form.subject
    field.errors = [*field.errors, "There is nothing by this id in your area"]


def _stamp(at: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(at.astimezone(UTC))
    return stamp
