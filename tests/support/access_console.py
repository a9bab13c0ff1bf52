"""The console of an agency that answers subject access requests, over its real service in one process."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.certificates import CertificateAuthority
from services.console.evidence import EXTENSION, Evidence
from services.kit.credentials import TlsIdentity
from services.kit.rpc.health import Health
from services.kit.rpc.server import RpcServer, ServerOptions
from services.kit.settings import Limits, Listen
from services.kit.subject_access.service import serve_subject_access
from tests.support.agency_server import always
from tests.support.console import Browser, open_console, person_of
from tests.support.gateway import Parties
from tests.support.identity import agency_gate
from tests.support.subject_access import AccessWorld, Agency, marlon, open_access_world

WORKER, OFFICER = "Bettina Marrowby", "Lysander Quickthorn"
"""Supervisor and data protection officer of the agency that answers."""

OWNER = "Hyacinth Bellweather"
"""Supervisor of the prison, which owns items of others' cases."""


@dataclass
class Desk:
    """One agency's console, and the world beside it."""

    world: AccessWorld
    agency: Agency
    browser: Browser

    def turn_to(self, name: str) -> None:
        """Somebody else of the same agency signs in."""
        self.browser.sign_in(person_of(name))

    async def case(self, case_id: str) -> Any:
        """The case as the service has it."""
        return await self.agency.case(case_id)


@asynccontextmanager
async def open_desk(parties: Parties, folder: Path, name: str = WORKER) -> AsyncIterator[Desk]:
    """The console of somebody's agency, with them signed in."""
    person = person_of(name)
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(open_access_world(parties, folder))
        agency = world.agencies[person.organisation]
        authority = CertificateAuthority.create()
        port = await stack.enter_async_context(_serve(agency, parties, authority))
        browser = await stack.enter_async_context(
            open_console(
                person,
                authority=authority,
                agency=f"127.0.0.1:{port}",
                names=parties.directory.organisations,
            )
        )
        evidence = Evidence(lambda: parties.directory, parties.clock)
        browser.app.extensions[EXTENSION] = evidence
        yield Desk(world, agency, browser)


async def find_items(desk: Desk, *, collected: bool = True) -> str:
    """A case whose data was located, and whose owners were asked."""
    await desk.world.send_step("release-notice")
    await desk.world.send_step("contribution")
    case_id = await desk.agency.open(marlon())
    await desk.agency.establish(case_id)
    await desk.agency.call("LocateData", case_id=case_id)
    await desk.world.pump()
    if collected:
        await desk.agency.call("CollectItems", case_id=case_id)
        await desk.world.pump()
    return case_id


@asynccontextmanager
async def _serve(agency: Agency, parties: Parties, authority: CertificateAuthority) -> AsyncIterator[int]:
    member, own = agency.member, agency.organisation
    service = serve_subject_access(member.participant, member.records, member.outbox)
    kind = parties.directory.organisations[own].kind
    certificate, key = authority.issue("agency", own)
    gate = agency_gate(own, kind, [service])
    options = ServerOptions(
        Listen(), TlsIdentity(certificate, key, authority.certificate_pem), Limits(), gate.gatekeeper
    )
    server = RpcServer(options, [service], Health([service.name], {"store": always}, {"broker": always}))
    port = await server.start()
    try:
        yield port
    finally:
        await server.stop()
