"""What is withheld in silence leaves no trace in the message that its recipient gets."""

import asyncio
import dataclasses
import json
import re
import tempfile
from base64 import urlsafe_b64decode
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from publicprotection.common.v1.person_pb2 import Offence
from publicprotection.exchange.v1 import header_pb2
from publicprotection.transport.v1 import packet_pb2

from gateway.core.rulebook_model import Telling
from services.kit.evidence.hop import encrypt_hop
from services.kit.evidence.release import Release
from tests.support.gateway import Gateway, Parties, open_gateway

LABEL = re.compile(r"\[[0-9a-f]{20}\]")
SILENT = "MAPPA-21.28"
# What differs by chance or by time: keys of the statement that name this release and no other.
OWN = {"exchange_id", "delivery_id", "seal_hash", "record_hash", "issued_at", "not_after"}
OFFENCES = st.lists(st.text("abcdefgh ", min_size=1, max_size=40), max_size=3)


def silent_parties() -> Parties:
    """Everybody, under a rulebook in which the DWP is told nothing of what the prohibition removes."""
    parties = Parties()
    told = Telling(recipient="NOTHING", citation="a test of silence")  # type: ignore[arg-type]
    rulebook = parties.world.rulebook
    rules = tuple(
        dataclasses.replace(each, rule=each.rule.model_copy(update={"tell": told}))
        if each.rule.id == SILENT
        else each
        for each in rulebook.rules
    )
    parties.world = dataclasses.replace(parties.world, rulebook=dataclasses.replace(rulebook, rules=rules))
    return parties


PARTIES = silent_parties()


def changing(descriptions: list[str], narrative: str) -> Any:
    def change(_header: header_pb2.Header, document: Any) -> None:
        del document.offences[:]
        document.offences.extend(Offence(description=each) for each in descriptions)
        document.narrative = narrative

    return change


async def deliver(gateway: Gateway, change: Any) -> tuple[packet_pb2.Delivery, Release]:
    await gateway.take(gateway.step("restrictions", change=change).arrival)
    _, [delivered] = await gateway.received(gateway.parties.of_kind("DWP"))
    return delivered


def visible(delivery: packet_pb2.Delivery, release: Release) -> dict[str, Any]:
    """All that a recipient can read, without salts, labels, keys, signatures and what names this release."""
    payload = delivery.statement.split(".")[1]
    statement = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    leaves = sorted((LABEL.sub("[]", path), str(value)) for path, value in release.leaves.items())
    said = {key: value for key, value in statement.items() if key not in OWN}
    said["disclosed"] = sorted(LABEL.sub("[]", path) for path in said["disclosed"])
    said["derived"] = [{**each, "path": LABEL.sub("[]", each["path"])} for each in said["derived"]]
    return {"leaves": leaves, "statement": said}


def digests(delivery: packet_pb2.Delivery) -> int:
    payload = delivery.seal.split("~")[0].split(".")[1]
    return len(json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["_sd"])


def padded(delivery: packet_pb2.Delivery) -> int:
    key = PARTIES.decryption[PARTIES.of_kind("DWP")].public
    packet = packet_pb2.Packet(delivery=delivery)
    return len(encrypt_hop(packet.SerializeToString(), key))


async def compare(first: Any, second: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with open_gateway(PARTIES, Path(folder)) as gateway:
            one, other = await deliver(gateway, first), await deliver(gateway, second)
    assert visible(*one) == visible(*other)
    assert digests(one[0]) % 64 == digests(other[0]) % 64 == 0
    if digests(one[0]) == digests(other[0]):
        assert padded(one[0]) == padded(other[0])


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(OFFENCES, OFFENCES, st.text("abc ", min_size=1, max_size=60), st.text("abc ", min_size=1, max_size=60))
def test_silence_about_leaves_is_complete(
    offences: list[str], others: list[str], narrative: str, another: str
) -> None:
    asyncio.run(compare(changing(offences, narrative), changing(others, another)))
