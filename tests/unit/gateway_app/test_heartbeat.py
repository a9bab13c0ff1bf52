"""Heartbeats to the witnesses, and what they send back."""

import asyncio
import secrets
from datetime import timedelta

import pytest
from publicprotection.transport.v1 import packet_pb2

from gateway.app.envelopes import Arrival, Unusable
from gateway.app.heartbeat import Heart
from gateway.app.log_rows import CheckpointRow, CosignatureRow
from gateway.app.rows import RecordRow
from services.kit.directory import GATEWAY
from services.kit.evidence.checkpoint import (
    Checkpoint,
    SignedCheckpoint,
    cosign,
    sign_checkpoint,
    verify_checkpoint,
    verify_cosignatures,
)
from services.kit.evidence.hop import decrypt_hop
from services.kit.evidence.keys import decryption_lookup
from services.kit.evidence.merkle import EMPTY_ROOT, record_hash, verify_consistency
from services.kit.evidence.note import read_note
from tests.support.gateway import Gateway

MINUTE = timedelta(minutes=1)


def heart_of(gateway: Gateway) -> Heart:
    return Heart(gateway.store, gateway.bus, gateway.tools, interval_s=60)


def heartbeat(gateway: Gateway, organisation: str) -> packet_pb2.Heartbeat:
    """The one heartbeat that waits for an organisation."""
    items = gateway.broker.queues[f"to.{organisation}"].items
    packets = [
        packet_pb2.Packet.FromString(
            decrypt_hop(
                items.popleft().message.body.decode(),
                decryption_lookup([gateway.parties.decryption[organisation]]),
            )
        )
        for _ in range(len(items))
    ]
    [found] = [packet.heartbeat for packet in packets if packet.HasField("heartbeat")]
    return found


def opened(gateway: Gateway, note: str) -> SignedCheckpoint:
    keys = gateway.parties.directory.keys.verifying_keys(GATEWAY, gateway.parties.clock.now())
    return verify_checkpoint(note, keys)


async def queue_record(gateway: Gateway) -> None:
    """The log grows by a record of no exchange."""
    async with gateway.store.writing() as unit:
        leaf = record_hash(secrets.token_bytes(40))
        await unit.log.append(RecordRow("{}", leaf, "PREVIEW", None, gateway.parties.clock.now()))
    await gateway.sequencer.sequence_batch()


async def grow(gateway: Gateway, step: str = "contribution") -> None:
    await gateway.take(gateway.step(step).arrival)
    await gateway.sequencer.sequence_batch()


def cosigned(gateway: Gateway, organisation: str, note: str, *, by: str = "") -> Arrival:
    """A witness's answer to a checkpoint."""
    key = gateway.parties.signing[by or organisation]
    line = cosign(read_note(note), key, gateway.parties.clock.now())
    inner = packet_pb2.Cosignature(checkpoint=str(read_note(note).with_lines([line])))
    body = gateway.close(organisation, packet_pb2.Packet(cosignature=inner))
    return Arrival(organisation, organisation, body)


async def test_every_witness_is_shown_the_log_and_how_it_continues(gateway: Gateway) -> None:
    heart, witnesses = heart_of(gateway), gateway.parties.directory.witnesses
    assert witnesses
    assert await heart.beat() == len(witnesses)
    first = opened(gateway, heartbeat(gateway, witnesses[0]).checkpoint).checkpoint
    assert first == Checkpoint(0, EMPTY_ROOT)
    await grow(gateway)
    await heart.beat()
    shown = heartbeat(gateway, witnesses[0])
    second = opened(gateway, shown.checkpoint).checkpoint
    assert (shown.previous_size, second.size) == (0, len(await gateway.records()))
    await grow(gateway, "release-notice")
    await heart.beat()
    shown = heartbeat(gateway, witnesses[0])
    third = opened(gateway, shown.checkpoint).checkpoint
    assert shown.previous_size == second.size < third.size
    verify_consistency(second.size, second.root, third.size, third.root, list(shown.consistency))


async def test_a_quiet_log_is_signed_anew(gateway: Gateway) -> None:
    heart, [witness, *_] = heart_of(gateway), gateway.parties.directory.witnesses
    await heart.beat()
    first = opened(gateway, heartbeat(gateway, witness).checkpoint)
    gateway.parties.clock.moment += MINUTE
    await heart.beat()
    second = opened(gateway, heartbeat(gateway, witness).checkpoint)
    assert second.checkpoint == first.checkpoint
    assert second.at - first.at == MINUTE


