"""A log that witnesses vouch for, and a console that looks at it: for pages of data protection officers."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from gateway.app.log_rows import CosignatureRow
from gateway.app.subject_changes import SubjectDesk
from gateway.app.subject_view import SubjectView
from gateway.rpc.breaches import serve_breaches
from gateway.rpc.disclosure_log import serve_disclosure_log
from gateway.rpc.retention import serve_retention
from gateway.rpc.subjects import serve_subjects
from services.console.evidence import EXTENSION, Evidence
from services.kit.access.actor import Person
from services.kit.evidence.checkpoint import cosign
from services.kit.evidence.note import read_note
from services.kit.rpc.service import ServedService
from tests.support.console import Browser, open_console
from tests.support.gateway import Gateway
from tests.support.served import Served, serve_gateway_parts

PURPOSE = {"purpose": "2", "reason": "Monthly check, reference 2026/11"}


async def put_in_order(gateway: Gateway) -> None:
    """Gives each record its index, and signs the tree."""
    while await gateway.sequencer.sequence_batch():
        pass


async def have_witnessed(gateway: Gateway) -> None:
    """Sends the newest checkpoint to all witnesses, and takes their cosignatures."""
    async with gateway.store.writing() as unit:
        head = await unit.tree.head()
        assert head is not None
        await unit.witnesses.add_checkpoint(head)
        for name in gateway.parties.directory.witnesses:
            line = cosign(read_note(head.note), gateway.parties.signing[name], head.at)
            await unit.witnesses.add_cosignature(CosignatureRow(head.size, name, str(line), head.at))


def serve_officers(gateway: Gateway) -> Sequence[ServedService]:
    """What data protection officers and co-ordinators ask."""
    store, tools = gateway.store, gateway.tools
    return [
        serve_disclosure_log(store, tools),
        serve_breaches(store, tools, lambda: gateway.parties.world.rulebook.breaches),
        serve_retention(store, tools),
        serve_subjects(SubjectView(store, tools), SubjectDesk(store, tools)),
    ]


@dataclass
class Watched:
    """A gateway with its services, for which consoles can be opened."""

    gateway: Gateway
    served: Served

    @asynccontextmanager
    async def console(self, person: Person, *, asked: bool = True) -> AsyncIterator[Browser]:
        """Somebody's console; `asked`: they have said already what they read the log for."""
        parties = self.gateway.parties
        async with open_console(
            person,
            authority=self.served.authority,
            gateway=f"localhost:{self.served.port}",
            names=parties.directory.organisations,
        ) as browser:
            browser.app.extensions[EXTENSION] = Evidence(lambda: parties.directory, parties.clock)
            if asked:
                await browser.get("/log/purpose")
                assert (await browser.post("/log/purpose", PURPOSE)).status_code == 303
            yield browser


@asynccontextmanager
async def watch(gateway: Gateway) -> AsyncIterator[Watched]:
    """Runs the services of data protection officers on a gateway."""
    async with serve_gateway_parts(gateway, serve_officers(gateway)) as served:
        yield Watched(gateway, served)
