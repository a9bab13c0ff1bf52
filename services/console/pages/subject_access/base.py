"""What all pages of subject access have: their blueprint, their calls, and how a refusal stands on a form."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Final

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_wtf import FlaskForm
from publicprotection.common.v1.date_pb2 import Date
from publicprotection.exchange.v1 import subject_access_case_pb2 as case_pb2
from publicprotection.exchange.v1 import subject_access_service_pb2 as pb2
from publicprotection.exchange.v1.subject_access_service_pb2_grpc import SubjectAccessServiceStub
from werkzeug.wrappers import Response

from services.console.calls import at_agency
from services.console.errors import InvalidError, PreconditionError
from services.console.pages.subject_access import words

BLUEPRINT: Final = Blueprint("subject_access", __name__, url_prefix="/subject-access")

Page = str | tuple[str, int] | Response
_UNPROCESSABLE: Final = 422
_SHORT: Final = 8


def ask() -> SubjectAccessServiceStub:
    """The own organisation's service, for the person signed in."""
    return at_agency(SubjectAccessServiceStub)


def load_case(case_id: str) -> case_pb2.AccessCase:
    """A case without its items; NotFoundError if there is none. The reading goes on record."""
    return ask().GetCase(pb2.GetCaseRequest(case_id=case_id, without_items=True)).case


def show(template: str, form: FlaskForm | None = None, **more: Any) -> Page:
    """A page of these; one whose form has errors is answered with 422."""
    page = render_template(f"pages/subject_access/{template}.html", form=form, words=words, **more)
    return (page, _UNPROCESSABLE) if form is not None and form.errors else page


def attempt(form: FlaskForm, call: Callable[[], object]) -> bool:
    """Whether a call was taken; why it was not stands on the form, and nothing that was entered is lost."""
    try:
        call()
    except PreconditionError as error:
        form.form_errors = [words.obstacle(error)]
    except InvalidError as error:
        form.form_errors = [each for each in words.faults(error) if not _place(form, error, each)]
    else:
        return True
    return False


def _place(form: FlaskForm, error: InvalidError, said: str) -> bool:
    """Puts what is wrong beside its field, where the form has one of that name."""
    field = next((each.field for each in error.fields if each.field in form), None)
    if field is None:
        return False
    form[field].errors = [said]
    return True


def go(endpoint: str, done: str = "", **values: Any) -> Response:
    """On to another page of these, where a banner says what was done."""
    if done:
        flash(done, "success")
    return redirect(url_for(f"subject_access.{endpoint}", **values), 303)


def step(case_id: str, call: Callable[[], object], done: str | Callable[[], str], endpoint: str) -> Response:
    """A step that has no form of its own; what refuses it stands in a banner of the page it leads to.

    Args:
        case_id: the request.
        call: the step.
        done: what the banner says; asked for after the call.
        endpoint: the page that follows.
    """
    try:
        call()
    except PreconditionError as error:
        flash(words.obstacle(error))
        return go(endpoint, case_id=case_id)
    return go(endpoint, done if isinstance(done, str) else done(), case_id=case_id)


def write_day(day: date | None) -> Date | None:
    """A day in the contract's form."""
    return None if day is None else Date(year=day.year, month=day.month, day=day.day)


def read_day(day: Date) -> date:
    """A day from the contract's form; today's, if it is none."""
    return date(day.year, day.month, day.day) if day.year else date.min


def short(reference: str) -> str:
    """As much of a reference as tells cases of one organisation apart."""
    return reference[:_SHORT]


def one_of(value: str, allowed: Sequence[str]) -> str:
    """A value of an address, or 404."""
    if value not in allowed:
        abort(404)
    return value


BLUEPRINT.add_app_template_filter(short, "short_reference")
