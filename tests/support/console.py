"""A console in the process of the test, over real services: a browser without a browser, signed in."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from secrets import token_hex
from time import time
from typing import Any

import grpc
import yaml
from flask import Flask
from flask.testing import FlaskClient
from publicprotection.exchange.v1.directory_service_pb2 import Organisation
from werkzeug.test import TestResponse

from deploy.certificates import CertificateAuthority
from services.console.application import Parts, make_application
from services.console.calls import Backend
from services.console.directory import Directory
from services.console.provider import Asked, Provider
from services.console.sessions import Session, Sessions, SignedIn
from services.console.words import DIRECTORY
from services.kit.access.actor import Person, Role
from services.kit.access.client import TokenUnavailableError
from services.kit.credentials import TlsIdentity
from services.kit.settings import MEBIBYTE
from tests.support.gateway import ROOT
from tests.support.identity import issuer

HOST = "127.0.0.1"
BASE = f"https://{HOST}"
NOWHERE = "127.0.0.1:9"
"""Where nobody listens."""

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def person_of(name: str) -> Person:
    """Somebody of deploy/story/people.yaml."""
    listed = yaml.safe_load((ROOT / "deploy" / "story" / "people.yaml").read_text(encoding="utf-8"))
    entry = next(each for each in listed if each["name"] == name)
    return Person(
        subject=name.lower().replace(" ", "-"),
        name=name,
        job=entry["job"],
        roles=frozenset(Role(role) for role in entry["roles"]),
        organisation=entry["organisation"],
        desk=entry["desk"],
        area=entry.get("area", ""),
    )


class NoProvider:
    """A provider that is away."""

    origins = ("https://identity.example.org",)

    def begin(self, *, prompt: str, max_age_s: int) -> tuple[Asked, str]:
        del prompt, max_age_s
        raise TokenUnavailableError

    def finish(self, asked: Asked, arrived: str) -> SignedIn:
        del asked, arrived
        raise TokenUnavailableError

    def leave(self, id_token: str) -> str:
        del id_token
        raise TokenUnavailableError


@dataclass
class Browser:
    """Somebody's browser. Pages are asked for on a thread, so that services can run in the test's loop.

    Attributes:
        app: the console.
        client: Flask's own.
        tls: certificate of the console.
    """

    app: Flask
    client: FlaskClient
    tls: TlsIdentity
    sessions: Sessions
    last: str = field(default="", repr=False)

    async def get(self, path: str, **more: Any) -> TestResponse:
        """Opens a page; redirects are not followed unless `follow_redirects=True`."""
        answer = await asyncio.to_thread(self.client.get, path, base_url=BASE, **more)
        self.last = answer.text
        return answer

    async def post(self, path: str, data: Mapping[str, Any] | None = None, **more: Any) -> TestResponse:
        """Sends a form, with the token of the page that was opened last.

        No two are the same, as if each page were opened anew, unless `marked` in the data makes them so.
        """
        found = _TOKEN.search(self.last)
        form = {"csrf_token": found[1] if found else "", "marked": token_hex(8), **(data or {})}
        answer = await asyncio.to_thread(self.client.post, path, base_url=BASE, data=form, **more)
        self.last = answer.text if answer.status_code != 303 else self.last
        return answer

    def sign_in(self, person: Person, *, lasts_s: float = 3600, token: str = "") -> Session:
        """Signs somebody in, with the token that a provider would have given."""
        given = token or issuer().person_token(self.tls.certificate, person)
        session = Session("", self.sessions.now())
        self.sessions.begin(session, SignedIn(person, given, time() + lasts_s, "id-token"))
        self.client.set_cookie(self.sessions.cookie, session.id, domain="127.0.0.1", secure=True, path="/")
        return session


@asynccontextmanager
async def open_console(
    person: Person,
    *,
    authority: CertificateAuthority | None = None,
    gateway: str = NOWHERE,
    agency: str = NOWHERE,
    names: Mapping[str, Organisation] | None = None,
    provider: Provider | None = None,
) -> AsyncIterator[Browser]:
    """The console of somebody's organisation, with them signed in.

    Args:
        person: such as `person_of("Ola Brandt")`.
        authority: whose certificates the services believe: `served.authority`.
        gateway: address of the gateway's services: `f"localhost:{served.port}"` (tests/support/served.py).
        agency: address of the own organisation's service (tests/support/agency_server.py).
        names: the directory, such as `served.gateway.parties.directory.organisations`; the agency is asked if
            left out.
        provider: where people sign in; one that is away unless given.
    """
    whose = authority or CertificateAuthority.create()
    certificate, key = whose.issue("console", person.organisation)
    tls = TlsIdentity(certificate, key, whose.certificate_pem)
    channels = [_open(gateway, tls), _open(agency, tls)]
    token = issuer().system_token(tls.certificate, person.organisation)
    sessions = Sessions(person.organisation)
    backends = [Backend(channel, lambda: token) for channel in channels]
    app = make_application(
        Parts(person.organisation, HOST, backends[0], backends[1], sessions, provider or NoProvider())
    )
    app.testing = False  # faults are to be pages, as in the process
    if names is not None:
        app.extensions[DIRECTORY] = Directory(lambda: names)
    browser = Browser(app, app.test_client(), tls, sessions)
    browser.sign_in(person)
    try:
        yield browser
    finally:
        for channel in channels:
            await asyncio.to_thread(channel.close)


def _open(address: str, tls: TlsIdentity) -> grpc.Channel:
    credentials = grpc.ssl_channel_credentials(tls.authority, tls.key, tls.certificate)
    return grpc.secure_channel(
        address, credentials, options=[("grpc.max_receive_message_length", 16 * MEBIBYTE)]
    )
