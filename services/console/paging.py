"""Links from one part of a long list to the next, by cursors: no part has a number, and none is counted."""

from dataclasses import dataclass
from typing import Final

from flask import request, url_for

CURSOR: Final = "after"
"""The parameter in addresses."""

LAST_POSITION: Final = (1 << 63) - 1
"""The highest that anything counted by position can have."""


@dataclass(frozen=True, slots=True)
class Paging:
    """Where else the list can be read.

    Attributes:
        first: address of the first part; empty on it.
        next: address of the next part; empty on the last.
    """

    first: str = ""
    next: str = ""


def cursor() -> str:
    """The cursor of the part that is asked for; empty for the first."""
    written = request.args.get(CURSOR, "")[:1000]
    return "" if written.isdecimal() and int(written) > LAST_POSITION else written


def position() -> int:
    """The cursor as a position, for lists that go on by one; 0, for the first part, if it is none."""
    return int(cursor()) if cursor().isdecimal() else 0


def page_on(next_cursor: str) -> Paging:
    """The links of the part that is asked for; filters in the address stay as they are.

    Args:
        next_cursor: as the service gave it; empty where the list ends.
    """
    return Paging(_address("") if cursor() else "", _address(next_cursor) if next_cursor else "")


def _address(at: str) -> str:
    query = {name: values for name, values in request.args.lists() if name != CURSOR}
    if at:
        query[CURSOR] = [at]
    return url_for(request.endpoint or "", **{**(request.view_args or {}), **query})
