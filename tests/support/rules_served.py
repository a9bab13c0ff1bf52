"""What a gateway serves of rules and agreements, for tests of their calls and their pages."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.app.agreement_impact import AgreementImpact
from gateway.app.agreement_view import AgreementView
from gateway.app.rulebook_view import RulebookView
from gateway.app.try_view import TryView
from gateway.core.world import World
from gateway.rpc.agreements import AgreementParts, serve_agreements
from gateway.rpc.rulebook import RulebookParts, serve_rulebook
from tests.support.agreement_acts import desk_of
from tests.support.console import Browser, open_console, person_of
from tests.support.gateway import Gateway
from tests.support.served import Served, serve_gateway_parts


def rulebook_parts(gateway: Gateway) -> RulebookParts:
    """What RulebookService answers from."""

    def world() -> World:
        return gateway.parties.world

    view = RulebookView(gateway.store, gateway.tools, AgreementView(gateway.store, gateway.tools), world)
    return RulebookParts(view, TryView(gateway.store, gateway.tools, world))


def agreement_parts(gateway: Gateway) -> AgreementParts:
    """What AgreementService answers from."""
    view = AgreementView(gateway.store, gateway.tools)
    impact = AgreementImpact(gateway.store, gateway.tools, view, lambda: gateway.parties.world)
    return AgreementParts(desk_of(gateway), view, impact)


@asynccontextmanager
async def serve_rules(gateway: Gateway) -> AsyncIterator[Served]:
    """Runs both services."""
    services = [serve_rulebook(rulebook_parts(gateway)), serve_agreements(agreement_parts(gateway))]
    async with serve_gateway_parts(gateway, services) as served:
        yield served


@asynccontextmanager
async def open_rules(served: Served, name: str) -> AsyncIterator[Browser]:
    """The console of somebody of the story, over those services."""
    async with open_console(
        person_of(name),
        authority=served.authority,
        gateway=f"localhost:{served.port}",
        names=served.gateway.parties.directory.organisations,
    ) as browser:
        yield browser
