"""An identity provider in the process of the test: a key of its own, and any token that a test wants.

Tokens are those that a real provider gives, bound to the caller's certificate; what verifies them is what
verifies them in production, from a file of the provider's public key.
"""

import json
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from time import time
from typing import Any

from joserfc import jwt
from joserfc.jwk import OKPKey

import services.kit.exchange.parts  # noqa: F401 - declares the services that agencies share
from gateway.rpc.access import TABLE, kinds_by
from services.kit.access.actor import Clearance, Person, Role
from services.kit.access.authenticator import Authenticator
from services.kit.access.binding import thumbprint
from services.kit.access.client import CallTokens, FixedToken
from services.kit.access.gatekeeper import Gatekeeper, KindOf, Refusal
from services.kit.access.settings import IdentitySettings, IssuerSettings
from services.kit.access.table import AGENCY_TABLE, AccessTable, name_kind, read_table
from services.kit.access.tokens import audience_of, open_verifier
from services.kit.clock import Clock, SystemClock
from services.kit.credentials import TlsIdentity
from services.kit.directory import GATEWAY, Directory
from services.kit.rpc.service import ServedService, find_service

ISSUER = "https://identity.example.org"
NAME = "Sam Reed"
JOB = "COMMUNITY_OFFENDER_MANAGER"
DESK = "front-door"
LIFETIME_S = 3600
DIRECTORY = "publicprotection.exchange.v1.DirectoryService"
SHARED_METHODS = (
    "/grpc.health.v1.Health/Check",
    "/grpc.health.v1.Health/List",
    "/grpc.health.v1.Health/Watch",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
)
"""What every server offers besides its services."""


@dataclass
class Issuer:
    """A provider.

    Attributes:
        name: as tokens state it.
        key: signs them.
        folder: where its public key is kept in a file.
    """

    name: str = ISSUER
    key: OKPKey = field(default_factory=lambda: OKPKey.generate_key("Ed25519", {"kid": secrets.token_hex(8)}))
    folder: Path = field(default_factory=lambda: Path(mkdtemp(prefix="ppg-identity-")))

    def jwks(self) -> dict[str, Any]:
        """The public key as a provider publishes it."""
        return {"keys": [{**self.key.as_dict(private=False), "use": "sig", "alg": "Ed25519"}]}

    def write(self, folder: Path | None = None) -> Path:
        """Puts the public key into a file."""
        path = (folder or self.folder) / "identity.jwks.json"
        path.write_text(json.dumps(self.jwks()), encoding="utf-8")
        return path

    def settings(self, organisations: Iterable[str], **changes: Any) -> IssuerSettings:
        """The settings by which a service believes it about these organisations."""
        return IssuerSettings.model_validate(
            {
                "issuer": self.name,
                "jwks_file": self.write(),
                "organisations": frozenset(organisations),
                **changes,
            }
        )

    def sign(self, claims: dict[str, Any], **header: Any) -> str:
        """A token that says exactly this."""
        full = {"alg": "Ed25519", "kid": self.key.kid, "typ": "at+jwt", **header}
        return jwt.encode(full, claims, self.key, algorithms=[full["alg"]])

    def system_token(
        self, certificate: bytes, organisation: str, /, audience: Iterable[str] = (), **changes: Any
    ) -> str:
        """A token for a system of an organisation; `changes` replace claims, None leaves one out."""
        client = f"{organisation}-system"
        own = {"sub": client, "client_id": client, "organisation": organisation}
        return self.sign(_drop(self._common(certificate, organisation, audience) | own | changes))

    def person_token(
        self, certificate: bytes, person: Person, /, audience: Iterable[str] = (), **changes: Any
    ) -> str:
        """A token for a member of staff; `changes` replace claims, None leaves one out."""
        own = {
            "sub": person.subject,
            "client_id": f"{person.organisation}-system",
            "organisation": person.organisation,
            "name": person.name,
            "job": person.job,
            "roles": sorted(person.roles),
            "desk": person.desk,
            "area": person.area,
            "clearances": sorted(person.clearances),
        }
        return self.sign(_drop(self._common(certificate, person.organisation, audience) | own | changes))

    def _common(self, certificate: bytes, organisation: str, audience: Iterable[str]) -> dict[str, Any]:
        now = int(time())
        return {
            "iss": self.name,
            "aud": [audience_of(each) for each in audience]
            or [audience_of(organisation), audience_of(GATEWAY)],
            "iat": now,
            "exp": now + LIFETIME_S,
            "jti": secrets.token_hex(8),
            "cnf": {"x5t#S256": thumbprint(certificate)},
        }


