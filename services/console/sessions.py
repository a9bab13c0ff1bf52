"""Sessions of browsers, in memory: the cookie carries an id that nobody can guess, and nothing else.

Who has not signed in yet is kept apart, so that no flood of strangers ends the session of somebody who works.
"""

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final

from flask import Flask, Request, Response
from flask.sessions import SessionInterface, SessionMixin

from services.kit.access.actor import Person

_COOKIE: Final = "__Host-console-"
_ID_OCTETS: Final = 32


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is signed in, and by what the console shows it to others.

    Attributes:
        person: as the identity provider says.
        token: goes on each call.
        ends_at: of the token; seconds since 1970.
        id_token: for signing out at the provider.
    """

    person: Person
    token: str = field(repr=False)
    ends_at: float
    id_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long sessions last, and how many there may be.

    Attributes:
        idle_s: without a page asked for.
        absolute_s: since signing in, whatever happens.
        waiting_s: of a browser in which nobody has signed in.
        most: of those who are signed in; the longest idle goes first.
        most_waiting: of the others.
    """

    idle_s: float = 30 * 60
    absolute_s: float = 10 * 3600
    waiting_s: float = 10 * 60
    most: int = 2_000
    most_waiting: int = 2_000


class Session(dict[str, Any], SessionMixin):
    """What is kept for one browser.

    Attributes:
        id: as the cookie has it; empty before there is anything to keep.
        signed_in: who; None: nobody yet.
        kept: values that pages keep out of addresses.
        pending: sign-ins under way, by what the provider will send back.
        forms: those sent when the token had ended, until they are sent again.
        has_ended: the browser came with the id of a session that is over.
    """

    def __init__(self, name: str, began: float) -> None:
        super().__init__()
        self.id = name
        self.is_over = False
        self.signed_in: SignedIn | None = None
        self.kept: OrderedDict[str, Any] = OrderedDict()
        self.pending: OrderedDict[str, Any] = OrderedDict()
        self.forms: OrderedDict[str, Any] = OrderedDict()
        self.has_ended = False
        self.began = began
        self.seen = began
        self.given = name
        """The id that the browser has, as far as is known."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to keep."""
        return not (self or self.kept or self.pending)


class Sessions(SessionInterface):
    """All sessions. Safe for threads.

    Args:
        organisation: whose console it is: consoles on one host are told apart by the names of their cookies.
        lifetimes: see there.
        now: seconds that only grow.
    """

    def __init__(
        self, organisation: str, lifetimes: Lifetimes | None = None, now: Callable[[], float] = time.monotonic
    ) -> None:
        self.cookie: Final = f"{_COOKIE}{organisation}"
        self.lifetimes: Final = lifetimes or Lifetimes()
        self.now: Final = now
        self._lock: Final = Lock()
        self._working: Final[OrderedDict[str, Session]] = OrderedDict()
        self._waiting: Final[OrderedDict[str, Session]] = OrderedDict()

    def open_session(self, app: Flask, request: Request) -> Session:
        """The session of the browser that asks; a new one, which is not kept yet, if it has none."""
        del app
        name = request.cookies.get(self.cookie, "")
        found = self.find(name)
        if found is None:  # one with nothing in it is a session too
            found = Session("", self.now())
            found.has_ended = bool(name)
        found.given = found.id
        return found

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Gives the browser its id if that is new; nothing else goes to it."""
        del app
        assert isinstance(session, Session)  # noqa: S101  # made above
        if session.is_over:
            if session.given:
                response.delete_cookie(self.cookie, path="/", secure=True, httponly=True, samesite="Lax")
            return
        if not session.id and not session.is_empty:
            self._put(session)
        if session.id != session.given:
            response.set_cookie(self.cookie, session.id, path="/", secure=True, httponly=True, samesite="Lax")

    def find(self, name: str) -> Session | None:
        """A session that has not ended; from now on it counts as used."""
        now = self.now()
        with self._lock:
            shelf = self._working if name in self._working else self._waiting
            found = shelf.get(name)
            if found is None or self._has_ended(found, now):
                shelf.pop(name, None)
                return None
            found.seen = now
            shelf.move_to_end(name)
            return found

    def begin(self, session: Session, signed_in: SignedIn) -> str:
        """Somebody has signed in: a new id, so that nobody who knew the old one is signed in with them.

        Nothing of what the session had before goes on, not even the key of its forms.
        """
        with self._lock:
            self._forget(session)
            _empty(session)
            session.signed_in, session.began, session.seen = signed_in, self.now(), self.now()
            session.id, session.is_over = secrets.token_urlsafe(_ID_OCTETS), False
            _make_room(self._working, self.lifetimes.most)
            self._working[session.id] = session
        return session.id

    def renew(self, session: Session, signed_in: SignedIn) -> None:
        """The same person has a new token. The session ends no later than before.

        It keeps its id: other pages of the same browser may be on their way.
        """
        with self._lock:
            if session.id in self._working:  # otherwise it was ended meanwhile, and stays so
                session.signed_in = signed_in

    def end(self, session: Session) -> None:
        """The session is gone at once, wherever its id may have gone."""
        with self._lock:
            self._forget(session)
        _empty(session)
        session.signed_in, session.id, session.is_over = None, "", True

    def count(self) -> tuple[int, int]:
        """How many are kept: of those signed in, and of others."""
        return len(self._working), len(self._waiting)

    def _put(self, session: Session) -> None:
        session.id = secrets.token_urlsafe(_ID_OCTETS)
        with self._lock:
            _make_room(self._waiting, self.lifetimes.most_waiting)
            self._waiting[session.id] = session

    def _forget(self, session: Session) -> None:
        self._working.pop(session.id, None)
        self._waiting.pop(session.id, None)

    def _has_ended(self, session: Session, now: float) -> bool:
        if session.signed_in is None:
            return now - session.began >= self.lifetimes.waiting_s
        lifetimes = self.lifetimes
        return now - session.seen >= lifetimes.idle_s or now - session.began >= lifetimes.absolute_s


def _empty(session: Session) -> None:
    session.clear()
    for shelf in (session.kept, session.pending, session.forms):
        shelf.clear()


def _make_room(shelf: OrderedDict[str, Session], most: int) -> None:
    """The first is the one that was used longest ago."""
    while len(shelf) >= most:
        shelf.popitem(last=False)
