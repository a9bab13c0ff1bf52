"""The bundled identity provider, running: its files in a folder, one client, one person."""

import json
import re
import threading
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
from cheroot.wsgi import Server

from deploy.certificates import CertificateAuthority, IssuedFiles, Usage, write_private
from deploy.local.ports import choose_ports
from services.identity.application import make_application
from services.identity.keys import SigningKeys, make_key
from services.identity.passwords import hash_password
from services.identity.people import read_people
from services.identity.server import make_server
from services.identity.settings import load_settings
from services.kit.clock import SystemClock

PASSWORD = "correct horse battery"
HASH = hash_password(PASSWORD)
USER = "ada.quill@kent-police.example.org"
CLIENT = "kent-police"
REDIRECT = "http://127.0.0.1/signed-in"
SIGNED_OUT = "http://127.0.0.1/signed-out"
AUDIENCE = ("urn:publicprotection:service:kent-police", "urn:publicprotection:service:gateway")
VERIFIER = "a-verifier-of-the-length-that-the-standard-asks-for-0123456789"
CHALLENGE = urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
BACK = "http://127.0.0.1:4711/signed-in"
PERSON: dict[str, Any] = {
    "subject": "p-ada-quill",
    "user": USER,
    "password": HASH,
    "name": "Ada Quill",
    "job": "POLICE_OFFENDER_MANAGER",
    "roles": ["PRACTITIONER", "SUPERVISOR"],
    "organisation": "kent-police",
    "desk": "public-protection-unit",
}


@dataclass(frozen=True)
class Provider:
    """A provider that runs.

    Attributes:
        issuer: its address.
        folder: settings, people and keys.
        files: certificate of the client.
        stranger: certificate of another organisation, by the same authority.
    """

    issuer: str
    folder: Path
    authority: CertificateAuthority
    files: IssuedFiles
    stranger: IssuedFiles

    @property
    def settings(self) -> Path:
        return self.folder / "settings.toml"


def write_provider(
    folder: Path,
    *,
    people: list[dict[str, Any]] | None = None,
    more_clients: Sequence[str] = (),
    **changes: Any,
) -> Provider:
    """Writes everything that a provider needs; `changes` are tables of its settings."""
    authority = CertificateAuthority.create()
    own = authority.issue_files(folder / "tls", "service", "identity")
    caller = Usage(client=True, server=False)
    files = authority.issue_files(folder / "client", "client", "kent-police", usage=caller)
    stranger = authority.issue_files(folder / "stranger", "client", "kent-probation", usage=caller)
    (port,) = choose_ports(1)
    make_key(folder / "keys", datetime.now(UTC) - timedelta(hours=1))
    write_private(folder / "people.toml", render_tables("people", people or [PERSON]).encode())
    provider = Provider(f"https://localhost:{port}", folder, authority, files, stranger)
    write_private(
        provider.settings, _settings(provider, own, port, changes, [CLIENT, *more_clients]).encode()
    )
    return provider


@contextmanager
def serving(provider: Provider) -> Iterator[Provider]:
    """The provider in this process, over TLS on its port."""
    settings = load_settings(provider.settings)
    clock = SystemClock()
    keys = SigningKeys(settings.keys.folder, clock.now)
    app = make_application(settings, read_people(settings.people.file, settings.clients), keys, clock)
    server: Server = make_server(app, settings)
    server.prepare()
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.stop()
        thread.join(10)


def render_tables(name: str, tables: list[dict[str, Any]]) -> str:
    """An array of tables in TOML."""
    return "\n".join(f"[[{name}]]\n{_render(table)}" for table in tables)


def _settings(
    provider: Provider, own: IssuedFiles, port: int, changes: dict[str, Any], names: Sequence[str]
) -> str:
    clients = [
        {
            "client_id": name,
            "organisation": name,
            "audience": AUDIENCE,
            "redirect_uris": [REDIRECT],
            "sign_out_uris": [SIGNED_OUT],
        }
        for name in names
    ]
    tables: dict[str, dict[str, Any]] = {
        "listen": {"port": port},
        "tls": {
            "certificate_file": str(own.certificate),
            "key_file": str(own.key),
            "authority_file": str(own.authority),
        },
        "keys": {"folder": "keys"},
        "people": {"file": "people.toml"},
    }
    tables |= changes
    texts = [f"[{name}]\n{_render(table)}" for name, table in tables.items()]
    return "\n".join([f'issuer = "{provider.issuer}"\n', *texts, render_tables("clients", clients)])


def _render(table: dict[str, Any]) -> str:
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in table.items())


def question(**changes: str | None) -> dict[str, str]:
    """The parameters of a sign-in; None leaves one out."""
    asked: dict[str, str | None] = {
        "response_type": "code",
        "client_id": CLIENT,
        "redirect_uri": BACK,
        "scope": "openid",
        "state": "a-state",
        "nonce": "a-nonce",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **changes,
    }
    return {name: value for name, value in asked.items() if value is not None}


def sign_in(
    browser: httpx.Client, asked: Mapping[str, str] | None = None, user: str = USER, password: str = PASSWORD
) -> httpx.Response:
    """Opens the page and fills it in; what the provider answers."""
    page = browser.get("/authorize", params=asked or question())
    if page.status_code != httpx.codes.OK:
        return page
    return fill_in(browser, page, user, password)


def fill_in(browser: httpx.Client, page: httpx.Response, user: str, password: str) -> httpx.Response:
    """Sends the form of a page."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found is not None, page.text
    form = {"csrf_token": found[1], "user": user, "password": password}
    return browser.post(str(page.url), data=form, headers={"Referer": str(page.url)})


def read_answer(answer: httpx.Response) -> dict[str, str]:
    """The parameters with which the browser is sent back."""
    assert answer.has_redirect_location, answer.text
    return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))


def fetch(client: httpx.Client, code: str, **changes: str | None) -> httpx.Response:
    """Fetches the tokens for a code."""
    form: dict[str, str | None] = {
        "grant_type": "authorization_code",
        "client_id": CLIENT,
        "code": code,
        "redirect_uri": BACK,
        "code_verifier": VERIFIER,
        **changes,
    }
    return client.post("/token", data={name: value for name, value in form.items() if value is not None})