async def test_a_heartbeat_states_no_time_before_the_head_that_it_shows(gateway: Gateway) -> None:
    """A delivery under a smaller head that was signed later would look like a rollback."""
    heart, [witness, *_] = heart_of(gateway), gateway.parties.directory.witnesses
    await grow(gateway)
    async with gateway.store.reading() as unit:
        head = await unit.tree.head()
    assert head is not None
    gateway.parties.clock.moment -= MINUTE  # another process's clock, or one that was set
    await heart.beat()
    gateway.parties.clock.moment += MINUTE
    assert opened(gateway, heartbeat(gateway, witness).checkpoint).at == head.at.replace(microsecond=0)


async def test_every_witness_is_shown_what_the_others_cosigned_until_they_are_a_majority(
    gateway: Gateway,
) -> None:
    heart, witnesses = heart_of(gateway), gateway.parties.directory.witnesses
    await grow(gateway)
    await heart.beat()
    note = heartbeat(gateway, witnesses[0]).checkpoint
    size, clock = opened(gateway, note).checkpoint.size, gateway.parties.clock

    async def told() -> set[str]:
        """Who is shown to have cosigned, an hour later."""
        clock.moment += 60 * MINUTE
        await heart.beat()
        notes = heartbeat(gateway, witnesses[0]).cosignatures
        keys = [gateway.parties.signing[name].public for name in witnesses]
        return {each.witness for note in notes for each in verify_cosignatures(read_note(note), keys)}

    first, rest = witnesses[0], witnesses[1 : len(witnesses) // 2 + 1]
    answer = cosigned(gateway, first, note)
    assert await gateway.take(answer) == [None]
    assert await gateway.take(answer) == [None]
    assert await told() == {first}
    assert await told() == {first}  # still short of a majority
    assert await gateway.take(*(cosigned(gateway, name, note) for name in rest)) == [None] * len(rest)
    assert await told() == {first, *rest}
    assert await told() == set()
    assert len(await gateway.records()) == size  # cosignatures are no records: the log would never be quiet


async def test_after_a_long_pause_nothing_that_was_cosigned_before_is_left_out(gateway: Gateway) -> None:
    heart, witnesses = heart_of(gateway), gateway.parties.directory.witnesses
    await grow(gateway)
    await heart.beat()
    note = heartbeat(gateway, witnesses[0]).checkpoint
    await gateway.take(*(cosigned(gateway, name, note) for name in witnesses))
    gateway.parties.clock.moment += 300 * MINUTE  # the broker was away
    await heart.beat()
    assert len(heartbeat(gateway, witnesses[0]).cosignatures) == 1


async def test_what_is_no_cosignature_of_a_checkpoint_sent_is_set_aside(gateway: Gateway) -> None:
    heart, [witness, other, *_] = heart_of(gateway), gateway.parties.directory.witnesses
    await grow(gateway)
    await heart.beat()
    note = heartbeat(gateway, witness).checkpoint
    now, key = gateway.parties.clock.now(), gateway.parties.signing[GATEWAY]
    size = opened(gateway, note).checkpoint.size
    forked = sign_checkpoint(Checkpoint(size, b"r" * 32), key, now)
    unknown = sign_checkpoint(Checkpoint(size + 5, b"r" * 32), key, now)
    for arrival, reason in (
        (cosigned(gateway, witness, forked), "CHECKPOINT_OF_ANOTHER_LOG"),
        (cosigned(gateway, witness, unknown), "CHECKPOINT_UNKNOWN"),
        (cosigned(gateway, witness, note, by=other), "COSIGNATURE_KEY_UNKNOWN"),
    ):
        assert await gateway.take(arrival) == [Unusable(reason)]
    async with gateway.store.reading() as unit:
        assert await unit.witnesses.to_tell(now, 1, 10) == []


async def test_a_cosignature_of_one_who_is_no_witness_is_set_aside(gateway: Gateway) -> None:
    heart, [witness, *_] = heart_of(gateway), gateway.parties.directory.witnesses
    await heart.beat()
    note = heartbeat(gateway, witness).checkpoint
    entry = gateway.parties.directory.organisations[witness]
    entry.witnesses_log = False
    try:
        assert await gateway.take(cosigned(gateway, witness, note)) == [Unusable("NOT_A_WITNESS")]
        assert witness not in gateway.parties.directory.witnesses
    finally:
        entry.witnesses_log = True


async def test_nothing_is_shown_by_a_stale_directory(gateway: Gateway) -> None:
    gateway.parties.clock.moment = gateway.parties.directory.valid_until
    assert await heart_of(gateway).beat() == 0


async def test_a_growing_log_is_shown_all_the_same(gateway: Gateway) -> None:
    heart, [witness, *_] = heart_of(gateway), gateway.parties.directory.witnesses
    await gateway.take(gateway.step("contribution").arrival)
    async with gateway.store.writing():
        growing = asyncio.create_task(gateway.sequencer.sequence_batch())
        await asyncio.sleep(0.01)
        beating = asyncio.create_task(heart.beat())  # waits for its turn behind the sequencer
        await asyncio.sleep(0.05)
    assert await growing
    assert await beating
    assert opened(gateway, heartbeat(gateway, witness).checkpoint).checkpoint.size


async def test_time_stands_still_while_the_clock_is_behind_what_was_signed(gateway: Gateway) -> None:
    heart, [witness, *_] = heart_of(gateway), gateway.parties.directory.witnesses
    gateway.parties.clock.moment += MINUTE
    await heart.beat()
    before = opened(gateway, heartbeat(gateway, witness).checkpoint)
    gateway.parties.clock.moment -= MINUTE
    await grow(gateway)
    async with gateway.store.reading() as unit:
        head = await unit.tree.head()
    assert head is not None
    assert opened(gateway, head.note).at == before.at
    await heart.beat()
    after = opened(gateway, heartbeat(gateway, witness).checkpoint)
    assert (after.at, after.checkpoint.size) == (before.at, head.size)
    assert head.size > before.checkpoint.size


async def test_checkpoints_are_kept_for_a_month_and_the_last_with_a_majority_for_longer(
    gateway: Gateway,
) -> None:
    heart, clock = heart_of(gateway), gateway.parties.clock
    await grow(gateway)
    async with gateway.store.writing() as unit:
        for size in range(3):
            sent = CheckpointRow(size, b"r" * 32, "note", clock.now() - timedelta(days=30 + 3 - size))
            await unit.witnesses.add_checkpoint(sent)
        for name in gateway.parties.directory.witnesses:
            await unit.witnesses.add_cosignature(CosignatureRow(1, name, "line", sent.at))
    await heart.beat()
    async with gateway.store.reading() as unit:
        left = [size for size in range(100) if await unit.witnesses.find_checkpoint(size) is not None]
    assert left == [1, len(await gateway.records())]


@pytest.mark.both_databases
async def test_the_queue_of_a_witness_that_stays_away_does_not_fill(gateway: Gateway) -> None:
    heart, [present, absent, *_] = heart_of(gateway), gateway.parties.directory.witnesses
    depths = []
    for _ in range(48):
        await queue_record(gateway)
        await heart.beat()
        depths.append(gateway.broker.depth(f"to.{absent}"))
        note = heartbeat(gateway, present).checkpoint
        assert await gateway.take(cosigned(gateway, present, note)) == [None]
        gateway.parties.clock.moment += 5 * MINUTE
    assert depths[11] == 12  # each for an hour
    assert depths[-1] in {14, 15}  # and then one an hour


async def test_a_witness_that_comes_back_is_shown_every_heartbeat_again(gateway: Gateway) -> None:
    heart, [witness, *_] = heart_of(gateway), gateway.parties.directory.witnesses
    clock, items = gateway.parties.clock, gateway.broker.queues[f"to.{witness}"].items
    await queue_record(gateway)
    await heart.beat()
    note = heartbeat(gateway, witness).checkpoint
    clock.moment += 120 * MINUTE
    await heart.beat()
    await heart.beat()
    assert len(items) == 1
    items.clear()
    assert await gateway.take(cosigned(gateway, witness, note)) == [None]
    for _ in range(2):
        await heart.beat()
    assert len(items) == 2


async def test_a_quiet_log_makes_nobody_absent(gateway: Gateway) -> None:
    heart, [witness, *_] = heart_of(gateway), gateway.parties.directory.witnesses
    await heart.beat()
    assert await gateway.take(cosigned(gateway, witness, heartbeat(gateway, witness).checkpoint)) == [None]
    for _ in range(3):
        gateway.parties.clock.moment += 60 * MINUTE
        await heart.beat()
        assert heartbeat(gateway, witness).checkpoint
        await heart.beat()
        assert heartbeat(gateway, witness).checkpoint
