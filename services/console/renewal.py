"""On to the identity provider and back to the same page: the first time, and when a token has ended.

A person's token lasts for minutes. The provider knows the browser for longer, so it gives a new one without
asking anything: the browser goes there and comes back. A form that is sent when the token has ended is kept
in the session, and sent again once there is a new token and the person said so.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

import structlog
from flask import current_app, redirect, request, url_for
from werkzeug.wrappers import Response

from services.console import session
from services.console.errors import NotFoundError, PageError, UnavailableError
from services.console.provider import Asked, Provider
from services.kit.access.client import TokenUnavailableError
from services.kit.identifiers import new_id

EXTENSION: Final = "provider"
SEE_OTHER: Final = 303
MOST_PENDING: Final = 8
MOST_FORMS: Final = 5
SILENT: Final = "none"
ASKING: Final = "login"

_CSRF_FIELD: Final = "csrf_token"
_SOON_S: Final = 10.0
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Pending:
    """A sign-in under way.

    Attributes:
        asked: what the provider was asked.
        back: the page of this console that was asked for.
        is_silent: the person is not to be asked anything.
    """

    asked: Asked
    back: str
    is_silent: bool


@dataclass(frozen=True, slots=True)
class Form:
    """A form that was sent when the token had ended.

    Attributes:
        path: where to.
        fields: its values by name, without the token against other sites.
    """

    path: str
    fields: Mapping[str, list[str]]


def provider() -> Provider:
    """Where people sign in."""
    return cast("Provider", current_app.extensions[EXTENSION])


def send_to_sign_in() -> Response:
    """Whoever is not signed in goes there first, and comes back to the page asked for."""
    prompt = ASKING if session.current().has_ended else ""
    back = own_address() if request.method == "GET" else url_for("home.show_home")
    return go(back, prompt=prompt)


def renew_early(lasts_s: float) -> Response | None:
    """A new token before the old one ends; None if the provider is away and the old one still lasts."""
    try:
        return go(own_address(), prompt=SILENT)
    except UnavailableError:
        if lasts_s > 0:
            return None
        raise


def keep_form() -> Response:
    """Keeps the form that was sent, and has the token renewed before it is sent again."""
    fields = {name: values for name, values in request.form.lists() if name != _CSRF_FIELD}
    shelf, key = session.current().forms, new_id()
    while len(shelf) >= MOST_FORMS:
        shelf.popitem(last=False)
    shelf[key] = Form(own_address(), fields)
    _log.info("form_kept", method=request.endpoint or "")
    return go(url_for("sign_in.show_form", key=key), prompt=SILENT)


def take_form(key: str) -> Form:
    """A form that was kept; NotFoundError if there is none."""
    found = session.current().forms.get(key)
    if found is None:
        raise NotFoundError
    return cast("Form", found)


def ask_again(error: PageError) -> Response:
    """A call found the token ended, by its own clock: a new one is asked for, but not again and again."""
    current = session.current()
    if time.monotonic() - current.get("asked_again", -_SOON_S) < _SOON_S:
        raise UnavailableError(error.reason)
    current["asked_again"] = time.monotonic()
    return go(own_address(), prompt=SILENT) if request.method == "GET" else keep_form()


def go(back: str, *, prompt: str) -> Response:
    """On to the provider; UnavailableError if it is away.

    Args:
        back: the page of this console to come back to.
        prompt: as `SignIn.start`.
    """
    lifetimes = session.sessions().lifetimes
    try:
        asked, address = provider().begin(prompt=prompt, max_age_s=int(lifetimes.absolute_s))
    except TokenUnavailableError:
        _log.warning("provider_unavailable")
        raise UnavailableError("IDENTITY_UNAVAILABLE") from None
    shelf = session.current().pending
    while len(shelf) >= MOST_PENDING:
        shelf.popitem(last=False)[1].asked.close()
    shelf[asked.state] = Pending(asked, back, prompt == SILENT)
    return redirect(address, SEE_OTHER)


def own_address() -> str:
    """The address asked for, without the host: never that of another site."""
    query = request.query_string.decode("ascii", "ignore")
    path = "/" + request.path.lstrip("/\\")
    return f"{path}?{query}" if query else path
