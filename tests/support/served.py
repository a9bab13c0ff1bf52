"""A gateway's services over mutual TLS with two tokens, for tests of what each role is answered."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import grpc.aio

from deploy.certificates import CertificateAuthority
from services.kit.access.actor import Role
from services.kit.credentials import TlsIdentity
from services.kit.directory import GATEWAY
from services.kit.rpc.client import open_channel
from services.kit.rpc.health import Health
from services.kit.rpc.server import RpcServer, ServerOptions
from services.kit.rpc.service import ServedService
from services.kit.settings import Limits, Listen
from tests.support.gateway import Gateway
from tests.support.identity import as_person, gateway_gate, tokens_for

AREA = "kent-and-medway"


@dataclass
class Served:
    """A server that runs, and who may call it."""

    gateway: Gateway
    authority: CertificateAuthority
    port: int

    @asynccontextmanager
    async def channel(
        self, organisation: str, *roles: Role, name: str = "Ines Vale"
    ) -> AsyncIterator[grpc.aio.Channel]:
        """A channel of one of an organisation's systems, for a person with these roles."""
        certificate, key = self.authority.issue("caller", organisation)
        tls = TlsIdentity(certificate, key, self.authority.certificate_pem)
        tokens = tokens_for(tls, organisation, as_person(organisation, *roles, name=name, area=AREA))
        async with open_channel(f"localhost:{self.port}", tls, tokens=tokens) as channel:
            yield channel


@asynccontextmanager
async def serve_gateway_parts(gateway: Gateway, services: Sequence[ServedService]) -> AsyncIterator[Served]:
    """Runs a server with some of the gateway's services, guarded as in the process."""
    authority = CertificateAuthority.create()
    certificate, key = authority.issue("gateway", GATEWAY)
    tls = TlsIdentity(certificate, key, authority.certificate_pem)
    gate = gateway_gate(lambda: gateway.parties.directory, services)
    options = ServerOptions(Listen(), tls, Limits(), gate.gatekeeper)
    server = RpcServer(options, services, Health([service.name for service in services], needed={}))
    port = await server.start()
    try:
        yield Served(gateway, authority, port)
    finally:
        await server.stop()
