"""The consoles of a private system: where each lives, its files, and its client at the identity provider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from deploy.certificates import CertificateAuthority, write_private
from deploy.local.keys import SchemeFiles
from deploy.local.places import Place
from deploy.local.ports import LOOPBACK
from deploy.local.settings import describe_directory, trusted_issuers
from deploy.local.toml import Value, render
from services.kit.access.tokens import audience_of
from services.kit.directory import GATEWAY

PREFIX: Final = "console-"
FOLDER: Final = "consoles"
_NAME: Final = "console"
_CALL_S: Final = 2.0


@dataclass(frozen=True)
class ConsolePlace:
    """Where one organisation's console lives.

    Attributes:
        organisation: Whose.
        folder: Its settings and certificate.
        port: On 127.0.0.1, for browsers.
        log: What it prints.
    """

    organisation: str
    folder: Path
    port: int
    log: Path

    @property
    def name(self) -> str:
        """What its process is called: `console-kent-police`."""
        return f"{PREFIX}{self.organisation}"

    @property
    def client_id(self) -> str:
        """By which the identity provider knows it."""
        return f"{self.organisation}-{_NAME}"

    @property
    def address(self) -> str:
        """What people open."""
        return f"https://{LOOPBACK}:{self.port}"

    @property
    def settings(self) -> Path:
        """Its settings file."""
        return self.folder / "settings.toml"

    @property
    def certificate(self) -> Path:
        """What it shows to browsers; its authority is none that they know."""
        return self.folder / "tls" / f"{_NAME}.crt"


def place_consoles(folder: Path, ports: Mapping[str, int]) -> dict[str, ConsolePlace]:
    """Where the consoles of a world live, by organisation.

    Args:
        folder: The world's.
        ports: By organisation.
    """
    return {
        name: ConsolePlace(name, folder / FOLDER / name, port, folder / "logs" / f"{PREFIX}{name}.log")
        for name, port in ports.items()
    }


def describe_client(place: ConsolePlace) -> dict[str, Value]:
    """The console as a client of the identity provider."""
    return {
        "client_id": place.client_id,
        "organisation": place.organisation,
        "audience": [audience_of(place.organisation), audience_of(GATEWAY)],
        "redirect_uris": [f"{place.address}/signed-in"],
        "sign_out_uris": [f"{place.address}/signed-out"],
    }


def write_console(  # noqa: PLR0913, PLR0917  # everything that its settings name
    place: ConsolePlace,
    authority: CertificateAuthority,
    agency: Place,
    gateway: str,
    issuer: str,
    scheme: SchemeFiles,
) -> None:
    """Write a console's certificate and settings.

    Args:
        place: Where it lives.
        authority: Issues its certificate.
        agency: Its organisation's service.
        gateway: Where the gateway answers.
        issuer: The identity provider.
        scheme: The signed directory.
    """
    authority.issue_files(place.folder / "tls", _NAME, place.organisation)
    text = render(
        {
            "organisation": place.organisation,
            "address": place.address,
            "listen": {"port": place.port},
            "tls": {
                "certificate_file": f"tls/{_NAME}.crt",
                "key_file": f"tls/{_NAME}.key",
                "authority_file": "tls/authority.crt",
            },
            "gateway": {"address": gateway},
            "agency": {"address": agency.address},
            "directory": describe_directory(scheme),
            "identity": {
                "issuers": trusted_issuers(issuer, [place.organisation]),
                "client": {
                    "client_id": place.client_id,
                    "token_url": f"{issuer}/token",
                    "ca_file": "tls/authority.crt",
                },
            },
            "sign_in": {"issuer": issuer},
        }
    )
    write_private(place.settings, text.encode())


def is_open(place: ConsolePlace) -> bool:
    """Whether a console answers browsers."""
    authority = place.folder / "tls" / "authority.crt"
    try:
        answer = httpx.get(
            f"{place.address}/signed-out", verify=str(authority), timeout=_CALL_S, trust_env=False
        )
    except httpx.HTTPError:
        return False
    return answer.is_success
