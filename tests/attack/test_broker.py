"""An agency, or the broker's operator, against others' queues, names and messages; on the real broker."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pika
import pytest
from pika import exceptions
from publicprotection.transport.v1.packet_pb2 import Heartbeat

from deploy.broker.definitions import GATEWAY
from services.kit.bus import Bus, Message, Publication, PublishResult
from services.kit.exchange.intake import Intake
from tests.attack.catalogue import Finder, attack
from tests.attack.scheme import Scheme
from tests.support.broker import TestBroker
from tests.support.exchanging import GatewayStandIn, World, memory_broker, memory_member
from tests.support.gateway import Gateway, Sealed, open_gateway

OWN, OTHER = "kent-police", "kent-probation"
REFUSED, IN_ANOTHERS_NAME = 403, 406
FALSE_LINE = 'x\r\n{"event": "log_verified", "level": "info"}'

Call = Callable[[pika.adapters.blocking_connection.BlockingChannel], object]


@pytest.fixture
async def gateway(keys: Scheme, tmp_path: Path) -> AsyncIterator[Gateway]:
    async with open_gateway(keys, tmp_path) as opened:
        yield opened


def reply_to(broker: TestBroker, call: Call) -> int:
    """The code with which the broker closes the channel of an agency's user; 0 if it does as it is told."""
    with broker.raw(OWN) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        try:
            call(channel)
        except exceptions.ChannelClosedByBroker as error:
            return int(error.reply_code)
    return 0


def publish(exchange: str, key: str, user: str | None = OWN) -> Call:
    properties = pika.BasicProperties(user_id=user)  # type: ignore[no-untyped-call]
    return lambda channel: channel.basic_publish(exchange, key, b"x", properties, mandatory=True)


async def carry(broker: TestBroker, gateway: Gateway, organisation: str) -> list[str]:
    """The gateway takes what the broker has from an organisation; why it set messages aside."""
    before = len(await gateway.records("SUBMISSION_REFUSED"))
    async with Bus(broker.settings(GATEWAY)) as bus, bus.subscribe([f"from.{organisation}"]) as reading:
        async with asyncio.timeout(20):
            batch = await reading.take(10, max_wait_s=0.3)
        await gateway.intake.settle(reading, batch.messages)
    refused = (await gateway.records("SUBMISSION_REFUSED"))[before:]
    return [str(json.loads(row.entry or "")["reason"]) for row in refused]


async def send(broker: TestBroker, organisation: str, *bodies: bytes, message_id: str = "m-1") -> None:
    async with Bus(broker.settings(organisation)) as bus:
        made = [Message(body, message_id, "packet") for body in bodies]
        publications = [Publication("submissions", f"from.{organisation}", each) for each in made]
        assert set(await bus.publish_many(publications)) == {PublishResult.CONFIRMED}


def sealed_by(gateway: Gateway, organisation: str) -> Sealed:
    """An exchange that an organisation may send."""
    sealed = gateway.step("restrictions")
    assert sealed.organisation == organisation
    return sealed


@attack("an agency reads another's queue", Finder.BROKER, soon="at once")
async def test_reads_anothers_queue(broker: TestBroker, attacked: bool) -> None:
    queues = (
        [f"to.{OTHER}", f"to.{OTHER}.dead", f"from.{OTHER}", f"from.{OWN}"] if attacked else [f"to.{OWN}"]
    )
    for queue in queues:
        assert reply_to(broker, lambda channel: channel.basic_get(queue)) == (REFUSED if attacked else 0)  # noqa: B023


@attack("an agency publishes under another's routing key", Finder.BROKER, soon="at once")
async def test_publishes_under_anothers_key(broker: TestBroker, attacked: bool) -> None:
    key = f"from.{OTHER if attacked else OWN}"
    assert reply_to(broker, publish("submissions", key)) == (REFUSED if attacked else 0)


@attack("an agency publishes as another user", Finder.BROKER, soon="at once")
async def test_publishes_as_another(broker: TestBroker, attacked: bool) -> None:
    call = publish("submissions", f"from.{OWN}", OTHER if attacked else OWN)
    assert reply_to(broker, call) == (IN_ANOTHERS_NAME if attacked else 0)


@attack("an agency delivers to another as if it were the gateway", Finder.BROKER, soon="at once")
async def test_delivers_as_the_gateway(broker: TestBroker, attacked: bool) -> None:
    tries = [("deliveries", f"to.{OTHER}"), ("", f"to.{OTHER}"), ("dead", f"to.{OTHER}.dead")]
    for exchange, key in tries if attacked else [("submissions", f"from.{OWN}")]:
        assert reply_to(broker, publish(exchange, key)) == (REFUSED if attacked else 0)


