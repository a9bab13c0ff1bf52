"""Breach cases of the own organisation: the 72 hours, what is concerned, and what was done."""

from collections.abc import Iterator
from datetime import UTC, timedelta
from typing import Any, Final

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from publicprotection.oversight.v1.breach_service_pb2 import (
    Breach,
    BreachKind,
    ExportAffectedRequest,
    ExportAffectedResponse,
    FindAffectedRequest,
    GetBreachRequest,
    GetBreachResponse,
    ListBreachesRequest,
    NoteBreachStepRequest,
    OpenBreachRequest,
)
from publicprotection.oversight.v1.breach_service_pb2_grpc import BreachServiceStub
from werkzeug.wrappers import Response as AnyResponse

from services.console import words
from services.console.calls import at_gateway
from services.console.errors import InvalidError, PreconditionError
from services.console.evidence import evidence
from services.console.pages.breaches.forms import KINDS, SCOPES, ExportForm, FindForm, OpenForm, StepForm
from services.console.pages.proof.forms import choose

BLUEPRINT: Final = Blueprint("breaches", __name__, url_prefix="/breaches")
SOON: Final = timedelta(hours=12)
LONGEST_S: Final = 3600
Page = str | tuple[str, int] | AnyResponse


@BLUEPRINT.get("/")
def show_breaches() -> str:
    """Open cases, then closed ones, the newest first."""
    listed = at_gateway(BreachServiceStub).ListBreaches(ListBreachesRequest(include_closed=True)).breaches
    return render_template(
        "pages/breaches/list.html",
        open=[each for each in listed if not each.HasField("closed_at")],
        closed=[each for each in listed if each.HasField("closed_at")],
    )


@BLUEPRINT.route("/open", methods=["GET", "POST"])
def open_breach() -> Page:
    """Opens a case."""
    form = OpenForm()
    hints = [{"hint": {"text": said[1]}} if said[1] else {} for said in KINDS.values()]
    if not form.validate_on_submit():
        page = render_template("pages/breaches/open.html", form=form, hints=hints)
        return page, 422 if form.errors else 200
    asked = OpenBreachRequest(
        kind=BreachKind.ValueType(int(form.kind.data)), aware_at=form.moment(), reason=form.reason.data or ""
    )
    try:
        opened = at_gateway(BreachServiceStub).OpenBreach(asked).breach
    except InvalidError as error:
        form.form_errors.extend(found.advice for found in error.fields)
        return render_template("pages/breaches/open.html", form=form, hints=hints), 422
    flash("The case is open. Contain the breach first, and note each step.", "success")
    return redirect(url_for("breaches.show_breach", breach_id=opened.breach_id), 303)


@BLUEPRINT.get("/<string:breach_id>")
def show_breach(breach_id: str) -> str:
    """One case: its clock, duties, steps and exchanges."""
    found = _get(breach_id)
    return render_template("pages/breaches/show.html", breach=found.breach, found=found, story=_story(found))


@BLUEPRINT.route("/<string:breach_id>/step", methods=["GET", "POST"])
def note_step(breach_id: str) -> Page:
    """Notes what was done."""
    found, form = _get(breach_id), StepForm()
    form.offer(list(found.choices))
    if not form.validate_on_submit():
        return _step_page(found, form), 422 if form.errors else 200
    asked = NoteBreachStepRequest(
        breach_id=breach_id, step=form.step.data, taken_at=form.moment(), reason=form.reason.data or ""
    )
    try:
        noted = at_gateway(BreachServiceStub).NoteBreachStep(asked).breach
    except InvalidError as error:
        form.form_errors.extend(each.advice for each in error.fields)
        return _step_page(found, form), 422
    closed = noted.HasField("closed_at") and not found.breach.HasField("closed_at")
    flash("Every duty is settled, and the case is closed." if closed else "The step is noted.", "success")
    return redirect(url_for("breaches.show_breach", breach_id=breach_id), 303)


