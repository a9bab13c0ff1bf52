"""What the clocks need of the database."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from gateway.app.clocks.rows import ClockCounting, ClockFilter, ClockRow, ClockTally
from gateway.core.deadlines.starting import ClockState


class Clocks(Protocol):
    """The clocks."""

    async def add(self, rows: Sequence[ClockRow]) -> None:
        """Begins clocks."""

    async def find(self, clock_id: str) -> ClockRow | None:
        """One clock."""

    async def of_matters(self, matters: Collection[str]) -> list[ClockRow]:
        """All clocks about these matters, oldest first."""

    async def of_subjects(self, subject_ids: Collection[str], limit_ids: Collection[str]) -> list[ClockRow]:
        """Clocks of these limits about these subjects in which something is waited for, oldest first."""

    async def due(self, now: datetime, limit: int) -> list[ClockRow]:
        """Clocks whose next step is due, those first that are longest."""

    async def start(self, row: ClockRow) -> None:
        """Notes from when a waiting clock runs, when it ends, and what follows."""

    async def advance(self, row: ClockRow, taken: ClockRow) -> bool:
        """Takes steps: from one row to the next. False if somebody else did, or it has ended."""

    async def postpone(self, clock_id: str, until: datetime) -> None:
        """Puts off looking at a clock that could not be fired."""

    async def end(self, clock_id: str, state: ClockState, at: datetime) -> None:
        """Ends a clock in which something is waited for."""

    async def make_known(self, clock_id: str) -> None:
        """Notes that the responsible organisation may learn of the exchange."""

    async def forget(self, matters: Collection[str]) -> None:
        """Deletes the clocks about these matters."""

    async def page(self, wanted: ClockFilter, limit: int) -> list[ClockRow]:
        """Clocks, in the order asked for."""

    async def tally(self, counting: ClockCounting) -> list[ClockTally]:
        """How many run, are overdue or have ended, by who owes it and limit."""
