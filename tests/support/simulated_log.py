"""A log that its operator has in hand: it grows, forks, rolls back, falls silent, keeps its proofs back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from publicprotection.transport.v1.packet_pb2 import Cosignature, Heartbeat, InclusionProof

from services.kit.clock import Clock
from services.kit.evidence.checkpoint import Checkpoint, cosign, sign_checkpoint
from services.kit.evidence.keys import SigningKey
from services.kit.evidence.merkle import EMPTY_ROOT, record_hash
from services.kit.evidence.note import read_note
from tests.support.growing import Tree


@dataclass
class SimulatedLog:
    """A log with the gateway's key.

    Attributes:
        key: the gateway's.
        clock: the time.
        tree: what is in the log.
        previous: size at the last heartbeat.
        answers: whether it answers questions.
    """

    key: SigningKey
    clock: Clock
    tree: Tree = field(default_factory=Tree)
    previous: int = 0
    answers: bool = True
    asked: list[tuple[int, int]] = field(default_factory=list)

    def grow(self, *entries: str) -> "SimulatedLog":
        """Appends entries."""
        self.tree.grow(entry.encode() for entry in entries)
        return self

    def record(self) -> tuple[str, InclusionProof]:
        """Appends a record; its hash, and the proof that comes with what it covers."""
        entry = f"record {self.tree.size}".encode()
        self.tree.grow([entry])
        index, size = self.tree.size - 1, self.tree.size
        path = self.tree.inclusion(index, size)
        return record_hash(entry), InclusionProof(checkpoint=self.note(), index=index, hashes=path)

    def fork(self) -> "SimulatedLog":
        """Another log of the same history so far, and the same key."""
        return replace(self, tree=Tree(self.tree.size, dict(self.tree.tiles)), asked=[])

    def note(self, size: int | None = None, *, at: datetime | None = None) -> str:
        """The signed checkpoint of a size, or the newest."""
        size = self.tree.size if size is None else size
        root = self.tree.root(size) if size else EMPTY_ROOT
        return sign_checkpoint(Checkpoint(size, root), self.key, at or self.clock.now())

    def heartbeat(self, cosigned: Iterable[str] = ()) -> Heartbeat:
        """What every witness is shown next."""
        first, self.previous = self.previous, self.tree.size
        path = self.tree.consistency(first, self.tree.size) if 0 < first < self.tree.size else []
        return Heartbeat(
            checkpoint=self.note(), consistency=path, previous_size=first, cosignatures=list(cosigned)
        )

    def cosigned(self, key: SigningKey, note: str | None = None) -> str:
        """The newest checkpoint, or another, as a witness would cosign it."""
        read = read_note(note or self.note())
        return str(read.with_lines([cosign(read, key, self.clock.now())]))

    async def ask(self, first: int, second: int) -> Sequence[bytes] | None:
        """The answer to a witness's question."""
        self.asked.append((first, second))
        if not self.answers or second > self.tree.size:
            return None
        return self.tree.consistency(first, second) if 0 < first < second else []


def witnesses_named(cosignature: Cosignature) -> set[str]:
    """Who has signed the checkpoint in a packet."""
    return {line.name for line in read_note(cosignature.checkpoint).lines}
