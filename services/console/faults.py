"""Pages of what went wrong: each says what happened, that nothing was lost or done, and what to do next."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import structlog
from flask import Flask, Response, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from services.console import renewal
from services.console.areas import AREAS
from services.console.errors import BusyError, InvalidError, PageError, PreconditionError, SignInEndedError
from services.console.words import role as role_words
from services.kit.identifiers import new_id

_log = structlog.get_logger(__name__)
_FAULT: Final = 500


@dataclass(frozen=True, slots=True)
class Fault:
    """What a page says.

    Attributes:
        title: what happened.
        text: paragraphs: what it means, and what to do.
    """

    title: str
    text: tuple[str, ...]


FAULTS: Final = {
    400: Fault(
        "This page was sent in a way that could not be read",
        ("Nothing was changed.", "Go back, load the page again, and try once more."),
    ),
    403: Fault(
        "You cannot open this page",
        (
            (
                "Your role does not let you see or do this. Who may do what is set by your organisation and "
                "checked each time."
            ),
            (
                "If you need it for your work, ask your supervisor or your data protection officer. The "
                "attempt was recorded, as all are."
            ),
        ),
    ),
    404: Fault(
        "Page not found",
        (
            "There is no such page or record, or it is not one that you may know of.",
            (
                "If you followed a link, it may be to something that has ended, such as a search. Start "
                "again from the home page."
            ),
        ),
    ),
    405: Fault("Page not found", ("This address takes no such request.", "Start again from the home page.")),
    409: Fault(
        "This has changed since you opened it",
        ("Nothing was changed by you.", "Go back and load the page again to see how it stands now."),
    ),
    413: Fault(
        "This is too much to send at once",
        ("Nothing was changed.", "Send less text, or refer to a document by its reference."),
    ),
    422: Fault(
        "Something in this request is not as it must be",
        ("Nothing was changed.", "Go back, check what you entered or chose, and try again."),
    ),
    429: Fault(
        "Too much is being asked at once",
        ("Nothing was changed.", "Wait a few seconds, then load the page again."),
    ),
    500: Fault(
        "Sorry, there is a problem with the service",
        (
            (
                "What you asked for could not be finished. If you were changing something, look whether it "
                "was done before you try again."
            ),
        ),
    ),
    503: Fault(
        "Sorry, part of the service cannot be reached",
        (
            (
                "Your organisation's service or the gateway did not answer in time. What was sent is kept, "
                "and goes on its way by itself when they answer again."
            ),
            "Try again in a few minutes. If you were changing something, look whether it was done first.",
        ),
    ),
}


_ADVICE: Final = {
    "CLEARANCE_MISSING": "This is for people who are cleared for it. Ask somebody who is.",
    "IDENTITY_UNAVAILABLE": "It is where people sign in that does not answer.",
    "NO_LONGER_KEPT": "What you looked for is kept for as long as you are signed in. Search again.",
}

STALE: Final = Fault(
    "Your form was not sent",
    (
        "You were signed out since you opened the page, or it came from somewhere else. Nothing was changed.",
        "Go back to copy what you wrote, then open the page again from the home page.",
    ),
)


def register(app: Flask) -> None:
    """Has the application answer with these pages."""
    app.register_error_handler(SignInEndedError, renewal.ask_again)
    app.register_error_handler(PageError, show_page_error)
    app.register_error_handler(CSRFError, show_stale_form)
    app.register_error_handler(HTTPException, show_http_error)
    app.register_error_handler(Exception, show_failure)


def show_page_error(error: PageError) -> Response:
    """What a call ended in."""
    _log.info("page_refused", code=str(error.status), reason=error.reason, method=request.endpoint or "")
    answer = show_fault(error.status, advice=_advise(error), roles=_name_roles(error))
    if isinstance(error, BusyError):
        answer.headers["Retry-After"] = str(max(1, round(error.retry_after_s)))
    return answer


def show_stale_form(error: CSRFError) -> Response:
    """The form belongs to no session, or to another."""
    del error
    _log.warning("form_refused", reason="CSRF", method=request.endpoint or "")
    page = render_template("fault.html", fault=STALE, status=400, advice="", number="", needed=())
    return make_response(page, 400)


def show_http_error(error: HTTPException) -> Response:
    """What Flask itself refuses."""
    if error.code is not None and error.code < 400:  # noqa: PLR2004  # a redirect of the routing
        return make_response(error.get_response())
    return show_fault(error.code or _FAULT)


def show_failure(error: Exception) -> Response:
    """What nobody foresaw: the log has type and place, the page a number by which to find it there."""
    number = new_id()
    _log.error("page_failed", exc_info=error, correlation_id=number, method=request.endpoint or "")
    return show_fault(_FAULT, number=number)


def show_fault(status: int, *, advice: str = "", number: str = "", roles: Sequence[str] = ()) -> Response:
    """The page of a status; where there is none of its own, that of 400 or 500.

    Args:
        status: of the answer.
        advice: what to do, besides what the page says.
        number: by which the log has it.
        roles: whose page it is, by name.
    """
    fault = FAULTS.get(status) or FAULTS[400 if status < _FAULT else _FAULT]
    page = render_template(
        "fault.html", fault=fault, status=status, advice=advice, number=number, needed=roles
    )
    return make_response(page, status)


def _advise(error: PageError) -> str:
    """What services advise is written for programs, but for what is wrong with what somebody entered."""
    if error.reason in _ADVICE:
        return _ADVICE[error.reason]
    return error.advice if isinstance(error, InvalidError | PreconditionError) else ""


def _name_roles(error: PageError) -> list[str]:
    """Whose page it is, where somebody without the role asked for it."""
    if error.reason != "ROLE_NOT_ALLOWED":
        return []
    area = next((area for area in AREAS if area.name == request.blueprint), None)
    return sorted(role_words(role) for role in area.roles) if area is not None else []
