"""Decisions whether to disclose to a third party: the register, each decision, and who was told."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from publicprotection.exchange.v1 import disclosure_pb2
from publicprotection.exchange.v1 import disclosure_service_pb2 as pb2
from publicprotection.exchange.v1.disclosure_service_pb2_grpc import DisclosureDecisionServiceStub
from werkzeug.wrappers import Response

from services.console.calls import at_agency
from services.console.choosing import put_errors
from services.console.errors import InvalidError, NotFoundError, PreconditionError, RefusedError
from services.console.links import story_of
from services.console.outlining import Line, outline
from services.console.pages.disclosures import forms, words
from services.console.session import has_role, keep, kept
from services.kit.access.actor import Role
from services.kit.rpc.errors import Violation

BLUEPRINT: Final = Blueprint("disclosures", __name__, url_prefix="/decisions")
Page = str | Response | tuple[str, int]
WRITERS: Final = (Role.SUPERVISOR, Role.MAPPA_COORDINATOR, Role.MEETING_CHAIR, Role.PRACTITIONER)
DECIDERS: Final = (Role.SUPERVISOR, Role.MEETING_CHAIR)

_OBSTACLE: Final = "obstacle"
_KEYS: Final[dict[int, str]] = {
    outcome: name.removeprefix("DISCLOSURE_OUTCOME_").lower().replace("_", "-")
    for name, outcome in disclosure_pb2.DisclosureOutcome.items()
    if outcome
}
_OUTCOMES: Final = {key: outcome for outcome, key in _KEYS.items()}
_TELLABLE: Final = frozenset(
    {pb2.DECISION_STATE_DECIDED, pb2.DECISION_STATE_AMENDMENT_PROPOSED, pb2.DECISION_STATE_TOLD}
)


@dataclass(frozen=True, slots=True)
class Reference:
    """How the organisation refers to somebody whose decisions are looked for."""

    text: str


def _ask() -> DisclosureDecisionServiceStub:
    return at_agency(DisclosureDecisionServiceStub)


@BLUEPRINT.get("/")
def show_decisions() -> str:
    """Decisions, those first that are due for review."""
    return _list(forms.FindForm(formdata=None), _reference())


@BLUEPRINT.post("/find")
def find() -> Page:
    """Keeps the reference of a person out of addresses, and lists the decisions about them."""
    form = forms.FindForm()
    if not form.validate_on_submit():
        return _list(form, ""), 422
    reference = (form.reference.data or "").strip()
    return redirect(url_for("disclosures.show_decisions", about=keep(Reference(reference))), 303)


def _reference() -> str:
    if not (key := request.args.get("about", "")):
        return ""
    found = kept(key)
    if not isinstance(found, Reference):
        raise NotFoundError
    return found.text


def _list(form: forms.FindForm, about: str) -> str:
    wanted = pb2.ListDecisionsRequest(subject_reference=about, due_for_review="due" in request.args)
    state = request.args.get("state", type=int, default=0)
    if state in words.STATES:
        setattr(wanted, "state", state)  # noqa: B010  # the number of one of its values
    found = sorted(_ask().ListDecisions(wanted).decisions, key=_order)
    return render_template(
        "pages/disclosures/list.html",
        decisions=found,
        due=sum(1 for each in found if each.due_for_review),
        can_record=has_role(*WRITERS),
        wanted=request.args,
        hidden={"about": request.args["about"]} if about else {},
        about=about,
        form=form,
        words=words,
    )


@BLUEPRINT.route("/new", methods=["GET", "POST"])
def choose_outcome() -> Page:
    """Asks what was decided: what else is to be said depends on it."""
    form = forms.OutcomeForm()
    if form.validate_on_submit():
        outcome = _KEYS[int(form.outcome.data)]
        return redirect(url_for("disclosures.record", outcome=outcome), 303)
    return _show("outcome.html", form)


@BLUEPRINT.route("/new/<outcome>", methods=["GET", "POST"])
def record(outcome: str) -> Page:
    """Records a decision; it waits where whoever records it may not decide it."""
    form = forms.make_form(forms.RecordForm, _outcome(outcome))()
    done = pb2.RecordDecisionResponse()
    if form.validate_on_submit() and _attempt(form, lambda: done.CopyFrom(_record(form))):
        waits = done.summary.state == pb2.DECISION_STATE_PROPOSED
        flash(
            "The decision waits for whoever may decide it." if waits else "The decision is recorded.",
            "success",
        )
        return redirect(url_for("disclosures.show_decision", decision_id=done.summary.decision_id), 303)
    return _show("record.html", form, sections=list(forms.sections_of_form(form)), outcome=_outcome(outcome))


@BLUEPRINT.get("/<decision_id>")
def show_decision(decision_id: str) -> str:
    """One decision with all that happened to it. The reading goes on record."""
    found = _get(decision_id)
    state = found.summary.state
    tells = found.decided.outcome == disclosure_pb2.DISCLOSURE_OUTCOME_DISCLOSE
    return render_template(
        "pages/disclosures/decision.html",
        found=found,
        decided=outline(found.decided) if found.HasField("decided") else (),
        proposed=outline(found.proposed) if found.HasField("proposed") else (),
        can_write=has_role(*WRITERS),
        can_decide=has_role(*DECIDERS) and found.HasField("proposed"),
        can_tell=has_role(*WRITERS) and tells and state in _TELLABLE,
        story_of=story_of,
        told=_outline_telling,
        words=words,
    )


@BLUEPRINT.route("/<decision_id>/amend", methods=["GET", "POST"])
def amend(decision_id: str) -> Page:
    """Puts another version in the place of the one that stands or waits; nothing is overwritten."""
    found = _get(decision_id)
    stands = found.proposed if found.HasField("proposed") else found.decided
    outcome = _OUTCOMES.get(request.args.get("outcome", ""), stands.outcome)
    form = forms.make_form(forms.AmendForm, outcome)()
    if request.method == "GET":
        form.show(stands)
    if form.validate_on_submit() and _attempt(form, lambda: _amend(decision_id, form)):
        flash("The decision is amended, or the amendment waits for whoever may decide it.", "success")
        return redirect(url_for("disclosures.show_decision", decision_id=decision_id), 303)
    sections = list(forms.sections_of_form(form))
    return _show("amend.html", form, sections=sections, found=found, outcome=outcome, keys=_KEYS)


@BLUEPRINT.route("/<decision_id>/confirm", methods=["GET", "POST"])
def confirm(decision_id: str) -> Page:
    """Decides what somebody else proposed."""
    found, form = _get(decision_id), forms.ConfirmForm()
    wanted = pb2.ConfirmDecisionRequest(decision_id=decision_id, request_id=form.request_id.data or "")
    if form.validate_on_submit() and _attempt(form, lambda: _ask().ConfirmDecision(wanted)):
        flash("The decision is made, and on the gateway's record.", "success")
        return redirect(url_for("disclosures.show_decision", decision_id=decision_id), 303)
    return _show("confirm.html", form, found=found, proposed=outline(found.proposed))


@BLUEPRINT.route("/<decision_id>/told", methods=["GET", "POST"])
def note_told(decision_id: str) -> Page:
    """Notes that the third party was told: who told whom what, and when."""
    found, form = _get(decision_id), forms.ToldForm().fit()
    if form.validate_on_submit() and _attempt(form, lambda: _tell(decision_id, form)):
        flash("It is noted, and on the gateway's record.", "success")
        return redirect(url_for("disclosures.show_decision", decision_id=decision_id), 303)
    if request.method == "GET":
        form.content.data = found.decided.content
    return _show("told.html", form, found=found)


def _record(form: forms.RecordForm) -> pb2.RecordDecisionResponse:
    return _ask().RecordDecision(
        pb2.RecordDecisionRequest(
            request_id=form.request_id.data or "",
            subject_reference=form.subject_reference.data or "",
            subject=form.subject(),
            consideration=form.consideration(),
        )
    )


def _amend(decision_id: str, form: forms.AmendForm) -> pb2.AmendDecisionResponse:
    return _ask().AmendDecision(
        pb2.AmendDecisionRequest(
            decision_id=decision_id,
            request_id=form.request_id.data or "",
            consideration=form.consideration(),
            reason=form.reason.data or "",
        )
    )


def _tell(decision_id: str, form: forms.ToldForm) -> pb2.NoteToldResponse:
    request_id = form.request_id.data or ""
    wanted = pb2.NoteToldRequest(decision_id=decision_id, request_id=request_id, telling=form.telling())
    return _ask().NoteTold(wanted)


def _get(decision_id: str) -> pb2.GetDecisionResponse:
    return _ask().GetDecision(pb2.GetDecisionRequest(decision_id=decision_id))


def _outline_telling(telling: disclosure_pb2.DisclosureTelling) -> tuple[Line, ...]:
    """What was told, without its time: that stands above it."""
    shown = disclosure_pb2.DisclosureTelling()
    shown.CopyFrom(telling)
    shown.ClearField("told_at")
    return outline(shown)


def _outcome(key: str) -> int:
    if key not in _OUTCOMES:
        raise NotFoundError
    return _OUTCOMES[key]


def _order(summary: pb2.DecisionSummary) -> tuple[bool, int, int, int]:
    day = summary.review_by
    return (not summary.due_for_review, day.year, day.month, day.day)


def _show(template: str, form: Any, **more: Any) -> Page:
    page = render_template(
        f"pages/disclosures/{template}", form=form, words=words, today=datetime.now(UTC), **more
    )
    return (page, 422) if form.errors else page


def _attempt(form: Any, call: Callable[[], object]) -> bool:
    """Whether a call was taken; why it was not stands on the form, and nothing that was entered is lost."""
    try:
        call()
    except (PreconditionError, RefusedError) as error:
        if _OBSTACLE not in error.codes:
            raise
        form.form_errors = [words.obstacle_words(error.codes[_OBSTACLE])]
    except InvalidError as error:
        said = [Violation(_field(each.field), forms.advice_words(each.advice)) for each in error.fields]
        put_errors(form, InvalidError(said, error.reason, error.advice))
    else:
        return True
    return False


def _field(path: str) -> str:
    """The field of the form that a path in the request names: the first of its parts, where it has some."""
    return {
        "consideration.recipient": "recipient__family",
        "consideration.preparation": "preparation__what_to_do",
    }.get(path, path)
