"""What pages know of who asks, and what they keep out of addresses: for page authors."""

import secrets
from typing import Any, Final, cast

from flask import current_app, session

from services.console.errors import NotFoundError, SignInEndedError
from services.console.sessions import Session, Sessions, SignedIn
from services.kit.access.actor import Person, Role

EXTENSION: Final = "sessions"
MOST_KEPT: Final = 100
"""Values of one session; the oldest go first."""

_KEY_OCTETS: Final = 16
_NO_LONGER: Final = "NO_LONGER_KEPT"


def current() -> Session:
    """The session of the browser that asks."""
    return cast("Session", session._get_current_object())  # type: ignore[attr-defined]  # noqa: SLF001  # werkzeug's way


def sessions() -> Sessions:
    """All sessions."""
    return cast("Sessions", current_app.extensions[EXTENSION])


def signed_in() -> SignedIn:
    """Who is signed in, tokens and all; SignInEndedError if nobody is."""
    found = current().signed_in
    if found is None:
        raise SignInEndedError
    return found


def person() -> Person:
    """Who is signed in: name, job, roles, organisation, desk, area, clearances."""
    return signed_in().person


def person_token() -> str:
    """The token that goes on calls for whoever is signed in."""
    return signed_in().token


def has_role(*roles: Role) -> bool:
    """Whether whoever is signed in has one of these roles: for what to show, never for what to allow."""
    return not person().roles.isdisjoint(roles)


def keep(value: Any) -> str:
    """Keeps a value for this session, out of addresses; the key under which `kept` finds it."""
    shelf = current().kept
    key = secrets.token_urlsafe(_KEY_OCTETS)
    while len(shelf) >= MOST_KEPT:
        shelf.popitem(last=False)
    shelf[key] = value
    return key


def kept(key: str) -> Any:
    """What was kept under a key in this session; NotFoundError if nothing is, or no longer."""
    try:
        return current().kept[key]
    except KeyError:
        raise NotFoundError(_NO_LONGER) from None
