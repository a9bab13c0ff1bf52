"""How often somebody may fail to sign in: nobody tries many passwords, and who exists does not show."""

from typing import Final

from limits import RateLimitItem, RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from services.identity.settings import Attempts


class Gate:
    """Counts attempts that failed, by user name and by address."""

    def __init__(self, settings: Attempts) -> None:
        self._limiter: Final = MovingWindowRateLimiter(MemoryStorage())
        self._per_user: Final = RateLimitItemPerSecond(settings.per_user, settings.window_s)
        self._per_address: Final = RateLimitItemPerSecond(settings.per_address, settings.window_s)

    def is_open(self, user: str, address: str) -> bool:
        """Whether another attempt is let through."""
        return all(self._limiter.test(limit, *key) for limit, key in self._limits(user, address))

    def count_failure(self, user: str, address: str) -> None:
        """An attempt failed, whether there is such a user or not."""
        for limit, key in self._limits(user, address):
            self._limiter.hit(limit, *key)

    def _limits(self, user: str, address: str) -> list[tuple[RateLimitItem, tuple[str, str]]]:
        return [(self._per_user, ("user", user.casefold())), (self._per_address, ("address", address))]
