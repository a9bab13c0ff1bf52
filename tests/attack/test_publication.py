"""The operator publishes a release before, or without, putting it on record."""

from publicprotection.transport.v1.packet_pb2 import InclusionProof, Packet

from services.kit.directory import GATEWAY
from services.kit.evidence.statement import verify_statement
from tests.attack.catalogue import Finder, attack
from tests.attack.operator import Operator
from tests.attack.scheme import RECIPIENT, SENDER, Scheme
from tests.attack.stage import Stage
from tests.support.growing import Tree


async def take_out(stage: Stage, operator: Operator) -> Packet:
    """A release that is decided; it waits for the checkpoint that is to cover it."""
    await stage.agencies[SENDER].send()
    await stage.station.take()
    [packet] = [each for each in operator.waiting(RECIPIENT) if each.HasField("delivery")]
    return packet


async def hear(stage: Stage) -> tuple[int, set[str]]:
    """How much of it the recipient's people can read, and its alarms."""
    recipient = stage.agencies[RECIPIENT]
    await recipient.hear()
    return len(await recipient.deliveries()) - 1, (await stage.alarms()).get(RECIPIENT, set())


@attack("publishes a release before a checkpoint covers its record", Finder.RECIPIENT, soon="when it arrives")
async def test_publishes_before_the_checkpoint(stage: Stage, operator: Operator, attacked: bool) -> None:
    packet = await take_out(stage, operator)
    if attacked:
        await operator.publish(RECIPIENT, packet)
    else:
        await stage.station.publish()
    assert await hear(stage) == ((0, {"PROOF_MISSING"}) if attacked else (1, set()))


@attack(
    "publishes a release with the proof of another record, under the newest checkpoint",
    Finder.RECIPIENT,
    soon="when it arrives",
)
async def test_lends_another_proof(stage: Stage, operator: Operator, attacked: bool) -> None:
    packet = await take_out(stage, operator)
    if attacked:
        packet.delivery.proof.CopyFrom(prove_last(operator, operator.entries()))
        await operator.publish(RECIPIENT, packet)
    else:
        await stage.station.publish()
    assert await hear(stage) == ((0, {"PROOF_ROOT_MISMATCH"}) if attacked else (1, set()))


@attack(
    "publishes a release under a checkpoint that it made for this recipient alone",
    Finder.WITNESS,
    soon="at the next heartbeat: the recipient's witness holds it against what all are shown",
)
async def test_makes_a_checkpoint_for_one(stage: Stage, operator: Operator, attacked: bool) -> None:
    packet = await take_out(stage, operator)
    if attacked:
        with operator.open() as database:
            query = "SELECT entry FROM log_record WHERE record_hash = ?"
            [(entry,)] = database.execute(query, (record_of(packet, stage.scheme),)).fetchall()
            database.execute("DELETE FROM log_record WHERE leaf_index IS NULL")
        packet.delivery.proof.CopyFrom(prove_last(operator, [*operator.entries(), entry]))
        await operator.publish(RECIPIENT, packet)
    else:
        await stage.station.publish()
    assert await hear(stage) == (1, set())  # it proves itself; a warning must arrive
    await stage.exchange()
    await stage.beat()
    assert await stage.alarms() == ({RECIPIENT: {"LOG_FORK"}} if attacked else {})


def prove_last(operator: Operator, entries: list[str]) -> InclusionProof:
    """The proof of the last of these entries, in a log of them, signed by the operator."""
    tree = Tree()
    root = tree.grow(entry.encode() for entry in entries)
    index = tree.size - 1
    return InclusionProof(
        checkpoint=operator.sign(tree.size, root), index=index, hashes=tree.inclusion(index, tree.size)
    )


def record_of(packet: Packet, scheme: Scheme) -> str:
    """The hash of the record that a release says covers it."""
    keys = scheme.directory.keys.verifying_at(scheme.clock.now())
    return verify_statement(packet.delivery.statement, keys=keys, gateway=GATEWAY).record_hash
