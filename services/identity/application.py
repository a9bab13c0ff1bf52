"""The provider as a web application: put together, with what every answer carries."""

from datetime import timedelta
from secrets import token_bytes
from typing import Any, Final

import structlog
from flask import Flask, Response, g, jsonify, render_template, request
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import HTTPException

from services.identity import metadata
from services.identity.attempts import Gate
from services.identity.grants import Provider
from services.identity.keys import SigningKeys
from services.identity.pages import Browsers, Pages
from services.identity.people import People
from services.identity.settings import Settings
from services.kit.clock import Clock

LARGEST_REQUEST: Final = 64 * 1024
"""Of the body of a request, in bytes."""

_CACHED_S: Final = 60
_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # the form's protection reads it; nobody else is sent one
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

_log = structlog.get_logger(__name__)


def make_application(settings: Settings, people: People, keys: SigningKeys, clock: Clock) -> Flask:
    """The WSGI application. It trusts the connection's certificate as the server below states it."""
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=token_bytes(32),  # sessions end with the process
        SESSION_COOKIE_NAME="__Host-session",
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",  # not Strict: a person comes here from a client's page
        PERMANENT_SESSION_LIFETIME=timedelta(seconds=settings.lifetimes.session_s),
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a form may be left open
    )
    provider = Provider(app, settings, keys, clock.now)
    pages = Pages(
        provider, people, Gate(settings.attempts), Browsers(people, settings.lifetimes.session_s, clock)
    )
    csrf = CSRFProtect(app)
    _add_machine_endpoints(app, provider, csrf)
    app.add_url_rule("/", view_func=pages.show_start)
    app.add_url_rule(metadata.AUTHORIZE_PATH, view_func=pages.authorize, methods=["GET", "POST"])
    app.add_url_rule(metadata.SIGN_OUT_PATH, view_func=pages.sign_out, methods=["GET", "POST"])
    app.after_request(_secure)
    app.register_error_handler(CSRFError, _refuse_form)
    app.register_error_handler(HTTPException, _refuse)
    return app


def _add_machine_endpoints(app: Flask, provider: Provider, csrf: CSRFProtect) -> None:
    def show_metadata() -> Response:
        return _cached(metadata.describe_provider(provider.settings.issuer))

    def show_keys() -> Response:
        return _cached(provider.keys.publish())

    def give_token() -> Response:
        # RFC 6749 section 3.2: what is in the address ends up in logs.
        answer: Any
        if request.args:
            answer = jsonify(error="invalid_request", error_description="Parameters belong into the body.")
            answer.status_code = 400
        else:
            answer = provider.create_token_response()
        kind = request.form.get("grant_type", "")
        event = "token_given" if answer.status_code == 200 else "token_refused"  # noqa: PLR2004  # HTTP's own
        _log.info(event, kind=kind if kind in _GRANTS else "other", code=str(answer.status_code))
        given: Response = answer
        return given

    app.add_url_rule(metadata.OPENID_PATH, "openid", show_metadata)
    app.add_url_rule(metadata.OAUTH_PATH, "oauth", show_metadata)
    app.add_url_rule(metadata.KEYS_PATH, "keys", show_keys)
    app.add_url_rule(metadata.TOKEN_PATH, "token", csrf.exempt(give_token), methods=["POST"])


_GRANTS: Final = frozenset(metadata.describe_provider("")["grant_types_supported"])


def _cached(content: dict[str, Any]) -> Response:
    answer = jsonify(content)
    answer.headers["Cache-Control"] = f"public, max-age={_CACHED_S}"
    return answer


def _secure(answer: Response) -> Response:
    """A page takes styles from here and nothing else; a form goes here, and on to the client's own address.

    There is no Strict-Transport-Security: on a developer's machine it would bind every other port too.
    """
    for name, value in _HEADERS.items():
        answer.headers.setdefault(name, value)
    answer.headers.setdefault("Cache-Control", "no-store")
    goes_on = g.get("form_goes_on_to", "")
    answer.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action 'self' {goes_on}".rstrip()
    )
    return answer


def _refuse_form(error: CSRFError) -> tuple[str, int]:
    del error
    return render_template("stale.html"), 400


def _refuse(error: HTTPException) -> tuple[str, int]:
    status = error.code or 500
    return render_template("problem.html", what="There is no such page here."), status
