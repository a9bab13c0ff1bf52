"""A gateway and agencies' own services in one process, and consoles of both: a co-ordinator's working day.

Packets go between them over a broker in memory when a test says so (`carry`); what a page changes is changed
for real.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.app.clocks.firing import Timekeeper
from gateway.app.envelopes import Arrival
from gateway.app.hold_queue import HoldQueue
from gateway.rpc.clocks import serve_clocks as serve_clocks_of_gateway
from gateway.rpc.hold_queue import serve_hold_queue
from services.kit.access.actor import Person
from services.kit.bus import MemoryBus, Received
from services.kit.clocks.service import serve_clocks
from services.kit.exchange.hold_service import serve_holds
from services.kit.exchange.inbox_service import serve_inbox
from services.kit.exchange.outbox_service import serve_outbox
from services.kit.exchange.thread_service import serve_threads
from services.kit.rpc.health import Health
from services.kit.rpc.server import RpcServer, ServerOptions
from services.kit.rpc.service import ServedService, find_service
from services.kit.rpc.verbs import serve_verbs
from services.kit.settings import Limits, Listen
from tests.support.agency_server import issue
from tests.support.console import Browser, open_console
from tests.support.databases import FileDatabase
from tests.support.exchanging import Member, open_member
from tests.support.gateway import Gateway
from tests.support.identity import agency_gate
from tests.support.served import Served, serve_gateway_parts

PARTNER = "publicprotection.partner.v1.PartnerService"


@dataclass
class WorkingDay:
    """Who works together.

    Attributes:
        gateway: real, with the services that consoles ask.
        served: its server.
        members: the agencies' own services, by organisation.
        addresses: of their servers.
    """

    gateway: Gateway
    served: Served
    members: Mapping[str, Member]
    addresses: Mapping[str, str]

    def __post_init__(self) -> None:
        self.timekeeper = Timekeeper(self.gateway.store, self.gateway.tools, interval_s=0.01)

    async def carry(self) -> None:
        """Has every packet that is on its way arrive, and what follows from it."""
        while await self._send() or await self._receive():
            pass

    @asynccontextmanager
    async def console(self, person: Person) -> AsyncIterator[Browser]:
        """Somebody's console."""
        async with open_console(
            person,
            authority=self.served.authority,
            gateway=f"localhost:{self.served.port}",
            agency=self.addresses[person.organisation],
            names=self.gateway.parties.directory.organisations,
        ) as browser:
            yield browser

    async def _send(self) -> int:
        sent = 0
        for name, member in self.members.items():
            await member.relay.publish_waiting()
            items = self.gateway.broker.queues[f"from.{name}"].items
            bodies = [items.popleft().message.body for _ in range(len(items))]
            await self.gateway.take(*(Arrival(name, name, body) for body in bodies))
            sent += len(bodies)
        return sent

    async def _receive(self) -> int:
        while await self.gateway.sequencer.sequence_batch():
            pass
        while await self.gateway.publisher.publish_batch():
            pass
        received = 0
        for name, member in self.members.items():
            items = self.gateway.broker.queues[f"to.{name}"].items
            for _ in range(len(items)):
                item = items.popleft()
                message = Received(f"to.{name}", item.message, item.user, False, 1, 1)  # noqa: FBT003  # as the broker fills it
                await member.intake.receive(message)
                received += 1
        return received


@asynccontextmanager
async def work_together(gateway: Gateway, folder: Path, *organisations: str) -> AsyncIterator[WorkingDay]:
    """Runs the gateway's services and those of some organisations, on free ports of loopback."""
    store, tools = gateway.store, gateway.tools
    services = [serve_hold_queue(HoldQueue(store, tools)), serve_clocks_of_gateway(store, tools)]
    async with AsyncExitStack() as stack:
        served = await stack.enter_async_context(serve_gateway_parts(gateway, services))
        members, addresses = {}, {}
        for name in organisations:
            bus = await stack.enter_async_context(MemoryBus(gateway.broker, name))
            opened = open_member(gateway.parties, name, bus, folder, FileDatabase)  # type: ignore[arg-type]  # Parties makes participants as World does
            members[name] = await stack.enter_async_context(opened)
            addresses[name] = await stack.enter_async_context(_serve(served, members[name]))
        yield WorkingDay(gateway, served, members, addresses)


@asynccontextmanager
async def _serve(served: Served, member: Member) -> AsyncIterator[str]:
    own = member.participant.organisation
    services = [*_services(member)]
    kind = served.gateway.parties.directory.organisations[own].kind
    gate = agency_gate(own, kind, services)
    options = ServerOptions(Listen(), issue(served.authority, own), Limits(), gate.gatekeeper)
    server = RpcServer(options, services, Health([each.name for each in services], needed={}))
    port = await server.start()
    try:
        yield f"localhost:{port}"
    finally:
        await server.stop()


def _services(member: Member) -> list[ServedService]:
    return [
        serve_holds(member.outbox, member.records),
        serve_clocks(member.participant, member.outbox, member.records),
        serve_inbox(member.participant, member.records),
        serve_threads(member.participant, member.records),
        serve_outbox(member.participant, member.records),
        serve_verbs(find_service(PARTNER), member.outbox),
    ]
