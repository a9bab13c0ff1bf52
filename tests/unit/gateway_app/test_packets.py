"""What waits to leave: kept under the exchange's key, proved and encrypted only when it leaves."""

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from gateway.app.scopes import exchange_scope
from services.kit.evidence.hop import decrypt_hop
from services.kit.evidence.keys import DecryptionKey, decryption_lookup
from tests.support.gateway import Gateway, Parties, Sealed


def change(gateway: Gateway, statement: str, *values: object) -> None:
    """What somebody does to the database behind the gateway's back."""
    with closing(sqlite3.connect(gateway.folder / "gateway.db", timeout=5)) as connection, connection:
        assert connection.execute(statement, values).rowcount


async def release(gateway: Gateway) -> tuple[Sealed, str]:
    """An exchange decided and sequenced, and who is to get it."""
    sealed = gateway.step("contribution")
    await gateway.take(sealed.arrival)
    await gateway.sequencer.sequence_batch()
    return sealed, gateway.parties.of_kind("MAPPA_COORDINATION_UNIT")


async def stuck(gateway: Gateway) -> dict[str, str]:
    """Publishes; why packets could not leave, by organisation."""
    with capture_logs() as logs:
        await gateway.publisher.publish_batch()
    return {each["organisation"]: each["reason"] for each in logs if each["event"] == "packet_not_published"}


async def test_what_waits_is_readable_by_no_key_of_an_organisation(gateway: Gateway) -> None:
    sealed, recipient = await release(gateway)
    async with gateway.store.reading() as unit:
        waiting = await unit.outgoing.waiting(10, gateway.parties.clock.now(), 100)
    assert {each.packet.organisation for each in waiting} >= {sealed.organisation, recipient}
    assert {each.packet.key_scope for each in waiting} == {exchange_scope(sealed.exchange_id)}
    for each in waiting:
        assert b"eyJ" not in each.packet.ciphertext  # how a JWE or a JWS begins
        assert each.packet.record_hash.encode() not in each.packet.ciphertext


async def test_what_waited_is_encrypted_to_the_key_in_force_when_it_leaves(
    parties: Parties, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, recipient = await release(gateway)
    newer = DecryptionKey.generate(owner=recipient)
    keys = parties.directory.keys
    monkeypatch.setattr(
        type(keys),
        "encryption_key",
        lambda _self, owner, _at: newer.public if owner == recipient else parties.decryption[owner].public,
    )
    await gateway.publisher.publish_batch()
    bodies = [item.message.body for item in gateway.broker.queues[f"to.{recipient}"].items]
    assert bodies
    for body in bodies:
        assert decrypt_hop(body.decode(), decryption_lookup([newer]))


async def test_packet_without_its_key_cannot_leave_and_keeps_no_other_waiting(gateway: Gateway) -> None:
    first, recipient = await release(gateway)
    with closing(sqlite3.connect(gateway.folder / "keys.db", timeout=5)) as keys, keys:
        scope = exchange_scope(first.exchange_id)
        assert keys.execute("DELETE FROM data_key WHERE scope = ?", (scope,)).rowcount
    second, _ = await release(gateway)
    reasons = await stuck(gateway)
    assert set(reasons.values()) == {"ERASED"}
    outcomes, _ = await gateway.received(second.organisation)
    assert {each.exchange_id for each in outcomes} == {second.exchange_id}
    _, releases = await gateway.received(recipient)
    assert {each.statement.exchange_id for _, each in releases} == {second.exchange_id}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE packet SET ciphertext = zeroblob(200) WHERE organisation = ?",
        "UPDATE packet SET packet_id = 'another' WHERE organisation = ?",
    ],
)
async def test_altered_packet_does_not_leave(gateway: Gateway, statement: str) -> None:
    sealed, _ = await release(gateway)
    change(gateway, statement, sealed.organisation)
    assert (await stuck(gateway))[sealed.organisation] == "UNREADABLE"


async def test_packet_for_one_organisation_cannot_be_turned_to_another(gateway: Gateway) -> None:
    _, recipient = await release(gateway)
    thief = gateway.parties.of_kind("HOUSING_AUTHORITY")
    change(gateway, "UPDATE packet SET organisation = ? WHERE organisation = ?", thief, recipient)
    assert (await stuck(gateway))[thief] == "UNREADABLE"
    assert gateway.broker.depth(f"to.{thief}") == 0


async def test_packet_under_another_record_does_not_leave(gateway: Gateway) -> None:
    first, _ = await release(gateway)
    _, recipient = await release(gateway)
    async with gateway.store.reading() as unit:
        other = next(row for row in await unit.log.page(0, 10, first.exchange_id) if row.type == "DISCLOSURE")
    change(gateway, "UPDATE packet SET record_hash = ?", other.record_hash)
    assert (await stuck(gateway))[recipient] == "UNREADABLE"


async def test_packet_whose_record_is_not_in_the_signed_tree_does_not_leave(gateway: Gateway) -> None:
    sealed, _ = await release(gateway)
    change(gateway, "UPDATE log_tile SET hashes = zeroblob(length(hashes))")
    assert set((await stuck(gateway)).values()) == {"UNPROVEN"}
    assert gateway.broker.depth(f"to.{sealed.organisation}") == 0


async def test_nothing_leaves_by_a_stale_directory(gateway: Gateway) -> None:
    await release(gateway)
    clock = gateway.parties.clock
    now, clock.moment = clock.moment, gateway.parties.directory.valid_until
    assert await gateway.publisher.publish_batch() == 0
    clock.moment = now
    assert await gateway.publisher.publish_batch() > 0


async def test_old_packets_that_cannot_leave_keep_no_newer_one_waiting(gateway: Gateway) -> None:
    await release(gateway)
    clock = gateway.parties.clock
    async with gateway.store.reading() as unit:
        old = [each.packet.packet_id for each in await unit.outgoing.waiting(10, clock.now(), 100)]
    clock.moment += timedelta(minutes=1)
    await release(gateway)
    async with gateway.store.writing() as unit:
        await unit.outgoing.postpone(old, clock.now() + timedelta(minutes=1))
    clock.moment += timedelta(minutes=5)
    async with gateway.store.reading() as unit:
        due = [each.packet.packet_id for each in await unit.outgoing.waiting(100, clock.now(), 100)]
    assert due[-len(old) :] == old
    assert len(due) > len(old)
