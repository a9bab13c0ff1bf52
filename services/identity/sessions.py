"""Who has signed in, by browser; and codes on their way from the browser to a client. In memory only."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Final, Generic, TypeVar

from services.identity.tokens import SignedIn

_ID_OCTETS: Final = 32
_Kept = TypeVar("_Kept")


@dataclass(frozen=True, slots=True)
class Code:
    """What a code stands for, in the form that Authlib asks for."""

    client_id: str
    redirect_uri: str
    code_challenge: str
    code_challenge_method: str
    nonce: str
    scope: str
    signed_in: SignedIn

    def get_redirect_uri(self) -> str:
        """Where the browser was sent."""
        return self.redirect_uri

    def get_scope(self) -> str:
        """What was asked for."""
        return self.scope

    def get_nonce(self) -> str:
        """By which the client knows that the id token answers its own question."""
        return self.nonce

    def get_auth_time(self) -> int:
        """When the person signed in."""
        return self.signed_in.at

    def get_acr(self) -> None:
        """Not stated."""

    def get_amr(self) -> list[str]:
        """RFC 8176: by password."""
        return ["pwd"]


class Shelf(Generic[_Kept]):
    """Things that end after a while, by ids that nobody can guess. Safe for threads.

    Args:
        lifetime_s: after which a thing is gone.
        most: as many are kept; the oldest go first.
        now: seconds that only grow.
    """

    def __init__(
        self, lifetime_s: float, *, most: int = 10_000, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._lifetime_s: Final = lifetime_s
        self._most: Final = most
        self._now: Final = now
        self._lock: Final = Lock()
        self._kept: Final[dict[str, tuple[float, _Kept]]] = {}

    def put(self, thing: _Kept) -> str:
        """Keeps a thing; its id."""
        name = secrets.token_urlsafe(_ID_OCTETS)
        self.keep(name, thing)
        return name

    def keep(self, name: str, thing: _Kept) -> None:
        """Keeps a thing under an id."""
        with self._lock:
            while self._kept and (len(self._kept) >= self._most or self._is_over(next(iter(self._kept)))):
                del self._kept[next(iter(self._kept))]
            self._kept[name] = self._now() + self._lifetime_s, thing

    def get(self, name: str) -> _Kept | None:
        """The thing, as long as it lasts."""
        with self._lock:
            return None if name not in self._kept or self._is_over(name) else self._kept[name][1]

    def take(self, name: str) -> _Kept | None:
        """The thing, which is gone from then on: of several who ask at once, one gets it."""
        with self._lock:
            is_over = name not in self._kept or self._is_over(name)
            found = self._kept.pop(name, None)
        return None if is_over or found is None else found[1]

    def _is_over(self, name: str) -> bool:
        return self._kept[name][0] <= self._now()
