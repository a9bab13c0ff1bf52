"""The console as a web application: put together, with what every answer carries."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from secrets import token_bytes
from typing import Any, Final

from flask import Flask, current_app, request
from flask_wtf.csrf import CSRFProtect
from govuk_frontend_wtf.main import WTFormsHelpers
from jinja2 import ChoiceLoader, PackageLoader, PrefixLoader
from publicprotection.exchange.v1.directory_service_pb2 import Organisation
from publicprotection.exchange.v1.directory_service_pb2_grpc import DirectoryServiceStub

from services.console import (
    access_log,
    areas,
    assets,
    calls,
    faults,
    guard,
    headers,
    once,
    renewal,
    session,
    words,
)
from services.console.calls import Service, at_agency_as_system
from services.console.directory import LISTING, Directory
from services.console.provider import Provider
from services.console.sessions import Sessions

LARGEST_REQUEST: Final = 256 * 1024
"""Of the body of a request, in bytes: forms of text."""

SERVICE: Final = "Public Protection Gateway"


@dataclass(frozen=True, slots=True)
class Parts:
    """What an application is made of.

    Attributes:
        organisation: whose console it is.
        host: what browsers must state as Host.
        gateway: the gateway.
        agency: the organisation's own service.
        sessions: of browsers.
        provider: where people sign in.
    """

    organisation: str
    host: str
    gateway: Service
    agency: Service
    sessions: Sessions
    provider: Provider


def make_application(parts: Parts) -> Flask:
    """The WSGI application."""
    app = Flask(__name__, static_folder=None)
    app.config.update(
        SECRET_KEY=token_bytes(32),  # sessions end with the process
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=LARGEST_REQUEST,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a form may be left open
        WTF_CSRF_SSL_STRICT=False,  # pages send no referrer; `guard` reads Sec-Fetch-Site instead
    )
    app.session_interface = parts.sessions
    app.extensions[calls.EXTENSION] = parts
    app.extensions[session.EXTENSION] = parts.sessions
    app.extensions[renewal.EXTENSION] = parts.provider
    app.extensions[words.DIRECTORY] = Directory(_fetch_directory)
    app.extensions[assets.EXTENSION] = assets.Assets()
    _set_up_templates(app)  # first: what follows makes Jinja's environment
    app.before_request(partial(guard.check_request, parts.host))
    CSRFProtect(app)
    app.register_blueprint(assets.BLUEPRINT)
    for area in areas.AREAS:
        app.register_blueprint(area.load())
    app.after_request(partial(headers.secure, parts.provider.origins))
    app.before_request(guard.check_person)
    once.register(app)
    app.after_request(access_log.note)
    faults.register(app)
    return app


def _set_up_templates(app: Flask) -> None:
    govuk = {name: PackageLoader(name) for name in ("govuk_frontend_jinja", "govuk_frontend_wtf")}
    app.jinja_loader = ChoiceLoader([PackageLoader("services.console"), PrefixLoader(govuk)])
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    WTFormsHelpers(app)
    app.jinja_env.filters.update(words.FILTERS)
    app.context_processor(_describe_page)


def _describe_page() -> dict[str, Any]:
    """What the layout needs; nobody may be signed in."""
    signed_in = session.current().signed_in
    person = signed_in.person if signed_in is not None else None
    known: assets.Assets = current_app.extensions[assets.EXTENSION]
    return {
        "service_name": SERVICE,
        "person": person,
        "groups": areas.group_areas(person) if person else [],
        "blueprint": request.blueprint or "",
        "asset": known.path_of,
        "now": datetime.now(UTC),
        "list_areas": areas.list_areas,
    }


def _fetch_directory() -> dict[str, Organisation]:
    listed = at_agency_as_system(DirectoryServiceStub).ListOrganisations(LISTING)
    return {entry.organisation: entry for entry in listed.organisations}
