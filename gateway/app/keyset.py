"""Where a page begins: after a row, by what rows are ordered by, so that no page costs more than another."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Place:
    """A place between two rows.

    Attributes:
        position: of the row before; 0: at the first.
        at: its moment, where rows are ordered by one.
    """

    position: int = 0
    at: datetime | None = None


START: Final = Place()
"""Before the first row."""


def read_place(cursor: str) -> Place:
    """A place from a cursor as the contract admits it: microseconds, full stop, position."""
    if not cursor:
        return START
    moment, position = cursor.split(".")
    return Place(int(position), _EPOCH + int(moment) * _MICROSECOND)


def write_place(position: int, at: datetime | None = None) -> str:
    """The cursor of the place after a row."""
    return f"{0 if at is None else (at - _EPOCH) // _MICROSECOND}.{position}"
