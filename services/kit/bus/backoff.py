"""How long to wait before trying again."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

_MAX_DOUBLINGS = 30


@dataclass
class Backoff:
    """Doubling delays up to a limit, each shortened by up to a half so that clients do not return as one.

    Attributes:
        first_s: The first delay before jitter, seconds.
        limit_s: The longest.
        attempt: Failures so far.
    """

    first_s: float
    limit_s: float
    attempt: int = 0
    _random: random.Random = field(default_factory=random.SystemRandom)

    def next(self) -> float:
        """Count a failure and return the seconds to wait."""
        delay = min(self.limit_s, self.first_s * 2.0 ** min(self.attempt, _MAX_DOUBLINGS))
        self.attempt += 1
        return delay * self._random.uniform(0.5, 1)

    def reset(self) -> None:
        """Start over after a success."""
        self.attempt = 0
