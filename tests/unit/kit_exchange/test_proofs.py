"""Nothing is taken that the gateway did not put on record: proofs beside deliveries and outcomes."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from publicprotection.exchange.v1.inbox_service_pb2 import ListDeliveriesRequest
from publicprotection.transport.v1.packet_pb2 import InclusionProof

from services.kit.bus import MemoryBus
from services.kit.evidence.checkpoint import Checkpoint, cosign, sign_checkpoint
from services.kit.evidence.merkle import verify_inclusion
from services.kit.evidence.note import read_note
from services.kit.evidence.opening import OpenedSeal
from services.kit.evidence.statement import verify_statement
from services.kit.exchange.arrivals import KeyAwaitedError
from services.kit.exchange.notices import verify_receipt
from services.kit.store.checkpoints import Source
from tests.support.exchanging import (
    CONTEXT,
    RECIPIENT,
    SENDER,
    GatewayStandIn,
    Member,
    write_header,
    write_notice,
)

Spoil = Callable[[GatewayStandIn, InclusionProof], None]


@pytest.fixture
async def opened(sender: Member, gateway: GatewayStandIn, gateway_bus: MemoryBus) -> OpenedSeal:
    """One exchange, sent and opened at a gateway whose log has a few records."""
    for _ in range(5):
        gateway.log.record()
    await sender.outbox.submit(write_header(), write_notice())
    await sender.relay.publish_waiting()
    return gateway.open_seal(await gateway.take(gateway_bus, SENDER))


def leave_out(_gateway: GatewayStandIn, proof: InclusionProof) -> None:
    proof.Clear()


def take_anothers(gateway: GatewayStandIn, proof: InclusionProof) -> None:
    proof.CopyFrom(gateway.log.record()[1])


def move(_gateway: GatewayStandIn, proof: InclusionProof) -> None:
    proof.index -= 1


def leave_the_log(_gateway: GatewayStandIn, proof: InclusionProof) -> None:
    proof.index += 1


def shorten(_gateway: GatewayStandIn, proof: InclusionProof) -> None:
    del proof.hashes[-1]


def lengthen(_gateway: GatewayStandIn, proof: InclusionProof) -> None:
    proof.hashes.append(bytes(32))


def malform(_gateway: GatewayStandIn, proof: InclusionProof) -> None:
    proof.hashes[0] = proof.hashes[0][:31]


def invent_a_root(gateway: GatewayStandIn, proof: InclusionProof) -> None:
    log = gateway.log
    proof.checkpoint = sign_checkpoint(Checkpoint(log.tree.size, b"r" * 32), log.key, log.clock.now())


def alter_the_checkpoint(_gateway: GatewayStandIn, proof: InclusionProof) -> None:
    proof.checkpoint = proof.checkpoint.replace("\n6\n", "\n7\n", 1)


def drop_the_time(_gateway: GatewayStandIn, proof: InclusionProof) -> None:
    proof.checkpoint = "".join(proof.checkpoint.splitlines(keepends=True)[:-1])


def write_no_note(_gateway: GatewayStandIn, proof: InclusionProof) -> None:
    proof.checkpoint = "the log is in order"


SPOILED = [
    (leave_out, "PROOF_MISSING"),
    (take_anothers, "PROOF_ROOT_MISMATCH"),
    (move, "PROOF_ROOT_MISMATCH"),
    (leave_the_log, "PROOF_INDEX_OUT_OF_RANGE"),
    (shorten, "PROOF_PATH_TOO_SHORT"),
    (lengthen, "PROOF_PATH_TOO_LONG"),
    (malform, "PROOF_MALFORMED_HASH"),
    (invent_a_root, "PROOF_ROOT_MISMATCH"),
    (alter_the_checkpoint, "PROOF_SIGNATURE_REFUSED"),
    (drop_the_time, "PROOF_LOG_TIME_MISSING"),
    (write_no_note, "PROOF_MALFORMED_NOTE"),
]


@pytest.mark.parametrize("case", SPOILED)
async def test_a_delivery_that_is_not_provably_on_record_is_refused_with_an_alarm(
    recipient: Member,
    gateway: GatewayStandIn,
    gateway_bus: MemoryBus,
    opened: OpenedSeal,
    case: tuple[Spoil, str],
) -> None:
    spoil, code = case
    delivery = gateway.release(opened)
    spoil(gateway, delivery.proof)
    assert await recipient.intake.receive(gateway.received(RECIPIENT, delivery=delivery))
    listed = await recipient.inbox_service.ListDeliveries(ListDeliveriesRequest(), CONTEXT)
    assert list(listed.deliveries) == []
    assert await recipient.alarms(opened.exchange_id) == [code]
    await recipient.relay.publish_waiting()
    keys = gateway.world.directory.keys.verifying_at(gateway.world.clock.now())
    packet = await gateway.take(gateway_bus, RECIPIENT)
    assert verify_receipt(packet.receipt.receipt, keys=keys).refused == code


@pytest.mark.parametrize(("spoil", "code"), SPOILED)
async def test_an_outcome_that_is_not_provably_on_record_is_set_aside_with_an_alarm(
    sender: Member, gateway: GatewayStandIn, opened: OpenedSeal, spoil: Spoil, code: str
) -> None:
    notice = gateway.outcome(opened)
    spoil(gateway, notice.proof)
    assert not await sender.intake.receive(gateway.received(SENDER, outcome=notice))
    async with sender.records.store.read() as connection:
        assert await sender.records.outcomes.of(connection, opened.exchange_id) == []
    assert await sender.alarms() == [code]


async def test_an_outcome_that_names_no_record_is_set_aside(
    sender: Member, gateway: GatewayStandIn, opened: OpenedSeal
) -> None:
    notice = gateway.outcome(opened, record_hash="")
    assert not await sender.intake.receive(gateway.received(SENDER, outcome=notice))
    assert await sender.alarms() == ["PROOF_MISSING"]


async def test_a_checkpoint_by_a_key_that_is_not_known_yet_is_waited_for(
    recipient: Member, gateway: GatewayStandIn, opened: OpenedSeal
) -> None:
    delivery = gateway.release(opened)
    log = gateway.log
    root = log.tree.root(log.tree.size)
    newer = gateway.world.rotated("gateway").signing["gateway"]
    delivery.proof.checkpoint = sign_checkpoint(Checkpoint(log.tree.size, root), newer, log.clock.now())
    with pytest.raises(KeyAwaitedError):
        await recipient.records.store.write(
            recipient.arrivals.read(gateway.received(RECIPIENT, delivery=delivery)).apply
        )


async def test_the_proof_is_kept_and_the_checkpoint_is_for_the_witness(
    recipient: Member, gateway: GatewayStandIn, opened: OpenedSeal
) -> None:
    delivery = gateway.release(opened)
    assert await recipient.intake.receive(gateway.received(RECIPIENT, delivery=delivery))
    async with recipient.records.store.read() as connection:
        content = await recipient.records.inbox.content(connection, delivery.delivery_id)
        [seen] = await recipient.records.checkpoints.waiting(connection)
    assert content is not None
    proof = content.proof
    path = [bytes.fromhex(each) for each in proof.path]
    root = gateway.log.tree.root(6)
    leaf = bytes.fromhex(record_of(delivery.statement, gateway))
    verify_inclusion(leaf, proof.index, 6, path, root)
    assert read_note(proof.checkpoint) == read_note(delivery.proof.checkpoint)
    assert (seen.size, seen.root, seen.source) == (6, root.hex(), Source.DELIVERY)


async def test_lines_that_nobody_verified_on_a_checkpoint_turn_no_delivery_away_and_are_not_kept(
    recipient: Member, gateway: GatewayStandIn, opened: OpenedSeal
) -> None:
    """Kept, such a line would spoil the evidence of the delivery as soon as its key is known."""
    delivery = gateway.release(opened)
    honest = read_note(delivery.proof.checkpoint)
    line = cosign(honest, gateway.world.signing[SENDER], gateway.world.clock.now())
    forged = replace(line, signature=line.signature[:8] + bytes(64))
    delivery.proof.checkpoint = str(honest.with_lines([forged]))
    assert await recipient.intake.receive(gateway.received(RECIPIENT, delivery=delivery))
    async with recipient.records.store.read() as connection:
        content = await recipient.records.inbox.content(connection, delivery.delivery_id)
        [seen] = await recipient.records.checkpoints.waiting(connection)
    assert content is not None
    assert content.proof.checkpoint == seen.note == str(honest)
    assert await recipient.packets() == [("receipt", False)]


def record_of(statement: str, gateway: GatewayStandIn) -> str:
    keys = gateway.world.directory.keys.verifying_at(gateway.world.clock.now())
    return verify_statement(statement, keys=keys, gateway="gateway").record_hash
