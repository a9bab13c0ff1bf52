"""Waking those who wait for new rows, so that nobody has to keep asking the database."""

import asyncio
from dataclasses import dataclass, field


class Signal:
    """Says that something changed. Take a `mark` before looking, and nothing is missed before waiting."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def notify(self) -> None:
        """Wakes everybody who waits for a mark taken until now."""
        event, self._event = self._event, asyncio.Event()
        event.set()

    def mark(self) -> asyncio.Event:
        """An event that is set at the next `notify`."""
        return self._event


@dataclass(frozen=True, slots=True)
class Signals:
    """One signal for each thing that somebody waits for."""

    packets: Signal = field(default_factory=Signal)
    deliveries: Signal = field(default_factory=Signal)
    outcomes: Signal = field(default_factory=Signal)
    checkpoints: Signal = field(default_factory=Signal)
