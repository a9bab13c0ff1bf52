"""A form that is sent twice is done once: a double click, or a page sent again before its answer came.

What was sent is known again by a digest of its address and all of its fields, the token against other sites
among them. That token holds the second in which the page was made: whoever opens the page anew and sends the
same sends something new.
"""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Final, cast

import structlog
from flask import Flask, Response, g, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from services.console import session

MOST: Final = 50
"""Forms of one session that are remembered; the oldest go first."""

WAITS_S: Final = 15
"""How long what was sent again waits for the answer to the first."""

_SEE_OTHER: Final = 303
_SHELF: Final = "sent_forms"
_turn: Final = Lock()
_log = structlog.get_logger(__name__)


@dataclass
class Sent:
    """A form that was sent.

    Attributes:
        place: where its answer led to; empty while there is none, and where that is no page of this console.
        answered: set when there is an answer.
    """

    place: str = ""
    answered: Event = field(default_factory=Event)


def register(app: Flask) -> None:
    """Has the application look at each form before its page does."""
    app.before_request(find_again)
    app.after_request(note_place)
    app.teardown_request(lambda _error: _let_go())


def find_again() -> AnyResponse | None:
    """The answer that the same form had, if it was sent before and something was done; None otherwise."""
    if request.method != "POST" or request.files or session.current().signed_in is None:
        return None
    earlier, g.sent = _put(_digest())
    if earlier is None:
        return None
    earlier.answered.wait(WAITS_S)
    if not earlier.place:  # nothing was done: a field was wrong, or a service was away
        return None
    _log.info("form_sent_again", method=request.endpoint or "")
    g.sent.place = earlier.place
    return redirect(earlier.place, _SEE_OTHER)


def note_place(answer: Response) -> Response:
    """Remembers where a form that was taken led to."""
    sent: Sent | None = g.get("sent")
    if sent is not None and answer.status_code == _SEE_OTHER and answer.location.startswith("/"):
        sent.place = answer.location
    return answer


def _let_go() -> None:
    """Whatever became of it: nobody waits for it any more."""
    sent: Sent | None = g.get("sent")
    if sent is not None:
        sent.answered.set()


def _put(name: str) -> tuple[Sent | None, Sent]:
    """What was sent so before, if anything was; and what is sent now, in its place."""
    with _turn:
        shelf = cast("OrderedDict[str, Sent]", session.current().setdefault(_SHELF, OrderedDict()))
        earlier = shelf.pop(name, None)
        while len(shelf) >= MOST:
            shelf.popitem(last=False)
        shelf[name] = Sent()
        return earlier, shelf[name]


def _digest() -> str:
    said = repr((request.full_path, list(request.form.items(multi=True))))
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()
