"""Paths of the console's pages: where each area begins, and which paths are of one kind."""

import re
from functools import cache
from urllib.parse import parse_qs, urlsplit

from flask import Flask, url_for

from services.console.areas import AREAS, Area

_MADE_UP = re.compile(r"^(?=.*\d)[\w.:~-]{12,}$|^\d+$|^[A-Za-z0-9_-]{20,}$")


def start_of(area: Area) -> str:
    """The path of an area's first page."""
    with _every_page().test_request_context():
        return url_for(area.endpoint)


def kind_of(path: str) -> str:
    """A path without what tells one page of a kind from another: made-up ids, and what is asked for."""
    parts = urlsplit(path)
    steps = ["_" if _MADE_UP.match(step) else step for step in parts.path.split("/")]
    asked = "&".join(sorted(parse_qs(parts.query)))
    return "/".join(steps) + (f"?{asked}" if asked else "")


@cache
def _every_page() -> Flask:
    app = Flask("pages")
    for area in AREAS:
        app.register_blueprint(area.load())
    return app
