"""Proofs of record as they are kept beside what they prove."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class StoredProof:
    """Proof that a record is in the gateway's log: checkpoint (a note), index, path in hexadecimal."""

    checkpoint: str
    index: int
    path: tuple[str, ...]


def write_proof(proof: StoredProof) -> list[Any]:
    """A proof as a list for JSON."""
    return [proof.checkpoint, proof.index, *proof.path]


def read_proof(written: list[Any]) -> StoredProof:
    """What `write_proof` wrote."""
    checkpoint, index, *path = written
    return StoredProof(checkpoint, index, tuple(path))
