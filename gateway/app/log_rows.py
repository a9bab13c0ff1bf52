"""What the log's tree is kept as, beside the records themselves. Times are aware, UTC."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class QueuedRow:
    """A record that has no index yet: its place in the queue, and its leaf hash, hexadecimal."""

    position: int
    record_hash: str


@dataclass(frozen=True, slots=True)
class CheckpointRow:
    """A signed checkpoint.

    Attributes:
        size: leaves.
        root: RFC 9162 root, 32 octets.
        note: C2SP signed note.
        at: when it was signed.
    """

    size: int
    root: bytes
    note: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CosignatureRow:
    """A witness's signature line on the checkpoint of a size, as it came, and when."""

    size: int
    organisation: str
    line: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Cosigned:
    """A checkpoint that was sent to the witnesses, and their signature lines by organisation."""

    checkpoint: CheckpointRow
    lines: dict[str, str]


@dataclass(frozen=True, slots=True)
class SignedHead:
    """What the key store remembers of the last head signed here: size, and root (32 octets)."""

    size: int
    root: bytes
