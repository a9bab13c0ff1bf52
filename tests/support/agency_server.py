"""A role's service on a real server over mutual TLS, with a submitter that remembers what it was given."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import grpc.aio
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from publicprotection.common.v1.organisation_pb2 import MARKING_OFFICIAL_SENSITIVE, OrganisationKind
from publicprotection.exchange.v1.directory_service_pb2 import (
    KEY_USE_ENCRYPTION,
    KEY_USE_SIGNING,
    Desk,
    Organisation,
    PublicKey,
)
from publicprotection.exchange.v1.directory_service_pb2 import Directory as SignedDirectory
from publicprotection.exchange.v1.header_pb2 import (
    LAWFUL_BASIS_CJA_2003_S325,
    PURPOSE_MANAGE_RISK,
    Header,
)
from publicprotection.exchange.v1.outcome_pb2 import Acceptance

from deploy.certificates import CertificateAuthority
from services.kit.access.actor import Person, Role
from services.kit.credentials import TlsIdentity
from services.kit.directory import GATEWAY, Directory
from services.kit.evidence.canonical import canonical
from services.kit.evidence.keys import DecryptionKey, SigningKey
from services.kit.identifiers import new_id
from services.kit.profile import Profile
from services.kit.rpc.client import open_channel
from services.kit.rpc.directory_service import serve_directory
from services.kit.rpc.health import Health
from services.kit.rpc.server import RpcServer, ServerOptions
from services.kit.rpc.service import ServedService, find_service
from services.kit.rpc.verbs import serve_verbs
from services.kit.settings import Limits, Listen
from tests.support.identity import NotedRefusals, agency_gate, as_person, tokens_for

OWN = "own-body"
OTHER = "other-body"
DESK = "front-door"
ISSUED = datetime(2026, 1, 5, tzinfo=UTC)
VALID_UNTIL = ISSUED + timedelta(days=3650)


def stamp(moment: datetime) -> Timestamp:
    """The moment as protobuf has it."""
    made = Timestamp()
    made.FromDatetime(moment)
    return made


def publish(key: SigningKey | DecryptionKey) -> PublicKey:
    """The public half, as a directory lists it."""
    return PublicKey(
        key_id=key.kid,
        use=KEY_USE_SIGNING if isinstance(key, SigningKey) else KEY_USE_ENCRYPTION,
        jwk=canonical(key.public.to_jwk()).decode(),
        valid_from=stamp(ISSUED),
        valid_until=stamp(VALID_UNTIL),
    )


def write_directory(kind: OrganisationKind.ValueType, serial: int = 7) -> SignedDirectory:
    """A directory of two organisations of that kind with a desk each, keys, and the gateway's keys."""
    organisations = [
        Organisation(
            organisation=name,
            name=name.title(),
            kind=kind,
            desks=[Desk(desk=DESK, telephone="01632 960001", clearance=MARKING_OFFICIAL_SENSITIVE)],
            keys=[publish(SigningKey.generate(owner=name)), publish(DecryptionKey.generate(owner=name))],
        )
        for name in (OWN, OTHER)
    ]
    return SignedDirectory(
        serial=serial,
        issued_at=stamp(ISSUED),
        valid_until=stamp(VALID_UNTIL),
        organisations=organisations,
        gateway_keys=[publish(DecryptionKey.generate(owner=GATEWAY))],
    )


def write_header() -> Header:
    """A valid header to the other organisation."""
    header = Header(
        purpose=PURPOSE_MANAGE_RISK,
        lawful_bases=[LAWFUL_BASIS_CJA_2003_S325],
        necessity="To plan for release.",
        request_id=new_id(),
        marking=MARKING_OFFICIAL_SENSITIVE,
    )
    header.author.name, header.author.role = "Sam Reed", "MANAGER"
    header.recipients.add(organisation=OTHER, desk=DESK)
    return header


@dataclass
class RecordingSubmitter:
    """Accepts everything and keeps it; raises `failure` instead, if set."""

    taken: list[tuple[Header, Message]] = field(default_factory=list)
    desks: list[str] = field(default_factory=list)
    failure: Exception | None = None

    async def submit(self, header: Header, document: Message, *, desk: str = "") -> Acceptance:
        """Keeps the exchange."""
        if self.failure is not None:
            raise self.failure
        self.taken.append((header, document))
        self.desks.append(desk)
        return Acceptance(exchange_id=f"exchange-{len(self.taken)}", accepted_at=stamp(ISSUED))


def issue(authority: CertificateAuthority, organisation: str) -> TlsIdentity:
    """A certificate of that organisation."""
    certificate, key = authority.issue("test", organisation)
    return TlsIdentity(certificate, key, authority.certificate_pem)


@dataclass
class Served:
    """A running service and who may speak to it."""

    address: str
    authority: CertificateAuthority
    submitter: RecordingSubmitter
    health: Health
    refusals: NotedRefusals

    @asynccontextmanager
    async def channel(
        self, organisation: str = OWN, person: Person | None = None
    ) -> AsyncIterator[grpc.aio.Channel]:
        """A channel with certificate and tokens of that organisation, for a supervisor of it unless given."""
        tls = issue(self.authority, organisation)
        who = person or as_person(organisation, Role.SUPERVISOR, job="MANAGER", desk=DESK)
        tokens = tokens_for(tls, organisation, who, audience=[OWN])
        async with open_channel(self.address, tls, tokens=tokens) as channel:
            yield channel


async def always() -> bool:
    """A part that is there."""
    return True


@asynccontextmanager
async def run_service(
    profile: Profile,
    *,
    authority: CertificateAuthority,
    limits: Limits | None = None,
    more: Sequence[ServedService] = (),
) -> AsyncIterator[Served]:
    """Runs the role's service, DirectoryService, health and reflection on a free port of loopback."""
    submitter = RecordingSubmitter()
    directory = Directory.from_message(write_directory(min(profile.kinds)))
    verbs = serve_verbs(find_service(profile.service), submitter)
    services = [verbs, serve_directory(lambda: directory, OWN), *more]
    health = Health([service.name for service in services], {"store": always}, {"broker": always})
    gate = agency_gate(OWN, min(profile.kinds), services)
    options = ServerOptions(Listen(), issue(authority, OWN), limits or Limits(), gate.gatekeeper)
    server = RpcServer(options, services, health)
    port = await server.start()
    try:
        yield Served(f"127.0.0.1:{port}", authority, submitter, health, gate.refusals)
    finally:
        await server.stop()
