"""Signing in at the identity provider, and out again."""

from typing import Final

from flask import Blueprint, current_app, redirect, render_template, url_for
from werkzeug.wrappers import Response

from services.console import session

BLUEPRINT: Final = Blueprint("sign_in", __name__)


def send_to_sign_in() -> Response:
    """Whoever is not signed in goes there first."""
    return redirect(url_for("sign_in.begin"), 303)


@BLUEPRINT.get("/sign-in")
def begin() -> str:
    """Asks for signing in."""
    return render_template("pages/signed_out.html")


@BLUEPRINT.get("/signed-in")
def finish() -> Response:
    """The provider sends the browser back to here."""
    return redirect(url_for("home.show_home"), 303)


@BLUEPRINT.post("/sign-out")
def sign_out() -> Response:
    """Ends the session."""
    current_app.extensions["sessions"].end(session.current())
    return redirect(url_for("sign_in.signed_out"), 303)


@BLUEPRINT.get("/signed-out")
def signed_out() -> str:
    """Nobody is signed in here any more."""
    return render_template("pages/signed_out.html")
