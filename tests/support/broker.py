"""One real broker for a whole test run, and empty queues for each test.

Fixtures: `broker_node` (session) boots it once; `broker` hands it out with every queue emptied.
"""

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel, BlockingConnection

from deploy.broker.definitions import GATEWAY, VIRTUAL_HOST, Account, Definitions, define
from deploy.broker.node import BrokerNode
from deploy.certificates import CertificateAuthority, write_private
from services.kit.bus import BusSettings
from services.kit.bus.settings import connection_parameters

ORGANISATIONS = (
    "kent-police",
    "kent-probation",
    "kent-prison",
    "kent-childrens",
    "kent-adults",
    "kent-mappa",
    "dwp-kent",
    "small-house",
)
# Its queues hold three messages, to show what a full queue does.
SMALL = "small-house"
SMALL_MESSAGES = 3
# A user of tests alone, who may look into and empty every queue.
OPERATOR = "operator"


def definitions(passwords: dict[str, str]) -> Definitions:
    """Definitions as deployed, plus the operator, and with the small organisation's queues small."""
    accounts = {user: Account.create(user, password) for user, password in passwords.items()}
    made = define([accounts[name] for name in ORGANISATIONS], accounts[GATEWAY])
    operator = accounts[OPERATOR]
    made["users"].append(made["users"][0] | {"name": OPERATOR, "password_hash": operator.password_hash})
    everything = {"configure": ".*", "write": ".*", "read": ".*"}
    made["permissions"].append({"user": OPERATOR, "vhost": VIRTUAL_HOST, **everything})
    for queue in made["queues"]:
        if queue["name"] in (f"from.{SMALL}", f"to.{SMALL}"):
            queue["arguments"]["x-max-length"] = SMALL_MESSAGES
    return made


class TestBroker:
    """A node with its users, their passwords and certificates."""

    __test__ = False

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.authority = CertificateAuthority.create()
        self.passwords = {user: secrets.token_urlsafe(24) for user in (*ORGANISATIONS, GATEWAY, OPERATOR)}
        self.node = BrokerNode(directory / "node", self.authority, definitions(self.passwords))

    def settings(self, user: str, **overrides: Any) -> BusSettings:
        """Settings with which this user connects; short delays, so that tests are quick."""
        files = self.authority.issue_files(self.directory / user, user, user)
        password_file = self.directory / user / "password"
        write_private(password_file, self.passwords[user].encode())
        values: dict[str, Any] = {
            "host": self.node.host,
            "port": self.node.port,
            "user": user,
            "password_file": password_file,
            "ca_file": files.authority,
            "certificate_file": files.certificate,
            "key_file": files.key,
            "backoff_first_s": 0.05,
            "backoff_limit_s": 0.5,
        }
        return BusSettings(**(values | overrides))

    def raw(self, user: str) -> BlockingConnection:
        """A plain pika connection, for doing what the bus would not."""
        return pika.BlockingConnection(connection_parameters(self.settings(user), "raw"))

    def depth(self, queue: str) -> int:
        """Messages ready in a queue."""
        with self.raw(OPERATOR) as connection:
            return int(connection.channel().queue_declare(queue, passive=True).method.message_count)

    def get(self, queue: str) -> tuple[Any, Any, Any]:
        """Take one message out: method, properties, body; three times None if there is none."""
        with self.raw(OPERATOR) as connection:
            taken: tuple[Any, Any, Any] = connection.channel().basic_get(queue, auto_ack=True)
            return taken

    def put(self, queue: str, body: bytes, properties: pika.BasicProperties | None = None) -> None:
        """Put one message into a queue, whatever it is."""
        with self.raw(OPERATOR) as connection:
            channel = connection.channel()
            channel.confirm_delivery()
            channel.basic_publish("", queue, body, properties, mandatory=True)

    def purge(self) -> None:
        """Empty every queue."""
        with self.raw(OPERATOR) as connection:
            channel: BlockingChannel = connection.channel()
            for name in ORGANISATIONS:
                for queue in (f"from.{name}", f"to.{name}"):
                    channel.queue_purge(queue)
                    channel.queue_purge(f"{queue}.dead")


@pytest.fixture(scope="session")
def broker_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestBroker]:
    broker = TestBroker(tmp_path_factory.mktemp("broker"))
    with broker.node:
        yield broker


@pytest.fixture
def broker(broker_node: TestBroker) -> TestBroker:
    broker_node.purge()
    return broker_node
