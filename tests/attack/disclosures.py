"""What can be done to the disclosures of a seal without the sender's key (docs/seal-form.md)."""

import base64
from collections.abc import Callable, Collection
from json import dumps, loads
from typing import Any

from publicprotection.transport.v1.packet_pb2 import Packet

from tests.attack.scheme import SENDER
from tests.attack.stage import Stage


def change_disclosure(packet: Packet) -> None:
    """Changes the value of a leaf of the document."""
    parts = packet.delivery.seal.split("~")
    number = next(place for place in range(1, len(parts) - 1) if is_text(decode(parts[place])))
    salt, path, value = decode(parts[number])
    parts[number] = encode([salt, path, f"{value}, or so"])
    packet.delivery.seal = "~".join(parts)


def add_disclosure(packet: Packet) -> None:
    """Adds a leaf of the operator's invention."""
    *parts, end = packet.delivery.seal.split("~")
    salt, path, _ = decode(next(part for part in parts[1:] if is_text(decode(part))))
    invented = encode([salt, f"{path}_too", "He has been seen near the school."])
    packet.delivery.seal = "~".join([*parts, invented, end])


async def widen(stage: Stage, exchange_id: str) -> Callable[[Packet], list[str]]:
    """What puts every leaf that was sealed into a release; it returns the paths."""
    records = stage.agencies[SENDER].member.records
    async with records.store.read() as connection:
        original = await records.sent.original(connection, exchange_id)
    assert original is not None

    def put_all(packet: Packet) -> list[str]:
        packet.delivery.seal = original.seal
        return sorted(original.leaves)

    return put_all


def keep_only(seal: str, paths: Collection[str]) -> str:
    """The seal with the disclosures of these paths alone, as the gateway itself redacts."""
    head, *parts, end = seal.split("~")
    return "~".join([head, *(part for part in parts if decode(part)[1] in paths), end])


def is_text(disclosure: list[Any]) -> bool:
    """Whether it discloses a text of the document."""
    return str(disclosure[1]).startswith("document.") and isinstance(disclosure[2], str)


def decode(part: str) -> list[Any]:
    found: list[Any] = loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


def encode(disclosure: list[Any]) -> str:
    octets = dumps(disclosure, separators=(",", ":"), ensure_ascii=False).encode()
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")
