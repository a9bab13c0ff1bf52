"""About the console itself: how accessible it is, what it keeps on a device, and what is recorded."""

from typing import Final

from flask import Blueprint, render_template

from services.console import session

BLUEPRINT: Final = Blueprint("about", __name__, url_prefix="/about")


@BLUEPRINT.get("/accessibility")
def show_accessibility() -> str:
    """The accessibility statement."""
    return render_template("pages/about/accessibility.html")


@BLUEPRINT.get("/cookies")
def show_cookies() -> str:
    """What is kept on a person's device, and what is recorded of what they do."""
    sessions = session.sessions()
    return render_template(
        "pages/about/cookies.html",
        cookie=sessions.cookie,
        idle_minutes=round(sessions.lifetimes.idle_s / 60),
        absolute_hours=round(sessions.lifetimes.absolute_s / 3600),
    )
