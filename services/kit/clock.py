"""Time, so that tests can hold it still. Nothing else in a process asks the system for the date."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The time now: aware, UTC."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """As `Clock.now`."""
        return datetime.now(UTC)


@dataclass
class FixedClock:
    """A clock that stands still until it is moved, for tests.

    Attributes:
        moment: what it tells; aware.
    """

    moment: datetime

    def __post_init__(self) -> None:
        if self.moment.tzinfo is None:
            raise ValueError("a clock tells an aware time: give its moment a time zone")
        self.moment = self.moment.astimezone(UTC)

    def now(self) -> datetime:
        """As `Clock.now`."""
        return self.moment

    def advance(self, by: timedelta) -> None:
        """Moves it forward."""
        self.moment += by
