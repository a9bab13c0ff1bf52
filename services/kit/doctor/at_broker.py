"""Checks at the broker, each step told apart: TCP, TLS, log-in, reading one's queues, publishing as oneself.

Nothing is taken out of a queue and nothing published. RabbitMQ looks at permissions before it looks at
arguments, so a request that is permitted and otherwise wrong is refused for the latter: 406 means "you may".
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Final

import pika
from pika.adapters.blocking_connection import BlockingChannel, BlockingConnection
from pika.exceptions import (
    AMQPError,
    ChannelClosedByBroker,
    IncompatibleProtocolError,
    ProbableAccessDeniedError,
    ProbableAuthenticationError,
)

from services.kit.bus.errors import BusSettingsError, TlsRefusedError
from services.kit.bus.faults import ACCESS_REFUSED, NOT_FOUND, PRECONDITION_FAILED, permanent
from services.kit.bus.settings import BusSettings, connection_parameters
from services.kit.directory import DirectoryError
from services.kit.directory_file import inspect_directory
from services.kit.doctor.finding import Finding, failed, passed
from services.kit.doctor.patient import Patient
from services.kit.doctor.wire import UnreachableError, reach, secure

_NO_NUMBER: Final = {"x-priority": "none"}
_NOBODY: Final = "nobody"
_BEFORE: Final = "not asked: put right what comes before it"


def check_broker(patient: Patient) -> Iterator[Finding]:
    """The way to the broker and what it lets this user do."""
    broker = patient.broker
    try:
        with reach(broker.host, broker.port) as connection:
            yield passed("broker-tcp", f"{broker.host}:{broker.port} answers")
            pair = (
                (broker.certificate_file, broker.key_file)
                if broker.certificate_file and broker.key_file
                else None
            )
            with secure(connection, broker.host, broker.ca_file, pair):
                yield passed(
                    "broker-tls", "the broker shows a certificate of the authority named, for its name"
                )
    except UnreachableError as error:
        yield failed("broker", str(error))
        return
    yield from _log_in(patient)


def _log_in(patient: Patient) -> Iterator[Finding]:
    broker = patient.broker
    try:
        connection = BlockingConnection(connection_parameters(broker, "doctor"))
    except (AMQPError, BusSettingsError, OSError) as error:
        yield failed("broker-login", _explain_refusal(error, broker))
        return
    try:
        yield passed("broker-login", f"{broker.user} is let into the virtual host {broker.virtual_host}")
        yield from _read(patient, connection)
        yield _publish(patient, connection)
    finally:
        with suppress(AMQPError):
            connection.close()


def _explain_refusal(error: BaseException, broker: BusSettings) -> str:
    if isinstance(error, BusSettingsError):
        return str(error)
    # One that ends the connection in place of a reason comes to pika as no protocol at all.
    if isinstance(permanent(error), TlsRefusedError) or isinstance(error, IncompatibleProtocolError):
        return "the broker refuses our certificate: have one issued by the authority that it trusts"
    if isinstance(error, ProbableAuthenticationError):
        return (
            f"the broker does not accept user {broker.user} with the password in {broker.password_file}: "
            "have its operator set it anew"
        )
    if isinstance(error, ProbableAccessDeniedError):
        return (
            f"the broker knows {broker.user} and does not let it into the virtual host "
            f"{broker.virtual_host}: correct the name, or have its operator permit it"
        )
    return f"log-in at the broker fails ({type(error).__name__}): see the broker's log"


def _read(patient: Patient, connection: BlockingConnection) -> Iterator[Finding]:
    try:
        queues = patient.route.queues(inspect_directory(patient.directory))
    except DirectoryError:
        yield failed("broker-reading", "the directory, which says which queues to read, cannot be used")
        return
    faults = [fault for queue in queues if (fault := _try_reading(connection, queue))]
    yield from (failed("broker-reading", fault) for fault in faults)
    if not faults:
        yield passed("broker-reading", f"{len(queues)} own queues are there and may be read")


def _try_reading(connection: BlockingConnection, queue: str) -> str | None:
    code = _refusal(connection, lambda channel: channel.basic_consume(queue, _ignore, arguments=_NO_NUMBER))
    if code == PRECONDITION_FAILED:
        return None
    if code == NOT_FOUND:
        return f"there is no queue {queue}: have the broker's operator import the definitions"
    if code == ACCESS_REFUSED:
        return f"this user may not read {queue}: have the broker's operator set its permissions"
    return f"{queue} answers unexpectedly ({code}): see the broker's log"


def _publish(patient: Patient, connection: BlockingConnection) -> Finding:
    route = patient.route
    code = _refusal(connection, lambda channel: _publish_as_nobody(channel, route.exchange, route.key))
    if code == PRECONDITION_FAILED:
        return passed(
            "broker-publishing",
            f"may be done to {route.exchange} as {patient.broker.user}, and as nobody else",
        )
    if code == NOT_FOUND:
        return failed(
            "broker-publishing",
            f"there is no exchange {route.exchange}: have the broker's operator import the definitions",
        )
    if code == ACCESS_REFUSED:
        return failed(
            "broker-publishing",
            f"this user may not publish to {route.exchange} as {route.key}: have the broker's operator "
            "permit it",
        )
    return failed(
        "broker-publishing", f"the broker lets {patient.broker.user} publish in another's name ({code})"
    )


def _publish_as_nobody(channel: BlockingChannel, exchange: str, key: str) -> None:
    # In the name of another user, which the broker refuses after it has looked at permissions.
    channel.confirm_delivery()
    properties = pika.BasicProperties(user_id=_NOBODY)  # type: ignore[no-untyped-call]
    channel.basic_publish(exchange, key, b"", properties, mandatory=True)


def _refusal(connection: BlockingConnection, act: Callable[[BlockingChannel], object]) -> int:
    """The code with which the broker closes the channel; 0 if it does not."""
    channel = connection.channel()
    try:
        act(channel)
    except ChannelClosedByBroker as error:
        return int(error.reply_code)
    channel.close()
    return 0


def _ignore(*_: object) -> None:
    """Nothing is ever delivered."""
