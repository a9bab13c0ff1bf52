"""Keeps refusals of access without being flooded: one note for each kind of refusal, with a count.

Whoever hammers at a door makes one row longer, not the log: what is refused again within the interval is
counted and written with the next note.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from services.kit.access.gatekeeper import Refusal
from services.kit.clock import Clock

_log = structlog.get_logger(__name__)
_MOST: Final = 10_000
"""Kinds of refusal at once: by organisation, method, reason and person."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What was refused since the last note of its kind.

    Attributes:
        refusal: the first of them.
        count: how many.
        since: when the first was.
        until: when the last was.
    """

    refusal: Refusal
    count: int
    since: datetime
    until: datetime


Write = Callable[[list[Tally]], Awaitable[None]]
"""Makes notes durable; what it raises keeps them waiting."""


@dataclass
class RefusalNotes:
    """Refusals that wait to be written.

    Attributes:
        write: makes them durable.
        clock: the time.
        failures: what `write` raises when it cannot now.
        interval_s: at most one note for each kind of refusal in that time.
        look_s: how often it is looked whether something is due.
    """

    write: Write
    clock: Clock
    failures: tuple[type[Exception], ...]
    interval_s: float = 60
    look_s: float = 1
    _waiting: dict[tuple[str, ...], Tally] = field(default_factory=dict, init=False)
    _written: dict[tuple[str, ...], datetime] = field(default_factory=dict, init=False)

    def note(self, refusal: Refusal) -> None:
        """Takes a refusal; never waits and never fails."""
        key, now = _key(refusal), self.clock.now()
        known = self._waiting.get(key)
        if known is not None:
            self._waiting[key] = replace(known, count=known.count + 1, until=now)
        elif len(self._waiting) < _MOST:
            self._waiting[key] = Tally(refusal, 1, now, now)
        else:
            _log.error("refusals_dropped", limit=_MOST)

    async def run(self) -> None:
        """Writes what is due, until cancelled; then whatever waits."""
        try:
            while True:
                await self.flush()
                await asyncio.sleep(self.look_s)
        finally:
            await asyncio.shield(self.flush(everything=True))

    async def flush(self, *, everything: bool = False) -> None:
        """Writes what is due now; keeps it where that fails."""
        now = self.clock.now()
        past = now - timedelta(seconds=self.interval_s)
        self._written = {key: at for key, at in self._written.items() if at > past}
        due = {key: each for key, each in self._waiting.items() if everything or key not in self._written}
        if not due:
            return
        for key in due:
            del self._waiting[key]
        try:
            await self.write(list(due.values()))
        except self.failures as error:
            _log.error("refusals_wait", error=type(error).__name__)
            self._put_back(due)
        else:
            self._written |= dict.fromkeys(due, now)

    def _put_back(self, due: dict[tuple[str, ...], Tally]) -> None:
        for key, tally in due.items():
            later = self._waiting.get(key)
            self._waiting[key] = (
                tally if later is None else replace(tally, count=tally.count + later.count, until=later.until)
            )


def _key(refusal: Refusal) -> tuple[str, ...]:
    actor = refusal.actor
    person = "" if actor is None or actor.person is None else actor.person.subject
    client = "" if actor is None else actor.system.client
    return refusal.organisation, refusal.method, refusal.reason, client, person
