"""What the use cases need of the log in the database: its records, its tree, its witnesses' signatures."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from gateway.app.log_rows import CheckpointRow, CosignatureRow, Cosigned, LogFilter, LogSpan, QueuedRow
from gateway.app.rows import RecordRow
from gateway.core.log.tiles import TileId


class Log(Protocol):
    """The records of the disclosure log."""

    async def append(self, row: RecordRow, listed_under: Sequence[bytes] = ()) -> None:
        """Queues a record for the sequencer, and lists it under keys of 32 bytes.

        They are those of subjects (`digests.blind_subject`) and of organisations (`digests.listing_of`).
        """

    async def page(self, after: int, limit: int, exchange_id: str | None) -> list[RecordRow]:
        """Records after a position, oldest first."""

    async def select(self, wanted: LogFilter, limit: int) -> list[RecordRow]:
        """Records that have an index, in its order; where only a period narrows them, in order of time."""

    async def span(self, since: datetime, until: datetime) -> LogSpan | None:
        """The lowest and highest index of the records of a period; None if there are none."""

    async def first_at(self, since: datetime) -> int | None:
        """The index of the earliest record made at a moment or later."""

    async def nearest_before(self, index: int, moment: datetime) -> int | None:
        """The highest index below one given, of a record made before a moment."""

    async def nearest_after(self, index: int, moment: datetime) -> int | None:
        """The lowest index above one given, of a record made at a moment or later."""

    async def range(self, first: int, end: int) -> list[RecordRow]:
        """The records with indexes from `first` on and below `end`, in order."""

    async def find(self, record_hash: str) -> RecordRow | None:
        """The record with a leaf hash."""

    async def find_index(self, index: int) -> RecordRow | None:
        """The record with an index."""

    async def unlist(self, listed_under: bytes) -> None:
        """Takes a key out of the listing: what stood under it alone is found by exchange and time only."""


class Tree(Protocol):
    """The tree over the records' hashes."""

    async def head(self) -> CheckpointRow | None:
        """The last checkpoint signed; None before the first."""

    async def move_head(self, row: CheckpointRow) -> None:
        """Puts a checkpoint in the head's place."""

    async def tiles(self, ids: Collection[TileId]) -> dict[TileId, bytes]:
        """Those of these tiles that there are."""

    async def put_tiles(self, tiles: Mapping[TileId, bytes]) -> None:
        """Writes tiles, or writes over them."""

    async def queued(self, limit: int) -> list[QueuedRow]:
        """Records without an index, in the order of the queue."""

    async def sequence(self, first: int, positions: Sequence[int]) -> None:
        """Gives the records at these positions indexes, from `first` on."""

    async def next_index(self) -> int:
        """The index after the last one given."""

    async def oldest_queued(self) -> datetime | None:
        """When the oldest record without an index was made; None if all have one."""


class Witnesses(Protocol):
    """Checkpoints sent to the witnesses, and what they signed."""

    async def add_checkpoint(self, row: CheckpointRow) -> None:
        """Notes a checkpoint as sent; one of the same size, being the same, stays."""

    async def find_checkpoint(self, size: int) -> CheckpointRow | None:
        """The checkpoint of that size that was sent."""

    async def last_checkpoint(self) -> CheckpointRow | None:
        """The largest checkpoint sent."""

    async def add_cosignature(self, row: CosignatureRow) -> bool:
        """Notes a signature; False if the same organisation's on the same size was there already."""

    async def lines_of(self, size: int) -> dict[str, str]:
        """Signature lines on the checkpoint of a size, by organisation."""

    async def behind_since(self, organisations: Collection[str]) -> dict[str, datetime]:
        """Who has not cosigned all that was shown, and since when there is something that they have not."""

    async def newest_cosigned(self, wanted: int) -> Cosigned | None:
        """The newest checkpoint with so many signatures."""

    async def forget(self, before: datetime, kept: Collection[int]) -> int:
        """Deletes checkpoints sent before a moment, with their signatures, but for those of some sizes.

        Not more than a hundred at once, the smallest first; returns how many.
        """

    async def to_tell(self, since: datetime, wanted: int, limit: int) -> list[Cosigned]:
        """Checkpoints signed by a witness since a moment, or by fewer than wanted; the newest, by size."""
