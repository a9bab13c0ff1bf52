"""Proofs of record: what arrives is in the gateway's log, under a checkpoint that the gateway signed."""

from datetime import datetime
from typing import Final

from publicprotection.transport.v1.packet_pb2 import InclusionProof

from services.kit.directory import GATEWAY, Directory
from services.kit.evidence.checkpoint import SignedCheckpoint, verify_checkpoint
from services.kit.evidence.errors import (
    CheckpointRefusedError,
    EvidenceError,
    KeyRefusedError,
    ProofRefusedError,
)
from services.kit.evidence.merkle import verify_inclusion
from services.kit.store.proofs import StoredProof

_UNSIGNED: Final = "log_signature_missing"


def verify_proof(
    proof: InclusionProof, record_hash: str, directory: Directory, at: datetime
) -> SignedCheckpoint:
    """Verifies that a record is in the log.

    Args:
        proof: checkpoint, index and path, as they came.
        record_hash: leaf hash of the record, hexadecimal, as the gateway's signature states it.
        directory: whose keys the gateway's are.
        at: when it came.

    Returns:
        The checkpoint, for the witness to hold against all others.

    Raises:
        ProofRefusedError: `proof_missing`, or `proof_` and a reason of checkpoint or path.
        KeyRefusedError: `key_unknown`: signed by no key of the gateway that is known here.
    """
    if not (proof.checkpoint and record_hash):
        raise ProofRefusedError("proof_missing")
    try:
        signed = verify_checkpoint(proof.checkpoint, directory.keys.verifying_keys(GATEWAY, at))
        size, root = signed.checkpoint.size, signed.checkpoint.root
        verify_inclusion(_leaf(record_hash), proof.index, size, proof.hashes, root)
    except (CheckpointRefusedError, ProofRefusedError) as error:
        raise _refusal(error) from None
    return signed


def store_proof(proof: InclusionProof, signed: SignedCheckpoint) -> StoredProof:
    """A proof as it is kept; `signed` is its checkpoint, verified."""
    return StoredProof(str(signed.with_votes()), proof.index, tuple(each.hex() for each in proof.hashes))


def _refusal(error: EvidenceError) -> EvidenceError:
    """A key may be newer than the directory here: that is waited for, as with every other signature."""
    if error.reason == _UNSIGNED:
        return KeyRefusedError("key_unknown")
    return ProofRefusedError(f"proof_{error.reason}")


def _leaf(record_hash: str) -> bytes:
    try:
        return bytes.fromhex(record_hash)
    except ValueError:
        raise ProofRefusedError("malformed_hash") from None
