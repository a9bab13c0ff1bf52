"""Who sees what an organisation sent and received: the own desk, all desks, and what a clearance opens."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from publicprotection.documents.v1.custody_pb2 import ReleaseNotice
from publicprotection.documents.v1.minutes_request_pb2 import MinutesRequest
from publicprotection.exchange.v1 import inbox_service_pb2, outbox_service_pb2, thread_service_pb2
from publicprotection.exchange.v1.header_pb2 import Author
from publicprotection.exchange.v1.inbox_service_pb2 import ACKNOWLEDGEMENT_KIND_RECEIVED

from services.kit.access.actor import Actor, Clearance, Role, Scope, System
from services.kit.access.authors import require_author
from services.kit.access.errors import NoPersonError
from services.kit.bus import MemoryBus
from services.kit.exchange.reach import NOTHING, Reach, concerns_terrorism, reach_of
from services.kit.rpc.errors import AuthorNotCallerError, ClearanceMissingError, NotFoundError
from services.kit.store.inbox import DeliveryContent
from tests.support.exchanging import (
    CONTEXT,
    DESK,
    RECIPIENT,
    SENDER,
    GatewayStandIn,
    Member,
    World,
    write_header,
    write_notice,
)
from tests.support.identity import as_person

ELSEWHERE = "front-door"
AUTHOR = Author(name="Jo Park", role="DUTY_OFFICER")


@pytest.fixture
async def delivery_id(
    sender: Member, recipient: Member, gateway: GatewayStandIn, gateway_bus: MemoryBus
) -> str:
    await sender.outbox.submit(write_header(), write_notice(), desk=DESK)
    await sender.relay.publish_waiting()
    opened = gateway.open_seal(await gateway.take(gateway_bus, SENDER))
    delivery = gateway.release(opened)
    await recipient.intake.receive(gateway.received(RECIPIENT, delivery=delivery))
    await sender.intake.receive(gateway.received(SENDER, outcome=gateway.outcome(opened)))
    return delivery.delivery_id


def ask(member: Member, delivery_id: str) -> dict[str, Callable[[], Awaitable[Any]]]:
    """Every way to something received, by name."""
    inbox = member.inbox_service
    acknowledge = inbox_service_pb2.AcknowledgeDeliveryRequest(
        delivery_id=delivery_id, kind=ACKNOWLEDGEMENT_KIND_RECEIVED, author=AUTHOR
    )
    return {
        "get": lambda: inbox.GetDelivery(
            inbox_service_pb2.GetDeliveryRequest(delivery_id=delivery_id), CONTEXT
        ),
        "acknowledge": lambda: inbox.AcknowledgeDelivery(acknowledge, CONTEXT),
    }


async def listed(member: Member, desk: str = "") -> list[str]:
    request = inbox_service_pb2.ListDeliveriesRequest(desk=desk)
    found = await member.inbox_service.ListDeliveries(request, CONTEXT)
    return [each.delivery_id for each in found.deliveries]


@pytest.mark.parametrize("role", [Role.PRACTITIONER, Role.MEETING_CHAIR])
async def test_a_practitioner_sees_the_inbox_of_the_own_desk(
    recipient: Member, delivery_id: str, role: Role
) -> None:
    recipient.acts_as(role, Scope.DESK, desk=DESK)
    assert await listed(recipient) == await listed(recipient, DESK) == [delivery_id]
    for call in ask(recipient, delivery_id).values():
        await call()


async def test_nobody_of_another_desk_sees_it_or_learns_that_it_is_there(
    recipient: Member, delivery_id: str
) -> None:
    recipient.acts_as(Role.PRACTITIONER, Scope.DESK, desk=ELSEWHERE)
    assert await listed(recipient) == await listed(recipient, DESK) == []
    for call in ask(recipient, delivery_id).values():
        with pytest.raises(NotFoundError):
            await call()
    with pytest.raises(NotFoundError):
        await ask(recipient, "no-such")["get"]()


async def test_a_supervisor_sees_every_desk_and_may_choose(recipient: Member, delivery_id: str) -> None:
    recipient.acts_as(Role.SUPERVISOR, Scope.ORGANISATION, desk=ELSEWHERE)
    assert await listed(recipient) == await listed(recipient, DESK) == [delivery_id]
    assert await listed(recipient, ELSEWHERE) == []


async def test_whoever_watches_sees_the_own_desk(recipient: Member, delivery_id: str) -> None:
    recipient.acts_as(Role.PRACTITIONER, Scope.DESK, desk=DESK)
    stream = recipient.inbox_service.WatchDeliveries(
        inbox_service_pb2.WatchDeliveriesRequest(desk=DESK), CONTEXT
    )
    assert (await anext(stream)).delivery.delivery_id == delivery_id
    await stream.aclose()  # type: ignore[attr-defined]  # an async generator


@pytest.mark.parametrize(("desk", "seen"), [(DESK, True), (ELSEWHERE, False)])
async def test_what_was_sent_is_seen_at_the_desk_that_sent_it(
    sender: Member, delivery_id: str, desk: str, seen: bool
) -> None:
    assert delivery_id
    sender.acts_as(Role.SUPERVISOR, Scope.ORGANISATION)
    outbox = sender.outbox_service
    everything = await outbox.ListExchanges(outbox_service_pb2.ListExchangesRequest(), CONTEXT)
    (sent,) = [each.exchange_id for each in everything.exchanges]
    sender.acts_as(Role.PRACTITIONER, Scope.DESK, desk=desk)
    found = await outbox.ListExchanges(outbox_service_pb2.ListExchangesRequest(), CONTEXT)
    assert [each.exchange_id for each in found.exchanges] == ([sent] if seen else [])
    get = outbox.GetExchange(outbox_service_pb2.GetExchangeRequest(exchange_id=sent), CONTEXT)
    thread = sender.thread_service.GetThread(thread_service_pb2.GetThreadRequest(exchange_id=sent), CONTEXT)
    for call in (get, thread):
        if seen:
            await call
        else:
            with pytest.raises(NotFoundError):
                await call


async def test_terrorism_is_for_whoever_is_cleared(
    recipient: Member, delivery_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = recipient.records.inbox.content

    async def with_mark(connection: Any, which: str) -> DeliveryContent | None:
        content = await kept(connection, which)
        assert content is not None
        content.leaves.update({"type": "MinutesRequest", "document.counter_terrorism": True})
        return content

    monkeypatch.setattr(type(recipient.records.inbox), "content", lambda _self, *rest: with_mark(*rest))
    recipient.acts_as(Role.SUPERVISOR, Scope.ORGANISATION)
    with pytest.raises(ClearanceMissingError):
        await ask(recipient, delivery_id)["get"]()


@pytest.mark.parametrize(
    ("document", "leaves", "said"),
    [
        (MinutesRequest, {"document.counter_terrorism": True}, True),
        (MinutesRequest, {"document.counter_terrorism": False}, False),
        (ReleaseNotice, {"document.release_address.lines": "Terrorist Lane"}, False),
        (ReleaseNotice, {"document.release_address.lines": "TERRORISM"}, False),
        (ReleaseNotice, {"document.restrictions[0a0a0a0a0a0a0a0a0a0a].kind": "X_TERRORISM"}, True),
        (ReleaseNotice, {"header.necessity": "TERRORISM"}, False),
    ],
)
def test_a_field_states_terrorism_and_a_word_does_not(
    document: Any, leaves: dict[str, Any], said: bool
) -> None:
    assert concerns_terrorism({"type": document.DESCRIPTOR.name, **leaves}) is said


def test_a_restricted_desk_is_for_whoever_is_cleared(world: World) -> None:
    own = world.directory.organisations[RECIPIENT]
    own.desks[0].restricted = True
    desk = own.desks[0].desk
    try:
        for clearances, seen in (([], False), ([Clearance.TERRORISM], False), ([Clearance.RESTRICTED], True)):
            actor = person(Role.SUPERVISOR, Scope.ORGANISATION, clearances)
            assert reach_of(actor, world.directory, RECIPIENT).covers(desk) is seen
    finally:
        own.desks[0].restricted = False


@pytest.mark.parametrize("scope", [Scope.NONE, Scope.AREA, Scope.METADATA])
def test_another_scope_reaches_nothing_here(world: World, scope: Scope) -> None:
    assert reach_of(person(Role.OPERATOR, scope, []), world.directory, RECIPIENT) == NOTHING


def test_a_system_by_itself_reaches_nothing(world: World) -> None:
    actor = Actor(System(RECIPIENT, "s"), Role.AGENCY_SYSTEM, None, Scope.ORGANISATION)
    assert reach_of(actor, world.directory, RECIPIENT) == NOTHING


def test_one_desk_within_a_reach() -> None:
    own = Reach(frozenset({"a"}), frozenset())
    assert own.within("a").covers("a")
    assert not own.within("b").covers("b")
    assert Reach(None, frozenset()).within("b").desks == frozenset({"b"})
    assert Reach(None, frozenset({"b"})).within("b").desks == frozenset()


@pytest.mark.parametrize(
    "author", [Author(), Author(name="Jo Park"), Author(name="Jo Parker", role="DUTY_OFFICER")]
)
def test_nobody_signs_for_another(author: Author) -> None:
    actor = person(Role.SUPERVISOR, Scope.ORGANISATION, [])
    require_author(actor, AUTHOR)
    with pytest.raises(AuthorNotCallerError):
        require_author(actor, author)


def test_a_system_is_no_author() -> None:
    with pytest.raises(NoPersonError):
        require_author(Actor(System(RECIPIENT, "s"), Role.AGENCY_SYSTEM, None), AUTHOR)


def person(role: Role, scope: Scope, clearances: list[Clearance]) -> Actor:
    who = as_person(RECIPIENT, role, name="Jo Park", job="DUTY_OFFICER", clearances=clearances)
    return Actor(System(RECIPIENT, "s"), role, who, scope)
