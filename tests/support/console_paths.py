"""Paths of the console's pages: where each area begins, and which paths are of one kind."""

from functools import cache
from urllib.parse import parse_qs, urlsplit

from flask import Flask, url_for
from werkzeug.exceptions import HTTPException

from services.console.areas import AREAS, Area


def start_of(area: Area) -> str:
    """The path of an area's first page."""
    with _every_page().test_request_context():
        return url_for(area.endpoint)


def kind_of(path: str) -> str:
    """The rule of the console that a path falls under, and the names of what is asked for."""
    parts = urlsplit(path)
    try:
        found = _every_page().url_map.bind("console").match(parts.path, return_rule=True)
    except HTTPException:
        return parts.path
    asked = "&".join(sorted(parse_qs(parts.query)))
    return found[0].rule + (f"?{asked}" if asked else "")


@cache
def _every_page() -> Flask:
    app = Flask("pages")
    for area in AREAS:
        app.register_blueprint(area.load())
    return app
