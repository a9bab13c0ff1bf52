"""Pages and watches over rows that have a position."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Final, Protocol, TypeVar

from services.kit.exchange.signals import Signal

DEFAULT_PAGE: Final = 100
WATCH_PAGE: Final = 100


class Positioned(Protocol):
    """A row with a position."""

    @property
    def position(self) -> int:
        """Increasing, never used again."""


R = TypeVar("R", bound=Positioned)
Fetch = Callable[[int, int], Awaitable[Sequence[R]]]
"""Rows after a position, at most so many, in order."""


def page_size(asked: int) -> int:
    """How many to return: what was asked, or the default for 0."""
    return asked or DEFAULT_PAGE


async def watch(fetch: Fetch[R], after: int, signal: Signal) -> AsyncIterator[R]:
    """Rows after a position, then those that come, until the caller goes away."""
    while True:
        mark = signal.mark()
        rows = await fetch(after, WATCH_PAGE)
        for row in rows:
            yield row
            after = row.position
        if not rows:
            await mark.wait()
