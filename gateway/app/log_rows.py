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


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Which records are wanted; conditions add up. Only those that have an index.

    Attributes:
        listed: for each condition, the keys of which one must list the record: `digests.blind_subject`,
            `digests.listing_of`.
        since: at or after.
        until: before.
        types: any of these; all if empty.
        after_index: those that follow the record with this index.
        after_position: those behind this position.
        below: only indexes below this.
        newest: the newest first, and then those that precede the record with index `before_index`.
        by_index: strictly in the order of the log, for whoever proves it. Otherwise records that several
            processes wrote at once may stand in the order in which they were queued.
    """

    exchange_id: str | None = None
    listed: tuple[tuple[bytes, ...], ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    types: tuple[str, ...] = ()
    after_index: int | None = None
    after_position: int = 0
    below: int | None = None
    by_index: bool = False
    newest: bool = False
    before_index: int | None = None

    @property
    def by_listing(self) -> bool:
        """Whether one key lists all that are wanted: they are read in its order."""
        one = self.exchange_id is None and bool(self.listed) and len(self.listed[0]) == 1
        return one and not self.by_index

    @property
    def by_type(self) -> bool:
        """Whether types narrow them most: the records of each are read in the order of the queue."""
        return bool(self.types) and self.exchange_id is None and not self.listed and not self.by_index

    @property
    def by_time(self) -> bool:
        """Whether only time narrows them: they are read in its order."""
        alone = self.exchange_id is None and not self.listed and not self.by_type
        return alone and (self.since is not None or self.until is not None)


@dataclass(frozen=True, slots=True)
class LogSpan:
    """The lowest and the highest index of some records."""

    first: int
    last: int
