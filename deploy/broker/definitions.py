"""What exists on the broker, and who may touch it: a pure function from accounts to RabbitMQ's definitions.

Nobody configures anything at run time. An organisation may write one exchange under one routing key and
read one queue: its own. The gateway reads what organisations send and writes what they are to get. A message
that cannot be used goes to a dead-letter queue of its own, so that it is neither lost nor tried for ever.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

VIRTUAL_HOST = "ppg"
GATEWAY = "gateway"
SUBMISSIONS = "submissions"
DELIVERIES = "deliveries"
DEAD = "dead"

_ORGANISATION = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_ANY_ORGANISATION = "[a-z][a-z0-9-]*"
_NOTHING = "^$"
_NEVER = (
    1_000_000_000  # a dead-letter queue has nowhere to pass on to; 4.x would drop after twenty deliveries
)

_CONNECTIONS = 16
_CHANNELS = 64
"""Of one organisation: a process has two connections, and a channel for each queue and for publishing."""

Definitions = dict[str, Any]


class DefinitionsError(ValueError):
    """The accounts given cannot be turned into safe definitions."""


@dataclass(frozen=True)
class Account:
    """One user of the broker.

    Attributes:
        user: An organisation's id, or `gateway`.
        password_hash: In the broker's form: base64 of salt and SHA-256 of salt and password.
    """

    user: str
    password_hash: str

    @classmethod
    def create(cls, user: str, password: str) -> Self:
        """Hash a password under a new salt."""
        return cls(user, hash_password(password, os.urandom(4)))


@dataclass(frozen=True)
class Bounds:
    """How much one queue may hold before the broker refuses further messages, and when it gives up.

    Attributes:
        messages: Messages in a queue.
        octets: Bytes in a queue.
        deliveries: Attempts at one message. A crash of the consumer counts as an attempt, so a small number
            would set good messages aside.
    """

    messages: int = 100_000
    octets: int = 2 * 1024**3
    deliveries: int = 1000


def hash_password(password: str, salt: bytes) -> str:
    """Hash as RabbitMQ's `rabbit_password_hashing_sha256` does; `salt` is four bytes."""
    digest = hashlib.sha256(salt + password.encode()).digest()
    return base64.b64encode(salt + digest).decode("ascii")


def define(
    organisations: Sequence[Account],
    gateway: Account,
    bounds: Bounds = Bounds(),
) -> Definitions:
    """Return the definitions for these organisations and the gateway, ready for `json.dumps`.

    Raises:
        DefinitionsError: An id is repeated, reserved or not of lower-case letters, digits and single hyphens.
    """
    ids = [account.user for account in organisations]
    _refuse_unsafe(ids, gateway.user)
    return {
        "vhosts": [{"name": VIRTUAL_HOST}],
        "users": [_user(account) for account in (*organisations, gateway)],
        "permissions": [*map(_organisation_permission, ids), _gateway_permission()],
        "topic_permissions": [*map(_organisation_topic, ids), _gateway_topic()],
        "exchanges": [_exchange(name) for name in (SUBMISSIONS, DELIVERIES, DEAD)],
        "queues": [queue for name in ids for queue in _queues(name, bounds)],
        "bindings": [binding for name in ids for binding in _bindings(name)],
    }


def _refuse_unsafe(ids: Sequence[str], gateway: str) -> None:
    """Refuse what would mean something else in a pattern or a routing key: permissions are made of these."""
    if gateway != GATEWAY:
        raise DefinitionsError(f"the gateway's user is called {GATEWAY}")
    for name in ids:
        if name == GATEWAY or not _ORGANISATION.fullmatch(name):
            raise DefinitionsError(f"not an organisation id: {name!r}")
    if len(set(ids)) != len(ids):
        raise DefinitionsError("an organisation is named twice")


def _user(account: Account) -> dict[str, Any]:
    """An organisation has few connections: what it opens without end, it opens at the others' cost."""
    limits = {} if account.user == GATEWAY else {"max-connections": _CONNECTIONS, "max-channels": _CHANNELS}
    return {
        "name": account.user,
        "password_hash": account.password_hash,
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": [],
        "limits": limits,
    }


def _permission(user: str, write: str, read: str) -> dict[str, str]:
    return {"user": user, "vhost": VIRTUAL_HOST, "configure": _NOTHING, "write": write, "read": read}


def _organisation_permission(name: str) -> dict[str, str]:
    """Allow reading its own dead letters too: they are looked through before it destroys an old key."""
    return _permission(name, write=f"^{SUBMISSIONS}$", read=rf"^to\.{name}(\.dead)?$")


def _gateway_permission() -> dict[str, str]:
    """Allow reading dead letters too: they are drained before an old decryption key is destroyed."""
    return _permission(GATEWAY, write=f"^{DELIVERIES}$", read=rf"^from\.{_ANY_ORGANISATION}(\.dead)?$")


def _topic(user: str, exchange: str, write: str) -> dict[str, str]:
    return {"user": user, "vhost": VIRTUAL_HOST, "exchange": exchange, "write": write, "read": _NOTHING}


def _organisation_topic(name: str) -> dict[str, str]:
    return _topic(name, SUBMISSIONS, rf"^from\.{name}$")


def _gateway_topic() -> dict[str, str]:
    return _topic(GATEWAY, DELIVERIES, rf"^to\.{_ANY_ORGANISATION}$")


def _exchange(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "vhost": VIRTUAL_HOST,
        "type": "topic",
        "durable": True,
        "auto_delete": False,
        "internal": False,
        "arguments": {},
    }


def _queues(name: str, bounds: Bounds) -> list[dict[str, Any]]:
    return [
        queue
        for direction in (f"from.{name}", f"to.{name}")
        for queue in (
            _queue(direction, _limits(bounds) | _dead_lettering(direction, bounds)),
            _queue(f"{direction}.dead", _limits(bounds) | {"x-delivery-limit": _NEVER}),
        )
    ]


def _queue(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "vhost": VIRTUAL_HOST,
        "durable": True,
        "auto_delete": False,
        "arguments": arguments,
    }


def _limits(bounds: Bounds) -> dict[str, Any]:
    return {
        "x-queue-type": "quorum",
        "x-overflow": "reject-publish",
        "x-max-length": bounds.messages,
        "x-max-length-bytes": bounds.octets,
    }


def _dead_lettering(queue: str, bounds: Bounds) -> dict[str, Any]:
    """At least once: a message leaves its queue only when the dead-letter queue has confirmed it."""
    return {
        "x-dead-letter-exchange": DEAD,
        "x-dead-letter-routing-key": f"{queue}.dead",
        "x-dead-letter-strategy": "at-least-once",
        "x-delivery-limit": bounds.deliveries,
    }


def _bindings(name: str) -> list[dict[str, Any]]:
    return [
        _binding(SUBMISSIONS, f"from.{name}"),
        _binding(DELIVERIES, f"to.{name}"),
        _binding(DEAD, f"from.{name}.dead"),
        _binding(DEAD, f"to.{name}.dead"),
    ]


def _binding(exchange: str, queue: str) -> dict[str, Any]:
    return {
        "source": exchange,
        "vhost": VIRTUAL_HOST,
        "destination": queue,
        "destination_type": "queue",
        "routing_key": queue,
        "arguments": {},
    }
