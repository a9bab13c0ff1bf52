"""Signing in at the identity provider, and out again."""

from typing import Final

import structlog
from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from services.console import renewal, session
from services.console.faults import Fault
from services.console.renewal import SEE_OTHER, Pending
from services.console.sessions import SignedIn
from services.kit.access.client import TokenUnavailableError

BLUEPRINT: Final = Blueprint("sign_in", __name__)
_FAILED: Final = Fault(
    "You could not be signed in",
    (
        "The sign-in took too long, was begun in another window, or was refused.",
        "Try again. If it happens again, ask your service desk whether your account may use this service.",
    ),
)
_log = structlog.get_logger(__name__)


@BLUEPRINT.get("/sign-in")
def begin() -> Response:
    """On to the identity provider, and from there to the home page."""
    prompt = renewal.ASKING if session.current().has_ended else ""
    return renewal.go(url_for("home.show_home"), prompt=prompt)


@BLUEPRINT.get("/signed-in")
def finish() -> Response:
    """The provider sends the browser back to here."""
    pending: Pending | None = session.current().pending.pop(request.args.get("state", ""), None)
    if pending is None:
        return _refuse("UNKNOWN")
    try:
        if pending.is_silent and "error" in request.args:  # it wants to ask something after all
            return renewal.go(pending.back, prompt="")
        signed_in = renewal.provider().finish(pending.asked, request.url)
    except TokenUnavailableError:
        return _refuse("PROVIDER")
    finally:
        pending.asked.close()
    _admit(signed_in)
    return redirect(pending.back, SEE_OTHER)


@BLUEPRINT.get("/continue/<key>")
def show_form(key: str) -> str:
    """A form that was sent when the token had ended, to be sent again."""
    return render_template("pages/continue.html", form=renewal.take_form(key))


@BLUEPRINT.post("/sign-out")
def sign_out() -> Response:
    """Ends the session at once, and then the one at the provider."""
    signed_in = session.signed_in()
    session.sessions().end(session.current())
    _log.info("signed_out")
    try:
        return redirect(renewal.provider().leave(signed_in.id_token), SEE_OTHER)
    except TokenUnavailableError:
        _log.warning("provider_unavailable")
        return redirect(url_for("sign_in.signed_out"), SEE_OTHER)


@BLUEPRINT.get("/signed-out")
def signed_out() -> Response:
    """Nobody is signed in here any more."""
    if session.current().signed_in is not None:
        return redirect(url_for("home.show_home"), SEE_OTHER)
    return make_response(render_template("pages/signed_out.html"))


def _admit(signed_in: SignedIn) -> None:
    """The same person goes on with the session; for anybody else everything begins anew."""
    current, sessions = session.current(), session.sessions()
    before = current.signed_in
    if before is not None and before.person.subject == signed_in.person.subject:
        sessions.renew(current, signed_in)
        return
    sessions.begin(current, signed_in)
    _log.info("signed_in")


def _refuse(reason: str) -> Response:
    _log.warning("sign_in_refused", reason=reason)
    page = render_template("pages/sign_in_failed.html", fault=_FAILED)
    return make_response(page, 400)
