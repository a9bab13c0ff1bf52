"""What a witness is shown: checkpoints that came with a heartbeat, a delivery, or another's cosignature.

A sighting is noted in the transaction of the message that brought it, and judged afterwards: a judgement may
need an answer from the gateway, and no message waits for that.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from publicprotection.transport.v1.packet_pb2 import Heartbeat
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kit.directory import GATEWAY, Directory
from services.kit.evidence.checkpoint import (
    Cosignature,
    SignedCheckpoint,
    StatedCheckpoint,
    read_checkpoint,
    verify_checkpoint,
)
from services.kit.evidence.errors import CheckpointRefusedError
from services.kit.evidence.note import read_note
from services.kit.evidence.quorum import count_votes
from services.kit.evidence.witnessing import Consistency
from services.kit.store.checkpoints import (
    Checkpoints,
    CheckpointState,
    SeenCheckpoint,
    SeenCosignature,
    Source,
)

MAX_COSIGNED: int = 512
"""Notes of other witnesses in one heartbeat; the gateway sends no more than it keeps telling."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A checkpoint shown to this witness, its signature by the gateway verified.

    Attributes:
        seen: as it is to be stored, still to be judged.
        cosignatures: of it, verified, by keys that count.
    """

    seen: SeenCheckpoint
    cosignatures: tuple[SeenCosignature, ...] = ()


def read_heartbeat(heartbeat: Heartbeat, directory: Directory, at: datetime) -> list[Sighting]:
    """The checkpoints that a heartbeat shows: the log's newest, and earlier ones that witnesses cosigned.

    Raises:
        CheckpointRefusedError: one of them is not signed by the gateway, or too many.
    """
    if len(heartbeat.cosignatures) > MAX_COSIGNED:
        raise CheckpointRefusedError("note_too_large")
    newest = see(heartbeat.checkpoint, directory, at, source=Source.HEARTBEAT)
    sizes = heartbeat.previous_size, newest.seen.size
    proof = write_proof(Consistency(*sizes, tuple(heartbeat.consistency)))
    others = [see(note, directory, at, source=Source.WITNESS) for note in heartbeat.cosignatures]
    return [see_again(newest, proof), *others]


def see(note: str, directory: Directory, at: datetime, *, source: Source) -> Sighting:
    """Verifies a checkpoint that was shown, and the cosignatures on it.

    Raises:
        CheckpointRefusedError: it is not signed by the gateway, or a cosignature on it does not verify.
    """
    signed = verify_checkpoint(note, directory.keys.verifying_keys(GATEWAY, at))
    votes = count_votes(signed, directory.keys, directory.witnesses, now=at)
    return sight(signed, at, source=source, votes=votes)


def sight(
    signed: SignedCheckpoint, at: datetime, *, source: Source, votes: Sequence[Cosignature] = ()
) -> Sighting:
    """A verified checkpoint as it is noted.

    Args:
        signed: the checkpoint.
        at: when it came.
        source: how it came.
        votes: the cosignatures on it that count.
    """
    size, root, note = signed.checkpoint.size, signed.checkpoint.root.hex(), str(signed.with_votes(votes))
    seen = SeenCheckpoint(size, root, note, signed.at, source, CheckpointState.WAITING, "", at)
    return Sighting(seen, tuple(SeenCosignature(size, root, vote.witness, str(vote.line)) for vote in votes))


def see_again(sighting: Sighting, proof: str) -> Sighting:
    """The sighting with a consistency path that came along."""
    seen = sighting.seen
    values = (seen.size, seen.root, seen.note, seen.signed_at, seen.source, seen.state)
    return Sighting(SeenCheckpoint(*values, proof, seen.seen_at), sighting.cosignatures)


async def note_sightings(
    connection: AsyncConnection, checkpoints: Checkpoints, sightings: Iterable[Sighting]
) -> None:
    """Stores what was shown, as far as it is new. Done twice, it changes nothing."""
    for sighting in sightings:
        known = await checkpoints.find(connection, sighting.seen.size, sighting.seen.root)
        if known is None:
            await checkpoints.add(connection, sighting.seen)
        else:
            await _note_known(connection, checkpoints, known, sighting.seen)
        await checkpoints.add_cosignatures(connection, sighting.cosignatures)


async def _note_known(
    connection: AsyncConnection, checkpoints: Checkpoints, known: SeenCheckpoint, shown: SeenCheckpoint
) -> None:
    if shown.signed_at > known.signed_at:
        await checkpoints.renew(connection, known.position, shown.note, shown.signed_at)
    # Seen beside a delivery first: what every witness is shown is to be cosigned too.
    is_first_heartbeat = shown.source is Source.HEARTBEAT and known.source is not Source.HEARTBEAT
    if is_first_heartbeat and known.state in (CheckpointState.WAITING, CheckpointState.CONSISTENT):
        await checkpoints.wait(connection, known.position, shown.source, shown.proof)


def stated(seen: SeenCheckpoint) -> StatedCheckpoint:
    """A stored checkpoint as the evidence takes it.

    Its signature was verified when it came, and is not again: a key that was revoked since must not make a
    witness forget what it saw.
    """
    note = read_note(seen.note)
    return StatedCheckpoint(read_checkpoint(note), seen.signed_at, note)


def write_proof(proof: Consistency) -> str:
    """A consistency path as it is stored."""
    return json.dumps([proof.first, proof.second, *(each.hex() for each in proof.path)])


def read_proof(written: str) -> Consistency | None:
    """A consistency path as it was stored; None for an empty text."""
    if not written:
        return None
    first, second, *path = json.loads(written)
    return Consistency(first, second, tuple(_hashes(path)))


def _hashes(path: Iterable[str]) -> Iterator[bytes]:
    return (bytes.fromhex(each) for each in path)
