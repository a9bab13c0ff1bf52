"""The identity provider of a private system: its files, and tokens from it as real callers get them."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any, Final, TypeGuard

from pydantic import HttpUrl
from werkzeug.security import generate_password_hash

from deploy.broker.definitions import GATEWAY
from deploy.certificates import CertificateAuthority, Usage, write_private
from deploy.local.browser import Browser
from deploy.local.people import LogIn, find_log_in, make_log_ins, read_people, write_log_ins
from deploy.local.places import Place
from deploy.local.ports import LOOPBACK
from deploy.local.toml import render
from services.identity.keys import make_key
from services.kit.access.client import CallTokens, ClientCredentials, TokenSource
from services.kit.access.settings import ClientSettings
from services.kit.access.sign_in import PersonToken, SignIn
from services.kit.access.tokens import audience_of
from services.kit.clock import SystemClock

NAME: Final = "identity"
REDIRECT: Final = f"http://{LOOPBACK}/signed-in"
"""Where programs on a person's machine are answered, on whatever port they have."""

_RENEW_BEFORE_S: Final = 60.0
_HASH: Final = "scrypt:1024:8:1"
"""Cheaper than for passwords that people choose: these are long and random, and there are many."""


@dataclass(frozen=True)
class IdentityPlace:
    """Where the provider lives, and who can sign in.

    Attributes:
        folder: Its settings, people and keys.
        port: On 127.0.0.1.
        log: What it prints.
        log_ins: Everybody, with passwords.
    """

    folder: Path
    port: int
    log: Path
    log_ins: list[LogIn] = field(repr=False)

    @property
    def issuer(self) -> str:
        """Its name in tokens, and its address."""
        return f"https://{LOOPBACK}:{self.port}"

    @property
    def settings(self) -> Path:
        """Its settings file."""
        return self.folder / "settings.toml"


def write_identity(  # noqa: PLR0913  # where it lives, and for whom
    folder: Path,
    port: int,
    log: Path,
    authority: CertificateAuthority,
    organisations: Iterable[str],
    *,
    more_clients: Iterable[Mapping[str, Any]] = (),
) -> IdentityPlace:
    """Write everything that the provider needs.

    Args:
        folder: Its own.
        port: On which it takes calls.
        log: What it will print.
        authority: Issues its certificate, and those of clients.
        organisations: Each gets a client by its own id.
        more_clients: Further clients, as the provider's settings have them.
    """
    clients = [*organisations, GATEWAY]
    people = [person for person in read_people() if person.organisation in clients]
    place = IdentityPlace(folder, port, log, make_log_ins(people))
    authority.issue_files(folder / "tls", "service", NAME, usage=Usage(client=False))
    make_key(folder / "keys", datetime.now(UTC) - timedelta(minutes=5))
    write_private(folder / "people.toml", render({"people": _people(place.log_ins)}).encode())
    write_private(place.settings, _settings(place, clients, more_clients).encode())
    write_log_ins(folder, place.log_ins)
    return place


def write_caller(place: IdentityPlace, caller: Place) -> None:
    """Write `identity.toml` beside the certificate of an organisation's systems, for `ppg`."""
    text = render(
        {
            "tls": {
                "certificate_file": "client.crt",
                "key_file": "client.key",
                "authority_file": "authority.crt",
            },
            "sign_in": {
                "issuer": place.issuer,
                "client_id": caller.name,
                "token_url": f"{place.issuer}/token",
                "ca_file": "authority.crt",
            },
        }
    )
    write_private(caller.folder / "client" / "identity.toml", text.encode())


