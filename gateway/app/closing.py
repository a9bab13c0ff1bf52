"""Closing packets for the way: the proof of the record goes in, and the whole is encrypted to the addressee.

This is done when a packet leaves and not when it is decided: only then is the record under a checkpoint, and
the addressee's key is the one in force now.
"""

import asyncio
from collections.abc import Mapping, Sequence
from enum import StrEnum

from publicprotection.transport.v1 import packet_pb2

from gateway.app.envelopes import packet_place
from gateway.app.log_rows import CheckpointRow
from gateway.app.proofs import Path
from gateway.app.resting import UnreadableError, open_at_rest
from gateway.app.rows import DuePacket
from gateway.app.tools import Tools
from services.kit.evidence.errors import HopRefusedError, KeyRefusedError, ProofRefusedError
from services.kit.evidence.hop import encrypt_hop
from services.kit.evidence.merkle import verify_inclusion


class Held(StrEnum):
    """Why a packet cannot leave now."""

    NO_KEY = "NO_KEY"  # the directory has no usable key of the addressee
    ERASED = "ERASED"  # the key store has no key to open it with
    UNREADABLE = "UNREADABLE"  # it was altered, or is another's
    UNPROVEN = "UNPROVEN"  # its record is not in the tree that was signed
    TOO_LARGE = "TOO_LARGE"


async def close_due(
    due: Sequence[DuePacket],
    head: CheckpointRow,
    paths: Mapping[int, Path],
    tools: Tools,
) -> list[bytes | Held]:
    """Closes packets.

    Args:
        due: packets whose records the head covers.
        head: the checkpoint.
        paths: inclusion paths by index.
        tools: the means of the process.

    Returns:
        For each a compact JWE (ASCII), or why there is none.

    Raises:
        KeyStoreUnavailableError: nothing can be opened now.
    """
    keys = await tools.key_store.find_keys({each.packet.key_scope for each in due})
    closed: list[bytes | Held] = []
    for each in due:
        await asyncio.sleep(0)  # the intake's turn
        proof = packet_pb2.InclusionProof(
            checkpoint=head.note, index=each.leaf_index, hashes=paths[each.leaf_index]
        )
        closed.append(_close(each, head, proof, keys, tools))
    return closed


def _close(
    due: DuePacket,
    head: CheckpointRow,
    proof: packet_pb2.InclusionProof,
    keys: Mapping[str, bytes],
    tools: Tools,
) -> bytes | Held:
    key = keys.get(due.packet.key_scope)
    if key is None:
        return Held.ERASED
    try:
        _verify(due, head, proof)
        packet = _open(due, key)
        content = packet.delivery if packet.HasField("delivery") else packet.outcome
        content.proof.CopyFrom(proof)
        return _encrypt(packet, due.packet.organisation, tools)
    except UnreadableError:
        return Held.UNREADABLE
    except ProofRefusedError:
        return Held.UNPROVEN
    except KeyRefusedError:
        return Held.NO_KEY
    except HopRefusedError:
        return Held.TOO_LARGE


def _verify(due: DuePacket, head: CheckpointRow, proof: packet_pb2.InclusionProof) -> None:
    """The recipient would refuse what does not verify, and raise an alarm: better found here."""
    leaf = bytes.fromhex(due.packet.record_hash)
    verify_inclusion(leaf, due.leaf_index, head.size, list(proof.hashes), head.root)


def _open(due: DuePacket, key: bytes) -> packet_pb2.Packet:
    row = due.packet
    place = packet_place(row.packet_id, row.organisation, row.record_hash)
    packet: packet_pb2.Packet = packet_pb2.Packet.FromString(open_at_rest(row.ciphertext, key, place))
    return packet


def _encrypt(packet: packet_pb2.Packet, organisation: str, tools: Tools) -> bytes:
    key = tools.directory.keys.encryption_key(organisation, tools.clock.now())
    limit = tools.limits.packet_octets
    return encrypt_hop(packet.SerializeToString(), key, max_bytes=limit).encode("ascii")
