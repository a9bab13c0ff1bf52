"""What the use cases need of the database to keep records no longer than they may, and no shorter."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from gateway.app.retention_rows import DueRow, LegalHoldRow
from gateway.app.rows import RecordRow


class LegalHolds(Protocol):
    """Legal holds."""

    async def add(self, row: LegalHoldRow) -> None:
        """Adds one."""

    async def find(self, legal_hold_id: str) -> LegalHoldRow | None:
        """One, in force or not."""

    async def in_force(self) -> list[LegalHoldRow]:
        """Those in force, oldest first."""

    async def lift(self, legal_hold_id: str, at: datetime, lifted_in: str) -> None:
        """Ends one."""


class Expiry(Protocol):
    """Records past their retention class, and whatever else goes with an exchange or a subject."""

    async def exchanges(  # what is due, and how much of it
        self,
        retention_class: str,
        before: datetime,
        after_exchange: str,
        limit: int,
        *,
        concerning: Collection[str] | None = None,
    ) -> list[DueRow]:
        """Exchanges whose last unpruned record of a class is older than a moment, by id.

        `concerning` limits them to those that one of these organisations took part in.
        """

    async def oldest(self, retention_class: str, before: datetime) -> DueRow | None:
        """The unpruned records of a class older than a moment, together."""

    async def records(
        self, retention_class: str, before: datetime, after_position: int, limit: int
    ) -> list[RecordRow]:
        """The unpruned records of a class older than a moment, each for itself, by position."""

    async def listed(self, listed_under: Collection[bytes]) -> set[int]:
        """Positions of the records listed under one of these keys."""

    async def prune(self, positions: Sequence[int]) -> None:
        """Deletes the bodies of the records at these positions; hashes and indexes stay."""

    async def of_exchanges(self, retention_class: str, exchange_ids: Collection[str]) -> list[RecordRow]:
        """The unpruned records of a class about these exchanges, in the order of the log."""

    async def named(self, subject_ids: Collection[str]) -> list[str]:
        """Exchanges that name one of these entries, by id."""

    async def undelivered(self, exchange_id: str) -> list[str]:
        """Packets of an exchange that have not left, or whose arrival nobody confirmed."""

    async def drop_exchanges(self, exchange_ids: Collection[str]) -> None:
        """Deletes texts, ciphertext, decisions, holds, facts, mentions of exchanges; not what went where."""

    async def drop_texts(self, scopes: Collection[str]) -> set[str]:
        """Deletes the texts of scopes; returns the scopes of the data keys under which they were."""

    async def doom(self, key_scopes: Collection[str]) -> None:
        """Notes scopes whose keys and salts are to be destroyed as soon as this is durable."""

    async def doomed(self) -> list[str]:
        """Scopes whose keys and salts are still to be destroyed."""

    async def destroyed(self, key_scopes: Collection[str]) -> None:
        """Notes that they are."""
