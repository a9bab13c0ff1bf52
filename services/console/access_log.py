"""One line for each page asked for: codes only. Addresses are not logged: they hold ids and cursors."""

import time

import structlog
from flask import Response, g, request

_log = structlog.get_logger(__name__)


def begin() -> None:
    """Remembers when the page was asked for."""
    g.began = time.monotonic()


def note(answer: Response) -> Response:
    """Says which page was asked for and what became of it."""
    spent = time.monotonic() - g.get("began", time.monotonic())
    _log.info(
        "page_answered",
        method=request.endpoint or "none",
        kind=request.method if request.method in {"GET", "HEAD", "POST"} else "other",
        code=str(answer.status_code),
        milliseconds=round(spent * 1000),
    )
    return answer
