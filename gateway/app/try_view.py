"""What would become of an exchange that there is not: asked and answered; nothing is sent or kept."""

import asyncio
from collections.abc import Callable

from publicprotection.oversight.v1 import rulebook_service_pb2 as pb2

from gateway.app.ports import Store
from gateway.app.tools import Tools
from gateway.app.try_wire import answer_try, read_supposed
from gateway.core.directory import DirectoryIndex
from gateway.core.documents import descriptor_of, document_class, options_of, sendable_by, shareable_documents
from gateway.core.trying.choices import purposes_of, seen_by
from gateway.core.trying.trying import try_exchange
from gateway.core.vocabulary import kind_name
from gateway.core.world import World
from services.kit.access.actor import Actor


class TryView:
    """Answers what would become of an exchange.

    Args:
        store: where agreements are.
        tools: the means of the process.
        world: directory and rulebook in force.
    """

    def __init__(self, store: Store, tools: Tools, world: Callable[[], World]) -> None:
        self._store = store
        self._tools = tools
        self._world = world

    def choices(self, actor: Actor, request: pb2.ListTryChoicesRequest) -> pb2.ListTryChoicesResponse:
        """What the actor may try."""
        world = self._world()
        directory = seen_by(actor.organisation, world.directory)
        kind = directory.kind_of(request.sender or actor.organisation)
        sendable = sorted(sendable_by(kind).intersection(shareable_documents()))
        documents = [
            pb2.TryDocument(
                document_type=name,
                title=options_of(descriptor_of(document_class(name))).title,
                purposes=purposes_of(world.rulebook, name, kind_name(kind)),
            )
            for name in sendable
        ]
        documents.sort(key=lambda each: each.title.casefold())
        return pb2.ListTryChoicesResponse(organisations=_organisations(directory), documents=documents)

    async def decide(self, actor: Actor, request: pb2.TryExchangeRequest) -> pb2.TryExchangeResponse:
        """What would become of it under the agreements in force.

        Raises:
            TryError: it names something that there is not.
        """
        now = self._tools.clock.now()
        supposed = read_supposed(request)
        async with self._store.reading() as unit:
            agreements = await self._tools.agreements.effective(unit.agreements, now.date())
        world = self._world()
        seen = World(seen_by(actor.organisation, world.directory), agreements, world.rulebook)
        tried = await asyncio.to_thread(try_exchange, supposed, seen, now)
        return answer_try(tried, seen)


def _organisations(directory: DirectoryIndex) -> list[pb2.TryOrganisation]:
    found = [
        pb2.TryOrganisation(
            organisation=each.organisation,
            name=each.name,
            desks=[pb2.TryDesk(desk=desk.desk, name=desk.name) for desk in each.desks],
        )
        for each in directory.organisations.values()
    ]
    return sorted(found, key=lambda each: each.name.casefold())
