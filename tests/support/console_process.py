"""A whole console beside a real identity provider, over TLS: for tests of how people come in and out."""

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from cheroot.wsgi import Server
from flask import Flask

from deploy.certificates import IssuedFiles, write_private
from deploy.local.ports import choose_ports
from services.console.background import Background
from services.console.composition import compose
from services.console.server import make_server
from services.console.settings import load_settings
from services.kit.clock import SystemClock
from tests.support.provider import AUDIENCE, PASSWORD, USER, Provider, fill_in, serving, write_provider

CLIENT = "kent-police-console"
ORGANISATION = "kent-police"
NOWHERE = "127.0.0.1:9"


@dataclass(frozen=True)
class RunningConsole:
    """A console that serves.

    Attributes:
        address: for browsers.
        app: the application in it.
        provider: where people sign in.
        files: its certificate.
        settings: its settings file.
    """

    address: str
    app: Flask
    provider: Provider
    files: IssuedFiles
    settings: Path

    def browser(self) -> httpx.Client:
        """Somebody's browser, without any cookie; it follows no redirect by itself."""
        trust = ssl.create_default_context(cafile=self.files.authority)
        return httpx.Client(base_url=self.address, verify=trust, trust_env=False)

    def sign_in(
        self, browser: httpx.Client, path: str = "/", user: str = USER, password: str = PASSWORD
    ) -> httpx.Response:
        """Opens a page and signs in where the provider asks for it; what the console answers in the end."""
        answer = follow(browser, browser.get(path))
        if "password" in answer.text:
            answer = follow(browser, fill_in(browser, answer, user, password))
        return answer


def follow(browser: httpx.Client, answer: httpx.Response) -> httpx.Response:
    """Goes wherever a browser would be sent, each by GET."""
    for _ in range(10):
        if not answer.has_redirect_location:
            return answer
        answer = browser.get(answer.url.join(answer.headers["Location"]))
    raise AssertionError("sent round and round")


@contextmanager
def run_console(
    folder: Path, people: list[dict[str, Any]] | None = None, **changes: Any
) -> Iterator[RunningConsole]:
    """A console and a provider, in this process, each on a port of its own.

    Args:
        folder: for their files.
        people: who may sign in; one of the police unless given.
        changes: tables of the console's settings, in place of the usual ones.
    """
    (port,) = choose_ports(1)
    address = f"https://localhost:{port}"
    provider = write_provider(folder, people=people)
    _add_client(provider, address)
    files = provider.authority.issue_files(folder / "console", "console", ORGANISATION)
    settings = folder / "console" / "settings.toml"
    write_private(settings, render(describe_plainly(provider.issuer, files, port) | changes).encode())
    with serving(provider), _serving(settings) as app:
        yield RunningConsole(address, app, provider, files, settings)


@contextmanager
def _serving(path: Path) -> Iterator[Flask]:
    settings, background = load_settings(path), Background()
    app = compose(settings, background, SystemClock())
    server: Server = make_server(app, settings)
    server.prepare()
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield app
    finally:
        server.stop()
        thread.join(10)
        background.close()


def describe_plainly(issuer: str, files: IssuedFiles, port: int) -> dict[str, Any]:
    """Settings of a console, table by table."""
    ca_file = str(files.authority)
    return {
        "organisation": ORGANISATION,
        "address": f"https://localhost:{port}",
        "listen": {"port": port},
        "tls": {
            "certificate_file": str(files.certificate),
            "key_file": str(files.key),
            "authority_file": ca_file,
        },
        "gateway": {"address": NOWHERE},
        "agency": {"address": NOWHERE},
        "directory": {
            "file": ca_file,
            "scheme_key_file": ca_file,
            "scheme_key_fingerprint": "A" * 43,
            "serial_file": "directory.serial",
        },
        "identity": {
            "issuers": [
                {
                    "issuer": issuer,
                    "jwks_url": f"{issuer}/jwks",
                    "ca_file": ca_file,
                    "organisations": [ORGANISATION],
                }
            ],
            "client": {"client_id": CLIENT, "token_url": f"{issuer}/token", "ca_file": ca_file},
        },
        "sign_in": {"issuer": issuer},
    }


def render(content: dict[str, Any]) -> str:
    """As TOML, whose inline tables and strings are near enough to JSON's."""
    return "".join(f"{name} = {_inline(value)}\n" for name, value in content.items())


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {_inline(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_inline(inner) for inner in value) + "]"
    return json.dumps(value)


def _add_client(provider: Provider, address: str) -> None:
    table = {
        "client_id": CLIENT,
        "organisation": ORGANISATION,
        "audience": list(AUDIENCE),
        "redirect_uris": [f"{address}/signed-in"],
        "sign_out_uris": [f"{address}/signed-out"],
    }
    text = provider.settings.read_text(encoding="utf-8")
    write_private(provider.settings, f"{text}\n[[clients]]\n{render(table)}".encode())
