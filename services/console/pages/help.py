"""Help: how the console works, in words that cite the guidance."""

from typing import Final

from flask import Blueprint, render_template

BLUEPRINT: Final = Blueprint("help", __name__, url_prefix="/help")


@BLUEPRINT.get("/")
def show_help() -> str:
    """Where to begin."""
    return render_template("pages/help.html")
