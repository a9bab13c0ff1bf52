"""How often an organisation may ask: a bucket of tokens for each, refilled evenly."""

from dataclasses import dataclass
from datetime import datetime


@dataclass
class _Bucket:
    tokens: float
    filled_at: datetime


class RateLimit:
    """Lets each organisation ask so many times a minute, and that many at once after a pause.

    Args:
        per_minute: tokens that a bucket holds, and gets back each minute.
    """

    def __init__(self, per_minute: int) -> None:
        self._size = float(per_minute)
        self._buckets: dict[str, _Bucket] = {}

    def take(self, organisation: str, at: datetime) -> bool:
        """Takes a token; False if there is none left."""
        bucket = self._buckets.setdefault(organisation, _Bucket(self._size, at))
        elapsed = max((at - bucket.filled_at).total_seconds(), 0.0)
        bucket.tokens = min(self._size, bucket.tokens + elapsed * self._size / 60)
        bucket.filled_at = at
        if bucket.tokens < 1:
            return False
        bucket.tokens -= 1
        return True