class Wallet:
    """Gets tokens from the provider: of systems by certificate, of people by signing in. Safe for threads.

    Args:
        place: The provider.
    """

    def __init__(self, place: IdentityPlace) -> None:
        self._place: Final = place
        self._kept: Final[dict[tuple[Path, str], _Person]] = {}

    def tokens(self, caller: Place, called: Place, name: str | None = None) -> CallTokens:
        """Tokens for the calls of an organisation's system, and of a person.

        Args:
            caller: Whose system calls.
            called: Which service.
            name: Who acts; whoever acts for the organisation unless given.

        Raises:
            PeopleError: Nobody of that name, or of that organisation, can sign in.
        """
        log_in = find_log_in(self._place.log_ins, caller.name, name)
        key = caller.folder, log_in.person.user
        person = self._kept.setdefault(key, _Person(self._place, caller, log_in))
        return CallTokens(self.system(caller, called), person)

    def system(self, caller: Place, called: Place) -> TokenSource:
        """Tokens of an organisation's system by itself, for a service."""
        settings = ClientSettings(
            client_id=caller.name,
            token_url=HttpUrl(f"{self._place.issuer}/token"),
            ca_file=caller.folder / "client" / "authority.crt",
        )
        return ClientCredentials(settings, trust_of(caller), audience_of(called.name), SystemClock())


class _Person:
    """A token of a person who signed in; a new one when it is about to end, in the same session."""

    def __init__(self, place: IdentityPlace, caller: Place, log_in: LogIn) -> None:
        self._place: Final = place
        self._caller: Final = caller
        self._log_in: Final = log_in
        self._browser: Final = Browser(ssl.create_default_context(cafile=_authority(caller)))
        self._lock: Final = Lock()
        self._kept: PersonToken | None = None

    async def fetch(self) -> str:
        """The token; errors as those of `SignIn` and `Browser`."""
        kept = self._kept
        return kept.token if _lasts(kept) else await asyncio.to_thread(self._renew)

    def _renew(self) -> str:
        with self._lock:
            kept = self._kept
            if not _lasts(kept):
                kept = self._kept = self._sign_in()
            return kept.token

    def _sign_in(self) -> PersonToken:
        asked = SignIn(self._place.issuer, self._caller.name, REDIRECT, trust_of(self._caller))
        try:
            arrived = self._browser.sign_in(asked.start(), self._log_in.person.user, self._log_in.password)
            return asked.finish(arrived)
        finally:
            asked.close()


def _lasts(kept: PersonToken | None) -> TypeGuard[PersonToken]:
    return kept is not None and time.time() < kept.ends_at - _RENEW_BEFORE_S


def trust_of(caller: Place) -> ssl.SSLContext:
    """What one of the organisation's own systems shows, and whom it believes."""
    trust = ssl.create_default_context(cafile=_authority(caller))
    trust.load_cert_chain(caller.folder / "client" / "client.crt", caller.folder / "client" / "client.key")
    return trust


def _authority(caller: Place) -> Path:
    return caller.folder / "client" / "authority.crt"


def _settings(place: IdentityPlace, clients: list[str], more_clients: Iterable[Mapping[str, Any]]) -> str:
    tables = {
        "issuer": place.issuer,
        "listen": {"port": place.port},
        "tls": {
            "certificate_file": "tls/service.crt",
            "key_file": "tls/service.key",
            "authority_file": "tls/authority.crt",
        },
        "keys": {"folder": "keys"},
        "people": {"file": "people.toml"},
        "clients": [
            {
                "client_id": name,
                "organisation": name,
                "audience": list(dict.fromkeys([audience_of(name), audience_of(GATEWAY)])),
                "redirect_uris": [REDIRECT],
                "sign_out_uris": [REDIRECT],
            }
            for name in clients
        ]
        + list(more_clients),
    }
    return render(tables)


def _people(log_ins: list[LogIn]) -> list[dict[str, Any]]:
    return [
        {
            "subject": item.person.subject,
            "user": item.person.user,
            "password": generate_password_hash(item.password, method=_HASH),
            **item.person.model_dump(exclude={"roles", "clearances"}),
            "roles": list(item.person.roles),
            "clearances": list(item.person.clearances),
        }
        for item in log_ins
    ]
