"""The console of the co-ordination unit over its real registers: requests for minutes, decisions."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.certificates import CertificateAuthority
from services.kit.credentials import TlsIdentity
from services.kit.disclosures.service import serve_disclosure_decisions
from services.kit.minutes.service import serve_minutes_requests
from services.kit.rpc.health import Health
from services.kit.rpc.server import RpcServer, ServerOptions
from services.kit.settings import Limits, Listen
from tests.support.agency_server import always
from tests.support.console import Browser, open_console, person_of
from tests.support.gateway import Parties
from tests.support.identity import agency_gate
from tests.support.minutes import UNIT, Unit, open_unit

COORDINATOR, CHAIR = "Ola Brandt", "Bram Hollowell"


@dataclass
class UnitConsole:
    """The unit, and somebody's browser at its console."""

    unit: Unit
    browser: Browser

    def turn_to(self, name: str) -> None:
        """Somebody else of the unit signs in."""
        self.browser.sign_in(person_of(name))


@asynccontextmanager
async def open_unit_console(
    parties: Parties, folder: Path, name: str = COORDINATOR
) -> AsyncIterator[UnitConsole]:
    """The unit's console, with somebody signed in."""
    authority = CertificateAuthority.create()
    async with AsyncExitStack() as stack:
        unit = await stack.enter_async_context(open_unit(parties, folder))
        port = await stack.enter_async_context(_serve(unit, parties, authority))
        browser = await stack.enter_async_context(
            open_console(
                person_of(name),
                authority=authority,
                agency=f"127.0.0.1:{port}",
                names=parties.directory.organisations,
            )
        )
        yield UnitConsole(unit, browser)


@asynccontextmanager
async def _serve(unit: Unit, parties: Parties, authority: CertificateAuthority) -> AsyncIterator[int]:
    member = unit.member
    parts = member.participant, member.records, member.outbox
    services = [serve_minutes_requests(*parts), serve_disclosure_decisions(*parts)]
    certificate, key = authority.issue("agency", UNIT)
    gate = agency_gate(UNIT, parties.directory.organisations[UNIT].kind, services)
    tls = TlsIdentity(certificate, key, authority.certificate_pem)
    options = ServerOptions(Listen(), tls, Limits(), gate.gatekeeper)
    health = Health([service.name for service in services], {"store": always}, {"broker": always})
    server = RpcServer(options, services, health)
    port = await server.start()
    try:
        yield port
    finally:
        await server.stop()