@BLUEPRINT.route("/<string:breach_id>/find", methods=["GET", "POST"])
def find_affected(breach_id: str) -> Page:
    """Finds what the case concerns in the disclosure log."""
    form = FindForm()
    choose(form, request.args.get("of", ""))
    if not form.validate_on_submit():
        return _find_page(breach_id, form), 422 if form.errors else 200
    asked = FindAffectedRequest(breach_id=breach_id, reason=form.reason.data or "", **form.where())
    try:
        found = at_gateway(BreachServiceStub).FindAffected(asked)
    except PreconditionError:
        form.form_errors.append("The case is closed, so nothing can be added to it.")
        return _find_page(breach_id, form), 409
    added = words.count_of(len(found.added), "exchange")
    now = words.count_of(found.exchanges, "exchange")
    flash(f"The search added {added}. The case now concerns {now}.", "success")
    return redirect(url_for("breaches.show_breach", breach_id=breach_id), 303)


@BLUEPRINT.route("/<string:breach_id>/export", methods=["GET", "POST"])
def export(breach_id: str) -> str | tuple[str, int] | Response:
    """The records about the exchanges concerned, as a file."""
    form = ExportForm()
    if not form.validate_on_submit():
        page = render_template("pages/breaches/export.html", breach_id=breach_id, form=form)
        return page, 422 if form.errors else 200
    asked = ExportAffectedRequest(breach_id=breach_id, reason=form.reason.data or "")
    pieces = iter(at_gateway(BreachServiceStub).ExportAffected(asked, timeout=LONGEST_S))
    answer = Response(_lines(next(pieces, None), pieces), mimetype="application/jsonl")
    answer.headers["Content-Disposition"] = f'attachment; filename="breach-{breach_id[:64]}.jsonl"'
    return answer


@BLUEPRINT.app_template_filter("breach_kind")
def kind_words(kind: int) -> str:
    """What happened, in words."""
    said = {int(number): text for number, (text, _) in KINDS.items()}
    return said.get(kind, words.NOTHING)


@BLUEPRINT.app_template_filter("breach_clock")
def clock_of(breach: Breach) -> dict[str, str]:
    """How the 72 hours stand: a tag, its colour, and what it says."""
    duty = next((each for each in breach.duties if each.duty == "COMMISSIONER"), None)
    if duty is not None and duty.settled_by:
        return {"text": "Settled", "colour": "green", "says": "The duty towards the Commissioner is settled."}
    left = breach.due_at.ToDatetime(UTC) - evidence().now()
    if left < timedelta():
        return {
            "text": "Overdue",
            "colour": "red",
            "says": "The 72 hours are over. Tell the Commissioner why.",
        }
    says = "To tell the Information Commissioner, unless a risk to people is unlikely."
    return {"text": f"{_hours(left)} left", "colour": "orange" if left < SOON else "blue", "says": says}


def _hours(left: timedelta) -> str:
    hours, seconds = divmod(int(left.total_seconds()), 3600)
    minutes = max(seconds // 60, 1)
    return words.count_of(hours, "hour") if hours else words.count_of(minutes, "minute")


def _get(breach_id: str) -> GetBreachResponse:
    return at_gateway(BreachServiceStub).GetBreach(GetBreachRequest(breach_id=breach_id))


def _story(found: GetBreachResponse) -> list[dict[str, Any]]:
    """The case as a timeline, the oldest first."""
    titles = {each.step: each.title for each in found.choices}
    known = {
        "title": "The organisation knew",
        "at": found.breach.aware_at,
        "text": "The 72 hours run from then.",
    }
    opened = {"title": "Case opened", "at": found.breach.opened_at, "text": ""}
    steps = [
        {
            "title": titles.get(each.step, words.code(each.step)),
            "at": each.taken_at,
            "by": f"noted by {each.person}, {words.job(each.job)}" if each.person else "",
            "text": each.reason,
        }
        for each in found.steps
    ]
    closed = [{"title": "Case closed", "at": found.breach.closed_at, "text": "Every duty is settled."}]
    ended = closed if found.breach.HasField("closed_at") else []
    return sorted([known, opened, *steps, *ended], key=lambda item: item["at"].ToDatetime(UTC))


def _lines(first: ExportAffectedResponse | None, rest: Iterator[ExportAffectedResponse]) -> Iterator[bytes]:
    if first is not None:
        yield first.lines
    for piece in rest:
        yield piece.lines


def _step_page(found: GetBreachResponse, form: StepForm) -> str:
    hints = [{"hint": {"text": each.paragraph}} for each in found.choices]
    return render_template("pages/breaches/step.html", found=found, form=form, hints=hints)


def _find_page(breach_id: str, form: FindForm) -> str:
    return render_template("pages/breaches/find.html", breach_id=breach_id, form=form, scopes=SCOPES)
