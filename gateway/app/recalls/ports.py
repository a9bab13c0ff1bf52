"""What recalls need of the database."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from gateway.app.recalls.rows import RecallRow, RecallToldRow


class Recalls(Protocol):
    """Recalls."""

    async def add(self, row: RecallRow, told: Sequence[RecallToldRow]) -> None:
        """Notes a recall, and who is told of it."""

    async def find(self, recall_id: str) -> RecallRow | None:
        """One recall."""

    async def of_exchange(self, exchange_id: str) -> RecallRow | None:
        """The recall of an exchange."""

    async def of_exchanges(self, exchange_ids: Collection[str]) -> list[RecallRow]:
        """The recalls of these exchanges, of those that were recalled."""

    async def all_told(self, recall_id: str) -> list[RecallToldRow]:
        """Everybody who was told, by organisation."""

    async def told(self, recall_id: str, organisation: str) -> RecallToldRow | None:
        """An organisation that was told."""

    async def confirm(self, recall_id: str, organisation: str, at: datetime) -> None:
        """Notes its confirmation."""
