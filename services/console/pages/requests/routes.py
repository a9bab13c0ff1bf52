"""Requests for minutes: the register with its clocks, and each request step by step."""

from collections.abc import Callable
from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from publicprotection.exchange.v1 import minutes_case_pb2 as case_pb2
from publicprotection.exchange.v1 import minutes_request_service_pb2 as pb2
from publicprotection.exchange.v1.minutes_request_service_pb2_grpc import MinutesRequestServiceStub
from werkzeug.wrappers import Response

from services.console.calls import at_agency, together
from services.console.choosing import put_errors
from services.console.errors import InvalidError, NotFoundError, PreconditionError, RefusedError
from services.console.outlining import outline
from services.console.pages.requests import words
from services.console.pages.requests.forms import KindForm, RegisterForm
from services.console.pages.requests.step_forms import item_words
from services.console.pages.requests.steps import ANSWERING, BY_NAME, Step, progress_of
from services.console.session import has_role, person

BLUEPRINT: Final = Blueprint("requests", __name__, url_prefix="/requests")
Page = str | Response | tuple[str, int]
_OBSTACLE: Final = "obstacle"


def _ask() -> MinutesRequestServiceStub:
    return at_agency(MinutesRequestServiceStub)


@BLUEPRINT.get("/")
def show_register() -> str:
    """All requests that are open, those first that are due first; or those that are answered too."""
    answered, overdue = "answered" in request.args, "overdue" in request.args
    wanted = pb2.ListMinutesCasesRequest(include_answered=answered, overdue_only=overdue)
    listed, kinds = together(
        _ask().ListMinutesCases.future(wanted),
        _ask().ListRequesterKinds.future(pb2.ListRequesterKindsRequest()),
    )
    cases = sorted(listed.cases, key=lambda case: (_is_answered(case), case.due_at.ToNanoseconds()))
    return render_template(
        "pages/requests/register.html",
        cases=cases,
        kinds={each.kind: each for each in kinds.kinds},
        overdue=sum(1 for case in cases if case.overdue),
        can_open=has_role(*ANSWERING),
        wanted=request.args,
        words=words,
    )


@BLUEPRINT.route("/new", methods=["GET", "POST"])
def choose_kind() -> Page:
    """Asks who asks: what else is to be said depends on it."""
    form, kinds = KindForm(), _kinds()
    form.kind.choices = [(each.kind, each.title) for each in kinds.values()]
    if form.validate_on_submit():
        return redirect(url_for("requests.register", kind=form.kind.data), 303)
    return _show("choose.html", form, kinds=kinds)


@BLUEPRINT.route("/new/<kind>", methods=["GET", "POST"])
def register(kind: str) -> Page:
    """Registers a request: what is to be done with it is settled at once."""
    found = _kinds().get(kind)
    if found is None:
        raise NotFoundError
    form, done = RegisterForm().fit(kind), pb2.RegisterMinutesRequestResponse()
    if form.validate_on_submit() and _attempt(
        form, lambda: done.CopyFrom(_ask().RegisterMinutesRequest(form.request(kind)))
    ):
        flash(f"The request is registered. {done.advice}", "success")
        if not has_role(*ANSWERING):
            return redirect(url_for("requests.show_register"), 303)
        return redirect(url_for("requests.show_case", case_id=done.summary.case_id), 303)
    return _show("new.html", form, kind=found)


@BLUEPRINT.get("/<case_id>")
def show_case(case_id: str) -> str:
    """One request: what is to be done, the draft, what happened. The reading goes on record."""
    found, kinds = together(
        _ask().GetMinutesCase.future(pb2.GetMinutesCaseRequest(case_id=case_id)),
        _ask().ListRequesterKinds.future(pb2.ListRequesterKindsRequest()),
    )
    case = found.case
    return render_template(
        "pages/requests/case.html",
        case=case,
        kind={each.kind: each for each in kinds.kinds}.get(case.summary.kind),
        steps=list(progress_of(case, person().roles)),
        draft=outline(case.draft) if case.HasField("draft") else (),
        item_words=item_words,
        words=words,
    )


@BLUEPRINT.route("/<case_id>/<name>", methods=["GET", "POST"])
def take_step(case_id: str, name: str) -> Page:
    """One step: what it states, and what the service says to it."""
    step = BY_NAME.get(name)
    if step is None:
        raise NotFoundError
    case = _ask().GetMinutesCase(pb2.GetMinutesCaseRequest(case_id=case_id)).case
    form = step.form(case)()
    form.fit(case)
    if form.validate_on_submit() and _attempt(form, lambda: step.call(_ask(), case, form)):
        flash(step.done, "success")
        return redirect(url_for("requests.show_case", case_id=case_id), 303)
    return _show_step(step, form, case)


@BLUEPRINT.get("/<case_id>/letter.pdf")
def show_letter(case_id: str) -> Response:
    """The letter as it was approved. The reading goes on record."""
    letter = _ask().GetReplyLetter(pb2.GetReplyLetterRequest(case_id=case_id))
    headers = {"Content-Disposition": f"attachment; filename=reply-{case_id[:8]}.pdf"}
    return Response(letter.pdf, mimetype="application/pdf", headers=headers)


def _show_step(step: Step, form: Any, case: case_pb2.MinutesCase) -> Page:
    draft = outline(case.draft) if step.name == "decide" and case.HasField("draft") else ()
    return _show("step.html", form, step=step, case=case, draft=draft)


def _show(template: str, form: Any, **more: Any) -> Page:
    page = render_template(f"pages/requests/{template}", form=form, words=words, **more)
    return (page, 422) if form.errors else page


def _kinds() -> dict[str, case_pb2.RequesterKind]:
    listed = _ask().ListRequesterKinds(pb2.ListRequesterKindsRequest())
    return {each.kind: each for each in listed.kinds}


def _is_answered(case: case_pb2.MinutesCaseSummary) -> bool:
    return case.state == case_pb2.MINUTES_CASE_STATE_ANSWERED


def _attempt(form: Any, call: Callable[[], object]) -> bool:
    """Whether a call was taken; why it was not stands on the form, and nothing that was entered is lost."""
    try:
        call()
    except (PreconditionError, RefusedError) as error:
        if _OBSTACLE not in error.codes:
            raise
        form.form_errors = [words.obstacle_words(error.codes[_OBSTACLE])]
    except InvalidError as error:
        put_errors(form, error)
    else:
        return True
    return False
