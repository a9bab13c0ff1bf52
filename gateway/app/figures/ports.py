"""What the figures need of the database."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from gateway.app.clocks.rows import ClockRow
from gateway.app.figures.periods import Grain
from gateway.app.recalls.rows import RecallRow
from gateway.app.rows import ExchangeRow, HoldRow
from gateway.core.tallies import Figure, Tally


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which counts are asked for, and how far whoever asks sees; empty is any.

    Attributes:
        first: first day of the first period.
        last: first day of the last period.
        organisations: what one of these sent, was to receive or owes; None: everything.
        own: what this organisation may know of what it sent, got or owes; empty: as `organisations` says.
        cleared: also what concerns restricted desks.
        hidden: restricted desks, as pairs of organisation and desk.
        organisation: only what this one sent, was to receive or owes.
        document_type: only this document.
    """

    grain: Grain
    first: date
    last: date
    organisations: frozenset[str] | None
    own: str
    cleared: bool
    hidden: frozenset[tuple[str, str]] = frozenset()
    organisation: str = ""
    document_type: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """How many of one figure under one combination, over the whole period."""

    figure: Figure
    sender: str
    recipient: str
    owing: str
    document_type: str
    purpose: int
    code: str
    count: int


class Tallies(Protocol):
    """The counts."""

    def add(self, tallies: Iterable[Tally]) -> None:
        """Counts things; written when the unit ends, undone with what they were counted for."""

    async def clear(self) -> None:
        """Forgets all counts."""

    async def since(self) -> date | None:
        """The first day of which there are counts."""

    async def parts(self, wanted: Wanted) -> list[Part]:
        """Counts over the whole period."""

    async def series(self, wanted: Wanted) -> Mapping[date, Mapping[Figure, int]]:
        """Counts by first day of a period, without those by rule; only periods in which something was."""

    async def open_holds(self, wanted: Wanted) -> int:
        """How many holds are open now."""

    async def overdue_clocks(self, wanted: Wanted) -> int:
        """How many limits have passed and are not met now."""

    async def exchanges(self, after: int, limit: int) -> Sequence[ExchangeRow]:
        """Exchanges after a position, oldest first."""

    async def clocks(self, after: int, limit: int) -> Sequence[ClockRow]:
        """Clocks after a position, oldest first."""

    async def holds(self, exchange_ids: Collection[str]) -> Sequence[HoldRow]:
        """All holds of these exchanges."""

    async def recalls(self, exchange_ids: Collection[str]) -> Sequence[RecallRow]:
        """All recalls of these exchanges."""
