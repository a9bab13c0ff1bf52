"""What people see: signing in, signing out, and what went wrong."""

from typing import Any, Final
from urllib.parse import urlsplit

import structlog
from authlib.oauth2 import OAuth2Error
from flask import Response, g, make_response, redirect, render_template, request, session
from werkzeug.wrappers import Response as BaseResponse

from services.identity.attempts import Gate
from services.identity.grants import Provider
from services.identity.people import People, PersonEntry
from services.identity.sessions import Shelf
from services.identity.tokens import SignedIn
from services.kit.clock import Clock

_SESSION: Final = "id"
_SEE_OTHER: Final = 303
_WRONG: Final = "The user name or password is not right."
_TOO_MANY: Final = "There were too many attempts. Wait a quarter of an hour, then try again."
_ELSEWHERE: Final = "This account belongs to another organisation than the system that you came from."

_log = structlog.get_logger(__name__)


class Browsers:
    """Who has signed in in which browser; the cookie carries an id and nothing else."""

    def __init__(self, people: People, lifetime_s: float, clock: Clock) -> None:
        self._people: Final = people
        self._clock: Final = clock
        self._kept: Final = Shelf[SignedIn](lifetime_s)

    def current(self) -> SignedIn | None:
        """Who has signed in in the browser that asks."""
        return self._kept.get(session.get(_SESSION, ""))

    def begin(self, person: PersonEntry) -> SignedIn:
        """Somebody has signed in; whatever the browser had before ends, its id included."""
        self.end()
        signed_in = SignedIn(person, int(self._clock.now().timestamp()))
        session[_SESSION] = self._kept.put(signed_in)
        session.permanent = True
        return signed_in

    def end(self) -> None:
        """Nobody is signed in in the browser any more, wherever its cookie may have gone."""
        self._kept.take(session.get(_SESSION, ""))
        session.clear()


class Pages:
    """The views."""

    def __init__(self, provider: Provider, people: People, gate: Gate, browsers: Browsers) -> None:
        self._provider: Final[Any] = provider  # the stubs know a part of it only
        self._people: Final = people
        self._gate: Final = gate
        self._browsers: Final = browsers

    def show_start(self) -> str:
        """What this is."""
        return render_template("start.html", signed_in=self._browsers.current())

    def authorize(self) -> BaseResponse:
        """Lets a person sign in, and sends the browser back with a code."""
        signed_in = self._browsers.current()
        try:
            grant = self._provider.get_consent_grant(end_user=signed_in)
        except OAuth2Error as error:
            return self._refuse(error)
        # Browsers hold a redirect after a form to the same list as the form itself.
        g.form_goes_on_to = _origin(grant.redirect_uri)
        if request.method == "POST":
            return self._check(grant)
        if signed_in is not None and not self._must_ask(grant, signed_in):
            return self._send_back(grant, signed_in)
        if _is_silent():
            return self._send_back(grant, None)
        return self._ask(grant)

    def sign_out(self) -> BaseResponse:
        """Ends the session: at once if a client that the person signed in to asks, else after a question."""
        try:
            asked: Any = self._provider.validate_endpoint_request("end_session")
        except OAuth2Error as error:
            return self._refuse(error)
        if request.method == "GET" and not self._is_own(asked):
            return make_response(render_template("sign_out.html"))
        self._browsers.end()
        answer = self._provider.create_endpoint_response("end_session", asked)
        return answer or make_response(render_template("signed_out.html"))

    def _is_own(self, asked: Any) -> bool:
        signed_in, claims = self._browsers.current(), asked.id_token_claims
        return claims is not None and (signed_in is None or claims.get("sub") == signed_in.person.subject)

    def _must_ask(self, grant: Any, signed_in: SignedIn) -> bool:
        if grant.prompt == "login" or not _belongs(grant, signed_in.person):
            return True
        oldest = request.args.get("max_age", "")
        now = self._provider.now().timestamp()
        return oldest.isdecimal() and now - signed_in.at > int(oldest)

    def _check(self, grant: Any) -> BaseResponse:
        user, address = request.form.get("user", "").strip(), request.remote_addr or ""
        if not self._gate.is_open(user, address):
            _log.warning("sign_in_refused", reason="TOO_MANY")
            return self._ask(grant, user, _TOO_MANY, 429)
        person = self._people.check(user, request.form.get("password", ""))
        if person is None:
            self._gate.count_failure(user, address)
            _log.warning("sign_in_refused", reason="WRONG")
            return self._ask(grant, user, _WRONG, 400)
        if not _belongs(grant, person):
            _log.warning("sign_in_refused", reason="OTHER_ORGANISATION", organisation=person.organisation)
            return self._ask(grant, user, _ELSEWHERE, 403)
        _log.info("signed_in", organisation=person.organisation)
        return self._send_back(grant, self._browsers.begin(person))

    def _send_back(self, grant: Any, signed_in: SignedIn | None) -> BaseResponse:
        answer = self._provider.create_authorization_response(grant=grant, grant_user=signed_in)
        answer.status_code = _SEE_OTHER  # RFC 9700 section 4.12: a browser must not repeat the password there
        sent: BaseResponse = answer
        return sent

    def _ask(self, grant: Any, user: str = "", problem: str = "", status: int = 200) -> Response:
        page = render_template(
            "sign_in.html", organisation=grant.client.entry.organisation, user=user, problem=problem
        )
        return make_response(page, status)

    def _refuse(self, error: OAuth2Error) -> BaseResponse:
        """Back to the client, where its address is beyond doubt; else the person is told."""
        if getattr(error, "redirect_uri", None):
            status, _, headers = error()
            return redirect(dict(headers)["Location"], status)
        _log.warning("request_refused", reason=str(error.error))
        what = "The system that sent you here asked in a way that this service does not know."
        return make_response(render_template("problem.html", what=what), 400)


def _belongs(grant: Any, person: PersonEntry) -> bool:
    """Staff sign in to systems of their own organisation only."""
    return bool(person.organisation == grant.client.entry.organisation)


def _is_silent() -> bool:
    return request.args.get("prompt") == "none"


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
