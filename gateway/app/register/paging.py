"""Pages of the register: which exchanges, in which order, and where the next begins."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.app.ports import Unit
from gateway.app.register.rows import FIRST, Cursor, Found, Wanted
from gateway.app.rows import ExchangeRow

# A page that is short for want of exchanges that meet all conditions looks further back, so many times.
_ROUNDS: Final = 6


@dataclass(frozen=True, slots=True)
class Page:
    """A page.

    Attributes:
        rows: exchanges, in the order of the cursor that it was asked with.
        forward: from where the same direction goes on; None: nothing is there.
        back: from where the other direction begins; None: it began at the end.
        looked_to: when the last was decided that was looked at, where more may follow and the page is short.
    """

    rows: tuple[ExchangeRow, ...]
    forward: Cursor | None
    back: Cursor | None
    looked_to: datetime | None


async def read_page(unit: Unit, wanted: Wanted, cursor: Cursor, size: int) -> Page:
    """A page of what is wanted.

    Args:
        unit: what to read from.
        wanted: the filter.
        cursor: where it begins.
        size: how many at most.
    """
    found = await _find(unit, wanted, cursor, size + 1)
    shown = found.positions[:size]
    rows = {row.position: row for row in await unit.listings.rows(shown)}
    forward = _forward(found, shown, cursor)
    is_short = forward is not None and len(found.positions) <= size
    return Page(
        rows=tuple(rows[each] for each in shown if each in rows),
        forward=forward,
        back=_back(shown, cursor),
        looked_to=await _decided_at(unit, found.reached) if is_short else None,
    )


async def _find(unit: Unit, wanted: Wanted, cursor: Cursor, limit: int) -> Found:
    found = Found((), cursor.position)
    for _ in range(_ROUNDS):
        if found.reached is None or len(found.positions) >= limit:
            break
        start = Cursor(cursor.older, found.reached)
        more = await unit.listings.find(wanted, start, limit - len(found.positions))
        found = Found((*found.positions, *more.positions), more.reached)
    return found


def _forward(found: Found, shown: Sequence[int], cursor: Cursor) -> Cursor | None:
    if len(found.positions) > len(shown):
        return Cursor(cursor.older, shown[-1])
    return None if found.reached is None else Cursor(cursor.older, found.reached)


def _back(shown: Sequence[int], cursor: Cursor) -> Cursor | None:
    """Where the page began; nothing came before the newest, nor before the first of all."""
    if cursor in (FIRST, Cursor(older=False, position=0)):
        return None
    if shown:
        return Cursor(not cursor.older, shown[0])
    return Cursor(not cursor.older, cursor.position + (-1 if cursor.older else 1))


async def _decided_at(unit: Unit, position: int | None) -> datetime | None:
    """To the hour: an exchange at which somebody's search ends may be another's."""
    rows = await unit.listings.rows([] if position is None else [position])
    return rows[0].decided_at.replace(minute=0, second=0, microsecond=0) if rows else None
