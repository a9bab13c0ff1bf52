"""A delivery refused for the key that signed it is not lost: it is signed anew and goes again."""

from dataclasses import replace
from datetime import timedelta

import pytest
from publicprotection.exchange.v1 import outcome_pb2
from publicprotection.transport.v1 import packet_pb2

from services.kit.directory import GATEWAY
from services.kit.evidence.errors import KeyRefusedError
from services.kit.evidence.keys import KeyRecord, KeySet, SigningKey
from services.kit.evidence.statement import verify_statement
from services.kit.exchange.notices import read_outcome
from tests.support.gateway import NOW, Gateway

DAY = timedelta(days=1)
PAUSE = timedelta(minutes=10)


def rotate(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """The gateway's old signing key is revoked since yesterday, and it has a new one."""
    parties = gateway.parties
    old, new = parties.signing[GATEWAY], SigningKey.generate(owner=GATEWAY)
    known = parties.directory.keys.records()
    records = [replace(each, revoked_at=NOW - DAY) if each.key.kid == old.kid else each for each in known]
    keys = KeySet([*records, KeyRecord(new.public, NOW - DAY, NOW + 90 * DAY)])
    monkeypatch.setattr(parties, "directory", replace(parties.directory, keys=keys))
    monkeypatch.setitem(parties.signing, GATEWAY, new)


async def delivered(gateway: Gateway, organisation: str) -> list[packet_pb2.Delivery]:
    return [each.delivery for each in await gateway.packets(organisation) if each.HasField("delivery")]


async def start(gateway: Gateway) -> tuple[str, str, packet_pb2.Delivery]:
    """A release to the police: its sender, its recipient, and the delivery."""
    sealed = gateway.step("release-notice")
    assert await gateway.take(sealed.arrival) == [None]
    police = gateway.parties.of_kind("POLICE")
    (delivery,) = await delivered(gateway, police)
    return sealed.organisation, police, delivery


async def told(gateway: Gateway, sender: str) -> list[int]:
    """What the sender was told of the delivery."""
    outcomes = [
        read_outcome(each.outcome.outcome)
        for each in await gateway.packets(sender)
        if each.HasField("outcome")
    ]
    return [outcome.kind for outcome in outcomes if outcome.delivery_id]


async def test_what_a_revoked_key_signed_goes_again_under_the_new_one(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender, police, first = await start(gateway)
    refusal = gateway.receipt(police, first, refused="KEY_REVOKED")
    rotate(gateway, monkeypatch)
    keys = gateway.parties.directory.keys.verifying_at(NOW)
    with pytest.raises(KeyRefusedError, match="key_revoked"):
        verify_statement(first.statement, keys=keys, gateway=GATEWAY)
    assert await gateway.take(refusal, refusal) == [None, None]
    assert await delivered(gateway, police) == []  # it waits a while, for directories to arrive
    gateway.parties.clock.advance(PAUSE)
    (second,) = await delivered(gateway, police)
    said = verify_statement(second.statement, keys=keys, gateway=GATEWAY)
    assert said.delivery_id == first.delivery_id
    assert second.seal == first.seal
    assert await gateway.take(gateway.receipt(police, second)) == [None]
    assert await told(gateway, sender) == [
        outcome_pb2.OUTCOME_KIND_DELIVERY_REFUSED,
        outcome_pb2.OUTCOME_KIND_RECEIPTED,
    ]
    assert [row.type for row in await gateway.records() if row.type in ("DELIVERY_REFUSED", "RECEIPT")] == [
        "DELIVERY_REFUSED",
        "RECEIPT",
    ]


@pytest.mark.parametrize("reason", ["KEY_UNKNOWN", "KEY_NOT_YET_VALID", "KEY_EXPIRED"])
async def test_each_refusal_for_a_key_makes_it_wait_longer_and_drops_nothing(
    gateway: Gateway, reason: str
) -> None:
    _, police, delivery = await start(gateway)
    for pause in (PAUSE, 2 * PAUSE):
        assert await gateway.take(gateway.receipt(police, delivery, refused=reason)) == [None]
        gateway.parties.clock.advance(pause - timedelta(seconds=1))
        assert await delivered(gateway, police) == []
        gateway.parties.clock.advance(timedelta(seconds=1))
        (delivery,) = await delivered(gateway, police)
    assert await gateway.take(gateway.receipt(police, delivery)) == [None]


async def test_what_is_refused_for_itself_is_not_sent_again(gateway: Gateway) -> None:
    _, police, delivery = await start(gateway)
    assert await gateway.take(gateway.receipt(police, delivery, refused="OTHER_SEAL")) == [None]
    gateway.parties.clock.advance(DAY)
    assert await delivered(gateway, police) == []


async def test_what_is_over_is_not_sent_again(gateway: Gateway) -> None:
    _, police, delivery = await start(gateway)
    gateway.parties.clock.advance(gateway.tools.limits.release_validity)
    assert await gateway.take(gateway.receipt(police, delivery, refused="KEY_UNKNOWN")) == [None]
    gateway.parties.clock.advance(DAY)
    assert await delivered(gateway, police) == []
