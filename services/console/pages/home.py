"""The first page: what needs doing today, by role."""

from typing import Final

from flask import Blueprint, render_template

BLUEPRINT: Final = Blueprint("home", __name__)


@BLUEPRINT.get("/")
def show_home() -> str:
    """What needs doing today, and where everything is."""
    return render_template("pages/home.html")
