"""The bundled identity provider, running: its files in a folder, one client, one person."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

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


def write_provider(folder: Path, *, people: list[dict[str, Any]] | None = None, **changes: Any) -> Provider:
    """Writes everything that a provider needs."""
    authority = CertificateAuthority.create()
    own = authority.issue_files(folder / "tls", "service", "identity")
    caller = Usage(client=True, server=False)
    files = authority.issue_files(folder / "client", "client", "kent-police", usage=caller)
    stranger = authority.issue_files(folder / "stranger", "client", "kent-probation", usage=caller)
    (port,) = choose_ports(1)
    make_key(folder / "keys", datetime.now(UTC) - timedelta(hours=1))
    write_private(folder / "people.toml", render_tables("people", people or [PERSON]).encode())
    provider = Provider(f"https://localhost:{port}", folder, authority, files, stranger)
    write_private(provider.settings, _settings(provider, own, port, changes).encode())
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


def _settings(provider: Provider, own: IssuedFiles, port: int, changes: dict[str, Any]) -> str:
    client = {
        "client_id": CLIENT,
        "organisation": "kent-police",
        "audience": AUDIENCE,
        "redirect_uris": [REDIRECT],
        "sign_out_uris": [SIGNED_OUT],
    }
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
    return "\n".join([f'issuer = "{provider.issuer}"\n', *texts, render_tables("clients", [client])])


def _render(table: dict[str, Any]) -> str:
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in table.items())