@cache
def issuer() -> Issuer:
    """The provider of this test run."""
    return Issuer()


def as_person(
    organisation: str,
    *roles: Role,
    name: str = NAME,
    job: str = JOB,
    desk: str = DESK,
    area: str = "",
    clearances: Iterable[Clearance] = (),
) -> Person:
    """A member of staff of an organisation; a practitioner unless roles are given."""
    held = roles or (Role.PRACTITIONER,)
    return Person(
        subject=f"{organisation}-{held[0].value.lower()}-{desk}",
        name=name,
        job=job,
        roles=frozenset(held),
        organisation=organisation,
        desk=desk,
        area=area,
        clearances=frozenset(clearances),
    )


def tokens_for(
    tls: TlsIdentity, organisation: str, person: Person | None = None, audience: Iterable[str] = ()
) -> CallTokens:
    """What a system of an organisation puts on its calls, for a person or by itself."""
    made = issuer()
    system = FixedToken(made.system_token(tls.certificate, organisation, audience))
    if person is None:
        return CallTokens(system)
    return CallTokens(system, FixedToken(made.person_token(tls.certificate, person, audience)))


def identity_for(*organisations: str) -> IdentitySettings:
    """Settings that believe the provider of this test run about these organisations."""
    return IdentitySettings(issuers=(issuer().settings(organisations),))


def authenticator(own: str, *organisations: str, clock: Clock | None = None) -> Authenticator:
    """What tells who calls the service of `own`."""
    settings = identity_for(*(organisations or (own,)))
    return Authenticator(open_verifier(settings, own, clock or SystemClock()))


def _drop(claims: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in claims.items() if value is not None}


class NotedRefusals:
    """Keeps every refusal of access, for a test to look at."""

    def __init__(self) -> None:
        self.noted: list[Refusal] = []

    def note(self, refusal: Refusal) -> None:
        """Keeps it."""
        self.noted.append(refusal)


@dataclass(frozen=True)
class Gate:
    """A gatekeeper by the table of production, narrowed to what a test serves, and what it refused."""

    gatekeeper: Gatekeeper
    refusals: NotedRefusals


def agency_gate(own: str, kind: int, services: Iterable[ServedService], role: str = "") -> Gate:
    """The gatekeeper of an agency's service by the table of all agencies.

    Args:
        own: the organisation.
        kind: of it.
        services: what the test serves; health and reflection are added.
        role: full name of the service whose methods are the verbs; by its name if left out.
    """
    offered = [method for service in services for method in service.methods]
    verbs = [method for method in offered if is_verb(method, role)]
    table = read_table(AGENCY_TABLE, verbs)
    kinds = {own: name_kind(kind)}
    return _gate(own, (own,), table, offered, kinds.get)


def gateway_gate(source: Callable[[], Directory], services: Iterable[ServedService]) -> Gate:
    """The gatekeeper of the gateway by its own table."""
    everybody = (*source().organisations, GATEWAY)
    offered = [method for service in services for method in service.methods]
    return _gate(GATEWAY, everybody, read_table(TABLE), offered, kinds_by(source))


def list_shared() -> list[ServedService]:
    """The services that every agency shares, without handlers: for a process whose table is to match."""
    methods = set(read_table(AGENCY_TABLE).rows) - set(SHARED_METHODS)
    names = sorted({method.split("/")[1] for method in methods} - {DIRECTORY})
    return [ServedService(find_service(name), lambda _server: None) for name in names]


def is_verb(method: str, role: str = "") -> bool:
    """Whether a method is a verb of an agency's own service."""
    service, name = method.strip("/").split("/")
    return name.startswith("Send") and role in ("", service)


def _gate(own: str, known: Iterable[str], table: AccessTable, offered: list[str], kind_of: KindOf) -> Gate:
    served = {*offered, *SHARED_METHODS}
    narrowed = AccessTable({name: rows for name, rows in table.rows.items() if name in served})
    noted = NotedRefusals()
    return Gate(Gatekeeper(authenticator(own, *known), narrowed, kind_of, noted), noted)
