"""Who may be the same person: conflicts that wait, and likenesses that somebody confirms or rejects."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final, TypeVar

from flask import Blueprint, flash, redirect, render_template, request, url_for
from publicprotection.common.v1.person_pb2 import IdentifierSystem
from publicprotection.exchange.v1.header_pb2 import Purpose
from publicprotection.oversight.v1.subject_service_pb2 import (
    Acting,
    ConfirmCandidateRequest,
    ConflictReason,
    GetSubjectRequest,
    ListCandidatesRequest,
    ListConflictsRequest,
    MatchBasis,
    RejectCandidateRequest,
    ResolveConflictRequest,
    SubjectConflict,
)
from publicprotection.oversight.v1.subject_service_pb2_grpc import SubjectServiceStub
from werkzeug.wrappers import Response

from services.console.calls import at_gateway, together
from services.console.errors import NotFoundError, PreconditionError
from services.console.pages.candidates.forms import BeginForm, VerdictForm
from services.console.paging import cursor, page_on
from services.console.session import current, keep, kept

BLUEPRINT: Final = Blueprint("candidates", __name__, url_prefix="/candidates")
PAGE: Final = 20
MOST: Final = 100
_SLOT: Final = "register_work"
_ENUMERATIONS: Final = {"systems": IdentifierSystem, "bases": MatchBasis, "reasons": ConflictReason}
_View = TypeVar("_View", bound=Callable[..., Any])
Page = str | tuple[str, int] | Response


@dataclass(frozen=True, slots=True)
class RegisterWork:
    """What the subject register is read for, for this piece of work."""

    purpose: Purpose.ValueType
    reason: str

    def asked(self) -> dict[str, Any]:
        """Members of a request that say so."""
        return {"purpose": self.purpose, "acting": Acting(reason=self.reason)}


def _for_a_purpose(view: _View) -> _View:
    """A page whose first argument is what the register is read for; asked first where nobody said."""

    @wraps(view)
    def ask_first(*args: Any, **kwargs: Any) -> Any:
        work = current().get(_SLOT)
        if work is None:
            return redirect(url_for("candidates.ask", then=keep(request.path)), 303)
        return view(work, *args, **kwargs)

    return ask_first  # type: ignore[return-value]  # it takes one argument less, as the address has it


@BLUEPRINT.route("/purpose", methods=["GET", "POST"])
def ask() -> Page:
    """Asks what the register is read for: it shows names and identifiers."""
    form = BeginForm()
    if not form.validate_on_submit():
        return render_template("pages/candidates/purpose.html", form=form), 422 if form.errors else 200
    current()[_SLOT] = RegisterWork(form.purpose_chosen(), form.reason.data or "")
    return redirect(_where_to(request.args.get("then", "")), 303)


@BLUEPRINT.get("/")
@_for_a_purpose
def show_conflicts(work: RegisterWork) -> str:
    """Links that something contradicts: each waits for somebody's decision."""
    asked = ListConflictsRequest(page_size=PAGE, after_conflict=cursor()[:64], **work.asked())
    found = at_gateway(SubjectServiceStub).ListConflicts(asked).conflicts
    more = found[-1].conflict_id if len(found) == PAGE else ""
    return render_template(
        "pages/candidates/conflicts.html", work=work, conflicts=found, links=page_on(more), **_ENUMERATIONS
    )


@BLUEPRINT.route("/conflicts/<string:conflict_id>", methods=["GET", "POST"])
@_for_a_purpose
def resolve(work: RegisterWork, conflict_id: str) -> Page:
    """Decides a conflict."""
    form = VerdictForm()
    if not form.validate_on_submit():
        conflict = _find(work, conflict_id)
        page = render_template(
            "pages/candidates/resolve.html", form=form, conflict=conflict, work=work, **_ENUMERATIONS
        )
        return page, 422 if form.errors else 200
    asked = ResolveConflictRequest(
        acting=Acting(reason=form.reason.data or ""),
        conflict_id=conflict_id,
        verdict=form.conflict_verdict(),
    )
    _decide(lambda: at_gateway(SubjectServiceStub).ResolveConflict(asked), same=form.is_same)
    return redirect(url_for("candidates.show_conflicts"), 303)


@BLUEPRINT.get("/people/<string:subject>")
@_for_a_purpose
def show_candidates(work: RegisterWork, subject: str) -> str:
    """Somebody, and who else may be the same person."""
    stub = at_gateway(SubjectServiceStub)
    who, alike = together(
        stub.GetSubject.future(GetSubjectRequest(subject=subject, **work.asked())),
        stub.ListCandidates.future(ListCandidatesRequest(subject=subject, **work.asked())),
    )
    return render_template(
        "pages/candidates/people.html",
        work=work,
        who=who.subject,
        candidates=alike.candidates,
        **_ENUMERATIONS,
    )


@BLUEPRINT.route("/people/<string:subject>/<string:candidate>", methods=["GET", "POST"])
@_for_a_purpose
def compare(work: RegisterWork, subject: str, candidate: str) -> Page:
    """Two people side by side, and whether they are one."""
    form, stub = VerdictForm(), at_gateway(SubjectServiceStub)
    if not form.validate_on_submit():
        one, other = together(
            stub.GetSubject.future(GetSubjectRequest(subject=subject, **work.asked())),
            stub.GetSubject.future(GetSubjectRequest(subject=candidate, **work.asked())),
        )
        page = render_template(
            "pages/candidates/compare.html",
            form=form,
            first=one.subject,
            second=other.subject,
            work=work,
            **_ENUMERATIONS,
        )
        return page, 422 if form.errors else 200
    said: dict[str, Any] = {"acting": Acting(reason=form.reason.data or ""), "subject": subject}
    if form.is_same:
        confirmed = ConfirmCandidateRequest(candidate=candidate, **said)
        _decide(lambda: stub.ConfirmCandidate(confirmed), same=True)
    else:
        rejected = RejectCandidateRequest(candidate=candidate, **said)
        _decide(lambda: stub.RejectCandidate(rejected), same=False)
    return redirect(url_for("candidates.show_candidates", subject=subject), 303)


def _decide(call: Callable[[], Any], *, same: bool) -> None:
    """Records a decision; one that somebody took before is left as it stands."""
    try:
        call()
    except PreconditionError:
        flash("Somebody decided this before you. Nothing was changed.")
        return
    said = "one person: they are linked from now on" if same else "different people: they stay apart"
    flash(f"It is recorded that they are {said}.", "success")


def _find(work: RegisterWork, conflict_id: str) -> SubjectConflict:
    asked = ListConflictsRequest(page_size=MOST, **work.asked())
    while True:
        found = at_gateway(SubjectServiceStub).ListConflicts(asked).conflicts
        for each in found:
            if each.conflict_id == conflict_id:
                return each
        if len(found) < MOST:
            raise NotFoundError
        asked.after_conflict = found[-1].conflict_id


def _where_to(key: str) -> str:
    try:
        found = kept(key)
    except NotFoundError:
        found = None
    return found if isinstance(found, str) and found.startswith("/") else url_for("candidates.show_conflicts")
