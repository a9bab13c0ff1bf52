"""What an agency's own service says of clocks, and of immediate exchanges that nobody confirmed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from publicprotection.common.v1.organisation_pb2 import DeskReference
from publicprotection.exchange.v1 import clock_pb2, decision_pb2, outcome_pb2
from publicprotection.exchange.v1 import clock_service_pb2 as pb2
from publicprotection.exchange.v1.header_pb2 import URGENCY_IMMEDIATE
from publicprotection.transport.v1.packet_pb2 import Packet, Submission

from services.kit.access.actor import Actor, Clearance, Person, Role, System, acting
from services.kit.bus import MemoryBroker
from services.kit.clocks.confirming import CODE, ConfirmationWatch
from services.kit.clocks.limits import immediate
from services.kit.clocks.service import ClockServicer
from services.kit.rpc.errors import NotFoundError
from tests.support.databases import NewDatabase
from tests.support.exchanging import (
    DESK,
    RECIPIENT,
    SENDER,
    GatewayStandIn,
    Member,
    World,
    memory_member,
    token,
    write_header,
    write_notice,
)

pytestmark = pytest.mark.both_databases

MINUTES = immediate().span
PERSON = Person("s-1", "Rufus Oakenshaw", "DUTY_MANAGER", frozenset({Role.SUPERVISOR}), SENDER, DESK)
CONTEXT: Any = None
TO = DeskReference(organisation=RECIPIENT, desk=DESK)


@pytest.fixture(autouse=True)
def somebody() -> Iterator[None]:
    with acting(Actor(System(SENDER, "case-system"), Role.SUPERVISOR, PERSON)):
        yield


@pytest.fixture
def service(sender: Member) -> ClockServicer:
    return ClockServicer(sender.participant, sender.outbox, sender.records)


async def send(sender: Member) -> str:
    header = write_header(token(), urgency=URGENCY_IMMEDIATE)
    return (await sender.outbox.submit(header, write_notice())).exchange_id


async def states(service: ClockServicer) -> list[int]:
    found = await service.ListUnconfirmed(pb2.ListUnconfirmedRequest(include_all=True), CONTEXT)
    return [each.state for each in found.confirmations]


async def warn(sender: Member) -> int:
    return await ConfirmationWatch(sender.participant, sender.records).warn()


async def tell(sender: Member, gateway: GatewayStandIn, exchange_id: str, **changes: Any) -> None:
    """The gateway says something of an exchange."""
    async with sender.records.store.read() as connection:
        original = await sender.records.sent.original(connection, exchange_id)
    assert original is not None
    opened = gateway.open_seal(Packet(submission=Submission(seal=original.seal)))
    notice = gateway.outcome(opened, **changes)
    assert await sender.intake.receive(gateway.received(SENDER, outcome=notice))


async def test_it_is_said_after_its_minutes_and_not_before(
    sender: Member, service: ClockServicer, world: World
) -> None:
    exchange_id = await send(sender)
    world.clock.advance(MINUTES - timedelta(seconds=1))
    assert await warn(sender) == 0
    world.clock.advance(timedelta(seconds=1))
    assert await warn(sender) == 1
    assert await sender.alarms(exchange_id) == [CODE]
    (late,) = (await service.ListUnconfirmed(pb2.ListUnconfirmedRequest(), CONTEXT)).confirmations
    assert (late.exchange_id, late.recipient, late.telephone) == (exchange_id, TO, "01632 960001")
    assert "telephone" in late.advice
    assert late.paragraph
    assert await warn(sender) == 0


async def test_nothing_is_said_of_what_is_not_immediate(sender: Member, world: World) -> None:
    await sender.outbox.submit(write_header(token()), write_notice())
    world.clock.advance(MINUTES * 2)
    assert await warn(sender) == 0


async def test_a_receipt_in_time_confirms(
    sender: Member, service: ClockServicer, gateway: GatewayStandIn, world: World
) -> None:
    exchange_id = await send(sender)
    await tell(sender, gateway, exchange_id, kind=outcome_pb2.OUTCOME_KIND_RECEIPTED, recipient=TO)
    world.clock.advance(MINUTES)
    assert await warn(sender) == 0
    assert await states(service) == [pb2.CONFIRMATION_STATE_CONFIRMED]


async def test_a_receipt_of_another_desk_confirms_nothing(
    sender: Member, gateway: GatewayStandIn, world: World
) -> None:
    exchange_id = await send(sender)
    other = DeskReference(organisation=RECIPIENT, desk="front-door")
    await tell(sender, gateway, exchange_id, kind=outcome_pb2.OUTCOME_KIND_RECEIPTED, recipient=other)
    world.clock.advance(MINUTES)
    assert await warn(sender) == 1


async def test_a_late_receipt_ends_the_warning(
    sender: Member, service: ClockServicer, gateway: GatewayStandIn, world: World
) -> None:
    exchange_id = await send(sender)
    world.clock.advance(MINUTES)
    await warn(sender)
    await tell(sender, gateway, exchange_id, kind=outcome_pb2.OUTCOME_KIND_RECEIPTED, recipient=TO)
    assert await states(service) == [pb2.CONFIRMATION_STATE_CONFIRMED]


async def test_what_was_rejected_is_telephoned_at_once(sender: Member, gateway: GatewayStandIn) -> None:
    exchange_id = await send(sender)
    await tell(sender, gateway, exchange_id, kind=outcome_pb2.OUTCOME_KIND_REJECTED)
    assert await warn(sender) == 1


async def test_what_may_not_go_is_not_telephoned(
    sender: Member, service: ClockServicer, gateway: GatewayStandIn, world: World
) -> None:
    exchange_id = await send(sender)
    refused = decision_pb2.Decision(recipient=TO, outcome=decision_pb2.DECISION_OUTCOME_REFUSED)
    await tell(sender, gateway, exchange_id, decisions=[refused])
    world.clock.advance(MINUTES)
    assert await warn(sender) == 0
    assert await states(service) == [pb2.CONFIRMATION_STATE_REFUSED]


async def test_a_restart_forgets_no_warning(
    world: World, broker: MemoryBroker, tmp_path: Path, databases: NewDatabase
) -> None:
    async with memory_member(world, broker, SENDER, tmp_path, databases) as first:
        await send(first)
    world.clock.advance(MINUTES)
    async with memory_member(world, broker, SENDER, tmp_path, databases) as second:
        assert await warn(second) == 1
        assert await warn(second) == 0


async def test_a_telephone_disclosure_ends_the_warning_and_goes_to_the_gateway(
    sender: Member, service: ClockServicer, world: World
) -> None:
    exchange_id = await send(sender)
    world.clock.advance(MINUTES)
    await warn(sender)
    said = pb2.RecordTelephoneDisclosureRequest(
        exchange_id=exchange_id,
        recipient=TO,
        request_id=token(),
        person_told="Duty officer",
        told="He was released today.",
    )
    accepted = (await service.RecordTelephoneDisclosure(said, CONTEXT)).acceptance
    assert await states(service) == [pb2.CONFIRMATION_STATE_TELEPHONED]
    async with sender.records.store.read() as connection:
        original = await sender.records.sent.original(connection, accepted.exchange_id)
    assert original is not None
    assert original.leaves["type"] == "TelephoneDisclosure"
    assert original.leaves["header.author.name"] == PERSON.name
    assert original.leaves["document.exchange_id"] == exchange_id
    again = (await service.RecordTelephoneDisclosure(said, CONTEXT)).acceptance
    assert again.repeated_request


async def test_only_what_was_sent_from_here_can_have_been_told(service: ClockServicer) -> None:
    said = pb2.RecordTelephoneDisclosureRequest(
        exchange_id="no-such-exchange", recipient=TO, request_id=token(), person_told="A", told="B"
    )
    with pytest.raises(NotFoundError):
        await service.RecordTelephoneDisclosure(said, CONTEXT)


def notice(state: "clock_pb2.ClockState.ValueType") -> clock_pb2.ClockNotice:
    return clock_pb2.ClockNotice(
        clock_id="clock-1", limit="CHILD_UNANSWERED", title="Heard of", paragraph="CPF 6.30", state=state
    )


async def test_clocks_told_are_listed_until_they_end(
    sender: Member, service: ClockServicer, gateway: GatewayStandIn
) -> None:
    exchange_id = await send(sender)
    running, met = notice(clock_pb2.CLOCK_STATE_RUNNING), notice(clock_pb2.CLOCK_STATE_MET)
    await tell(sender, gateway, exchange_id, kind=outcome_pb2.OUTCOME_KIND_CLOCK_REMINDER, clock=running)
    (told,) = (await service.ListClocks(pb2.ListClocksRequest(), CONTEXT)).clocks
    assert (told.clock.limit, told.exchange_id) == ("CHILD_UNANSWERED", exchange_id)
    assert told.told == outcome_pb2.OUTCOME_KIND_CLOCK_REMINDER
    done = pb2.CompleteClockRequest(clock_id="clock-1", request_id=token(), reason="Seen at home.")
    assert (await service.CompleteClock(done, CONTEXT)).acceptance.exchange_id
    await tell(sender, gateway, exchange_id, kind=outcome_pb2.OUTCOME_KIND_CLOCK_ENDED, clock=met)
    await tell(sender, gateway, exchange_id, kind=outcome_pb2.OUTCOME_KIND_CLOCK_REMINDER, clock=running)
    assert list((await service.ListClocks(pb2.ListClocksRequest(), CONTEXT)).clocks) == []
    (ended,) = (await service.ListClocks(pb2.ListClocksRequest(include_ended=True), CONTEXT)).clocks
    assert ended.clock.state == clock_pb2.CLOCK_STATE_MET


async def test_a_clock_of_a_restricted_desk_is_for_whoever_is_cleared(
    sender: Member, service: ClockServicer, gateway: GatewayStandIn, world: World
) -> None:
    exchange_id = await send(sender)
    own = world.directory.organisations[SENDER]
    for number, desk in ((1, own.desks[0].desk), (2, "elsewhere")):
        running = notice(clock_pb2.CLOCK_STATE_RUNNING)
        running.clock_id = f"clock-{number}"
        running.recipient.CopyFrom(DeskReference(organisation=SENDER, desk=desk))
        await tell(sender, gateway, exchange_id, kind=outcome_pb2.OUTCOME_KIND_CLOCK_REMINDER, clock=running)
    done = pb2.CompleteClockRequest(clock_id="clock-1", request_id=token(), reason="Seen at home.")
    own.desks[0].restricted = True
    try:
        assert await listed_one_by_one(service) == ["clock-2"]
        with pytest.raises(NotFoundError):
            await service.CompleteClock(done, CONTEXT)
        cleared = replace(PERSON, clearances=frozenset({Clearance.RESTRICTED}))
        with acting(Actor(System(SENDER, "case-system"), Role.SUPERVISOR, cleared)):
            assert await listed_one_by_one(service) == ["clock-1", "clock-2"]
    finally:
        own.desks[0].restricted = False


async def listed_one_by_one(service: ClockServicer) -> list[str]:
    """The clocks by pages of one: what is not shown leaves no gap in a page."""
    found: list[pb2.KnownClock] = []
    while page := (await service.ListClocks(_after(found), CONTEXT)).clocks:
        found += page
    return [each.clock.clock_id for each in found]


def _after(found: list[pb2.KnownClock]) -> pb2.ListClocksRequest:
    return pb2.ListClocksRequest(page_size=1, after_position=found[-1].position if found else 0)


async def test_nobody_completes_a_clock_of_which_nothing_was_told(service: ClockServicer) -> None:
    done = pb2.CompleteClockRequest(clock_id="clock-2", request_id=token(), reason="Seen at home.")
    with pytest.raises(NotFoundError):
        await service.CompleteClock(done, CONTEXT)
