"""Cases: everything exchanged about one person, by thread; who it is, only to whoever says why."""

from typing import Any, Final

from flask import Blueprint, redirect, render_template, url_for
from publicprotection.oversight.v1 import register_service_pb2 as register
from publicprotection.oversight.v1.register_service_pb2_grpc import RegisterServiceStub
from publicprotection.oversight.v1.subject_service_pb2 import (
    FindSubjectsRequest,
    GetSubjectRequest,
    MatchBasis,
    Subject,
)
from publicprotection.oversight.v1.subject_service_pb2_grpc import SubjectServiceStub
from werkzeug.wrappers import Response

from services.console.asking import UnmaskForm
from services.console.calls import at_gateway, together
from services.console.pages.cases.describing import describe_subject
from services.console.pages.cases.forms import FindByIdentifierForm, FindByNameForm, FindForm
from services.console.pages.cases.threads import group_threads
from services.console.paging import cursor, page_on
from services.console.session import keep, kept, person

BLUEPRINT: Final = Blueprint("cases", __name__, url_prefix="/cases")
PAGE: Final = 50

_WORDS: Final = {"describe": describe_subject, "bases": MatchBasis, "results": register.ExchangeResult}

Page = Response | str | tuple[str, int]


@BLUEPRINT.route("/", methods=["GET", "POST"])
def find_case() -> Page:
    """Asks for an identifier."""
    return _find(FindByIdentifierForm())


@BLUEPRINT.route("/by-name", methods=["GET", "POST"])
def find_by_name() -> Page:
    """Asks for a name and a date of birth."""
    return _find(FindByNameForm())


@BLUEPRINT.get("/found/<key>")
def show_found(key: str) -> str:
    """Who it may be. What was asked for stays in the session, and each look is a query on record."""
    found = at_gateway(SubjectServiceStub).FindSubjects(_asked(key, FindSubjectsRequest))
    return render_template("pages/cases/found.html", matches=found.matches, **_WORDS)


@BLUEPRINT.get("/<subject>")
def show_case(subject: str) -> str:
    """What was exchanged about somebody; not who it is."""
    listed = at_gateway(RegisterServiceStub).ListExchanges(_list(subject))
    return _show(subject, listed, None, UnmaskForm())


@BLUEPRINT.post("/<subject>")
def unmask(subject: str) -> Page:
    """Takes the reason for which who it is is shown."""
    form = UnmaskForm()
    if form.validate_on_submit():
        request = GetSubjectRequest(purpose=form.purpose_chosen(), acting=form.acting(), subject=subject)
        return redirect(url_for("cases.show_unmasked", subject=subject, key=keep(request)), 303)
    listed = at_gateway(RegisterServiceStub).ListExchanges(_list(subject))
    return _show(subject, listed, None, form), 422


@BLUEPRINT.get("/<subject>/shown/<key>")
def show_unmasked(subject: str, key: str) -> Page:
    """The case with who it is: on record again each time it is opened."""
    asked = _asked(key, GetSubjectRequest)
    if asked.subject != subject:
        return redirect(url_for("cases.show_case", subject=subject), 303)
    who, listed = together(
        at_gateway(SubjectServiceStub).GetSubject.future(asked),
        at_gateway(RegisterServiceStub).ListExchanges.future(_list(subject)),
    )
    return _show(subject, listed, who.subject, UnmaskForm(), asked)


def _find(form: FindForm) -> Page:
    if form.validate_on_submit():
        return redirect(url_for("cases.show_found", key=keep(form.request())), 303)
    return render_template("pages/cases/find.html", form=form), 422 if form.errors else 200


def _asked(key: str, kind: type[Any]) -> Any:
    """What was asked under a key; as if it were not there where it is of another kind."""
    found = kept(key)
    return found if isinstance(found, kind) else kept("")


def _list(subject: str) -> register.ListExchangesRequest:
    return register.ListExchangesRequest(
        filter=register.RegisterFilter(subject=subject),
        newest_first=True,
        in_short=True,
        page_size=PAGE,
        cursor=cursor(),
    )


def _show(
    subject: str,
    listed: register.ListExchangesResponse,
    who: Subject | None,
    form: UnmaskForm,
    asked: GetSubjectRequest | None = None,
) -> str:
    return render_template(
        "pages/cases/case.html",
        subject=subject,
        threads=group_threads(listed.exchanges),
        links=page_on(listed.older),
        who=who,
        asked=asked,
        form=form,
        own=person().organisation,
        **_WORDS,
    )
