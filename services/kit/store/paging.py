"""Pages of rows that have a position, from either end, by its index."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, Table, select


@dataclass(frozen=True, slots=True)
class Beside:
    """Where a page begins: next to a position, which is not on it.

    Attributes:
        position: 0: at the beginning, or of the newest first at the end.
        newest: the newest first.
    """

    position: int = 0
    newest: bool = False


def page_of(table: Table, beside: Beside, limit: int) -> Select[Any]:
    """At most so many rows, in the order of the page."""
    place = table.c.position
    query = select(table)
    if beside.position:
        query = query.where(place < beside.position if beside.newest else place > beside.position)
    return query.order_by(place.desc() if beside.newest else place).limit(limit)
