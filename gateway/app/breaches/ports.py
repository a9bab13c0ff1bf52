"""What breach cases need of the database."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from gateway.app.breaches.rows import AffectedRow, BreachRow, BreachStepRow


class Breaches(Protocol):
    """Breach cases."""

    async def add(self, row: BreachRow) -> None:
        """Opens a case."""

    async def find(self, breach_id: str) -> BreachRow | None:
        """One case."""

    async def of_organisation(self, organisation: str) -> list[BreachRow]:
        """An organisation's cases, newest first."""

    async def close(self, breach_id: str, at: datetime) -> None:
        """Notes when the last duty was settled."""

    async def add_step(self, row: BreachStepRow) -> None:
        """Notes a step."""

    async def steps(self, breach_id: str) -> list[BreachStepRow]:
        """The steps of a case, in the order in which they were noted."""

    async def add_affected(self, rows: Sequence[AffectedRow]) -> None:
        """Adds exchanges to a case; those that it has stay as they are."""

    async def affected(self, breach_id: str) -> list[str]:
        """The exchanges of a case, by id."""