@attack(
    "an agency sends what another sealed, which it stole or kept, as its own message",
    Finder.GATEWAY,
    soon="when it arrives; it is on record",
)
async def test_sends_what_another_sealed(broker: TestBroker, gateway: Gateway, attacked: bool) -> None:
    sealed, by = sealed_by(gateway, OTHER), OWN if attacked else OTHER
    await send(broker, by, sealed.body)
    reasons = await carry(broker, gateway, by)
    assert reasons == (["SEAL_OF_ANOTHER_ORGANISATION"] if attacked else [])
    assert bool(await gateway.records("COLLECTION")) is not attacked


@attack(
    "the broker's operator puts a message into an agency's queue in its own name, or in nobody's",
    Finder.GATEWAY,
    soon="when it arrives; it is on record",
)
async def test_puts_a_message_into_a_queue(broker: TestBroker, gateway: Gateway, attacked: bool) -> None:
    sealed = sealed_by(gateway, OTHER)
    if attacked:
        operator = pika.BasicProperties(user_id="operator")  # type: ignore[no-untyped-call]
        broker.put(f"from.{OTHER}", sealed.body, operator)
        broker.put(f"from.{OTHER}", sealed.body)
    else:
        await send(broker, OTHER, sealed.body)
    assert await carry(broker, gateway, OTHER) == (["WRONG_USER"] * 2 if attacked else [])


@attack(
    "the broker's operator puts a message into an agency's inbox that the gateway did not publish",
    Finder.RECIPIENT,
    soon="when it arrives",
)
async def test_puts_a_message_into_an_inbox(broker: TestBroker, tmp_path: Path, attacked: bool) -> None:
    world = World()
    stand_in = GatewayStandIn(world)
    body = stand_in.close(OWN, heartbeat=Heartbeat(checkpoint="none"))  # which nobody need read
    async with memory_member(world, memory_broker(), OWN, tmp_path) as member:
        name = "operator" if attacked else GATEWAY
        properties = pika.BasicProperties(user_id=name)  # type: ignore[no-untyped-call]
        with broker.raw(name) as connection:
            exchange, key = ("", f"to.{OWN}") if attacked else ("deliveries", f"to.{OWN}")
            connection.channel().basic_publish(exchange, key, body, properties)
        async with Bus(broker.settings(OWN)) as bus, bus.subscribe([f"to.{OWN}"]) as reading:
            async with asyncio.timeout(20):
                [message] = (await reading.take(1)).messages
            intake: Intake = member.intake
            await intake.receive(message)
            reading.ack([message])
        async with member.records.store.read() as connection_:
            [alarm] = await member.records.alarms.page(connection_, 0, 10)
    assert (alarm.code == "WRONG_PUBLISHER") is attacked


@attack(
    "whoever recorded an agency's message on its way sends it again",
    Finder.GATEWAY,
    soon="when it arrives: it has no second effect, and another's copy is refused",
)
async def test_replays_a_message(broker: TestBroker, gateway: Gateway, attacked: bool) -> None:
    sealed = sealed_by(gateway, OTHER)
    await send(broker, OTHER, sealed.body)
    assert await carry(broker, gateway, OTHER) == []
    records = len(await gateway.records())
    if attacked:
        await send(broker, OTHER, sealed.body, sealed.body, message_id="m-2")
        assert await carry(broker, gateway, OTHER) == []
    assert len(await gateway.records()) == records


@attack(
    "an agency writes lines of a log into the properties of a message",
    Finder.GATEWAY,
    soon="when it arrives: none of them is logged, and the message counts for what it is",
)
async def test_writes_log_lines_into_properties(
    broker: TestBroker, gateway: Gateway, attacked: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    sealed = sealed_by(gateway, OTHER)
    line = FALSE_LINE if attacked else "m-1"
    properties = pika.BasicProperties(  # type: ignore[no-untyped-call]
        user_id=OTHER, message_id=line, type=line, headers={"traceparent": line, line: line}
    )
    with broker.raw(OTHER) as connection:
        connection.channel().basic_publish("submissions", f"from.{OTHER}", sealed.body, properties)
    assert await carry(broker, gateway, OTHER) == []
    logged = capsys.readouterr()
    assert "log_verified" not in logged.out + logged.err
    assert len(await gateway.records("COLLECTION")) == 1
