"""What the register needs of the database besides its exchanges and decisions."""

from collections.abc import Collection, Sequence
from typing import Protocol

from gateway.app.register.rows import Cursor, Found, SavedFilterRow, TelephoneRow, Wanted
from gateway.app.rows import ExchangeRow


class Listings(Protocol):
    """Under what exchanges are listed. Positions are those of the register."""

    async def add(self, position: int, terms: Collection[int]) -> None:
        """Lists an exchange that is new."""

    async def change(self, position: int, terms: Collection[int], gone: Collection[int]) -> None:
        """Lists an exchange under these terms too, if it is not, and under those no more."""

    async def find(self, wanted: Wanted, cursor: Cursor, limit: int) -> Found:
        """Positions of exchanges that meet a filter, from a cursor on.

        However the conditions are put together, no more is looked at than a fixed number of entries for each
        listing: the page may then be short, and says how far was looked.
        """

    async def rows(self, positions: Collection[int]) -> list[ExchangeRow]:
        """The exchanges at these positions, oldest first."""


class SavedFilters(Protocol):
    """Filters that people keep, each their own."""

    async def add(self, row: SavedFilterRow) -> None:
        """Keeps one."""

    async def of_person(self, organisation: str, person: bytes) -> list[SavedFilterRow]:
        """Those of a person, oldest first."""

    async def remove(self, organisation: str, person: bytes, filter_id: str) -> bool:
        """Removes one of a person's; whether there was one."""


class Telephoned(Protocol):
    """Exchanges that were told by telephone."""

    async def add(self, row: TelephoneRow) -> None:
        """Notes one."""

    async def of_exchange(self, exchange_id: str) -> Sequence[TelephoneRow]:
        """Those of an exchange, oldest first."""
