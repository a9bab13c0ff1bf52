"""The broker itself refuses what the bus would never try: proved with plain pika, past our own client."""

import ssl
import time
from collections.abc import Callable

import pika
import pytest
from pika import exceptions
from pika.adapters.blocking_connection import BlockingChannel

from deploy.broker.definitions import GATEWAY
from services.kit.bus.settings import connection_parameters
from tests.support.broker import ORGANISATIONS, TestBroker

KENT, OTHER = "kent-police", "kent-prison"
ACCESS_REFUSED, PRECONDITION_FAILED = 403, 406


def refused_publish(
    broker: TestBroker, user: str, exchange: str, routing_key: str, user_id: str | None = None
) -> int:
    """Publish, and return the code with which the broker closes the channel; 0 if it takes the message."""
    with broker.raw(user) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        properties = pika.BasicProperties(user_id=user_id)  # type: ignore[no-untyped-call]
        try:
            channel.basic_publish(exchange, routing_key, b"x", properties, mandatory=True)
        except exceptions.ChannelClosedByBroker as error:
            return int(error.reply_code)
    return 0


def test_an_organisation_publishes_under_its_own_key_in_its_own_name_only(broker: TestBroker) -> None:
    own, other = f"from.{KENT}", f"from.{OTHER}"
    assert refused_publish(broker, KENT, "submissions", own, user_id=KENT) == 0
    assert refused_publish(broker, KENT, "submissions", own, user_id=OTHER) == PRECONDITION_FAILED
    assert refused_publish(broker, KENT, "submissions", other, user_id=KENT) == ACCESS_REFUSED
    assert refused_publish(broker, KENT, "submissions", f"{own}.dead") == ACCESS_REFUSED
    assert refused_publish(broker, KENT, "submissions", f"x{own}") == ACCESS_REFUSED


@pytest.mark.parametrize("exchange", ["deliveries", "dead", "", "amq.topic", "amq.direct"])
def test_an_organisation_publishes_to_no_other_exchange(broker: TestBroker, exchange: str) -> None:
    assert refused_publish(broker, KENT, exchange, f"to.{OTHER}") == ACCESS_REFUSED


def test_the_gateway_delivers_and_submits_nothing(broker: TestBroker) -> None:
    assert refused_publish(broker, GATEWAY, "deliveries", f"to.{KENT}") == 0
    assert refused_publish(broker, GATEWAY, "deliveries", f"from.{KENT}") == ACCESS_REFUSED
    assert refused_publish(broker, GATEWAY, "submissions", f"from.{KENT}") == ACCESS_REFUSED
    assert refused_publish(broker, GATEWAY, "dead", f"from.{KENT}.dead") == ACCESS_REFUSED


@pytest.mark.parametrize("user", [KENT, GATEWAY])
def test_nobody_changes_what_exists(broker: TestBroker, user: str) -> None:
    changes: tuple[Callable[[BlockingChannel], object], ...] = (
        lambda channel: channel.queue_declare("mine"),
        lambda channel: channel.queue_declare("", exclusive=True),
        lambda channel: channel.queue_delete(f"to.{KENT}"),
        lambda channel: channel.exchange_declare("mine"),
        lambda channel: channel.exchange_delete("submissions"),
        lambda channel: channel.queue_bind(f"to.{KENT}", "deliveries", f"to.{OTHER}"),
        lambda channel: channel.queue_unbind(f"to.{OTHER}", "deliveries", f"to.{OTHER}"),
    )
    for change in changes:
        with broker.raw(user) as connection:
            with pytest.raises(exceptions.ChannelClosedByBroker) as refusal:
                change(connection.channel())
            assert refusal.value.reply_code == ACCESS_REFUSED


def test_an_organisation_reads_no_queue_but_its_own(broker: TestBroker) -> None:
    queues = [
        f"{way}.{name}{end}" for way in ("from", "to") for name in ORGANISATIONS for end in ("", ".dead")
    ]
    with broker.raw(KENT) as connection:  # one for all: a broker takes its time to count one that was closed
        for queue in queues:
            if queue in (f"to.{KENT}", f"to.{KENT}.dead"):
                connection.channel().basic_get(queue)
                continue
            with pytest.raises(exceptions.ChannelClosedByBroker) as refusal:
                connection.channel().basic_get(queue)
            assert refusal.value.reply_code == ACCESS_REFUSED


def test_an_organisation_opens_so_many_connections_and_no_more(broker: TestBroker) -> None:
    opened: list[pika.BlockingConnection] = []

    def open_many() -> None:
        for _ in range(17):
            opened.append(broker.raw(KENT))  # those opened before the refusal count

    try:
        with pytest.raises(exceptions.AMQPConnectionError):
            open_many()
        opened += [broker.raw(OTHER), broker.raw(GATEWAY)]
    finally:
        for connection in opened:
            connection.close()


def test_there_is_no_guest_and_no_default_virtual_host(broker: TestBroker) -> None:
    users = broker.node.control("list_users", "--formatter", "csv")
    assert "guest" not in users
    assert broker.node.control("list_vhosts", "--no-table-headers").split() == ["ppg"]


def test_dead_lettering_at_least_once_is_in_force(broker: TestBroker) -> None:
    flags = broker.node.control("list_feature_flags", "--no-table-headers")
    assert ["stream_queue", "enabled"] in [line.split() for line in flags.splitlines()]
    assert "at-least-once" in broker.node.control("list_queues", "-p", "ppg", "name", "arguments")


def test_the_broker_speaks_tls_only_and_no_old_one(broker: TestBroker) -> None:
    parameters = connection_parameters(broker.settings(KENT), "raw")
    assert parameters.ssl_options is not None
    context = parameters.ssl_options.context
    context.set_ciphers("ALL:@SECLEVEL=0")  # or our own side would not even offer it
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(ssl.SSLError, match="ALERT_PROTOCOL_VERSION"):
        pika.BlockingConnection(parameters)
    parameters.ssl_options = None
    with pytest.raises(exceptions.AMQPConnectionError):
        pika.BlockingConnection(parameters)


def test_depths_count_messages(broker: TestBroker) -> None:
    broker.put(f"to.{KENT}", b"x")
    deadline = time.monotonic() + 10
    while not (depths := broker.node.depths())[f"to.{KENT}"]:
        assert time.monotonic() < deadline
    assert (depths[f"to.{KENT}"], depths[f"to.{OTHER}"], len(depths)) == (1, 0, 4 * len(ORGANISATIONS))
