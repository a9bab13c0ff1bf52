"""How much one caller may ask of a server, so that nobody's flood keeps the others waiting.

Each caller has a bucket of its own, which its certificate names: an organisation's at the gateway, a system's
at an agency. It is asked before any token is read, so that even refusing costs a flood little.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from services.kit.access.peer import AuthContext, identify, name_system
from services.kit.rpc.errors import OverloadedError, TooManyCallsError, UnidentifiedCallerError

PIECE_OCTETS: Final = 64 << 10
"""A call counts as one, and once more for each of these that its request is long."""

_MINUTE_S: Final = 60.0
_NOBODY: Final = ""
"""All those whose certificate names no organisation share one bucket."""

_MANY: Final = 10_000
"""Buckets beyond which those that are full again are forgotten."""

Clock = Callable[[], float]
NameCaller = Callable[[AuthContext], str]


def name_organisation(context: AuthContext) -> str:
    """The calling organisation, whichever of its systems calls: at the gateway."""
    try:
        return identify(context).organisation
    except UnidentifiedCallerError:
        return _NOBODY


def name_caller(context: AuthContext) -> str:
    """The calling organisation and system: at an agency, where a system is not to crowd out its siblings."""
    return f"{name_organisation(context)}/{name_system(context)}"


@dataclass(frozen=True, slots=True)
class Shares:
    """What one caller may have.

    Attributes:
        calls_per_minute: evenly, and as many at once after a pause.
        calls: at once.
        streams: at once.
        rates: methods that may be called less often, by method: calls a minute.
    """

    calls_per_minute: int
    calls: int
    streams: int
    rates: Mapping[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Bucket:
    size: float
    tokens: float
    filled_at: float

    def fill(self, now: float) -> None:
        self.tokens = min(self.size, self.tokens + max(now - self.filled_at, 0.0) * self.size / _MINUTE_S)
        self.filled_at = now

    def wait_s(self, tokens: float) -> float:
        """How long until there are so many; 0 if there are. More than it holds is never asked of it."""
        return max(min(tokens, self.size) - self.tokens, 0.0) * _MINUTE_S / self.size


class CallLimits:
    """Counts calls of each caller.

    Args:
        shares: what each may have.
        name: who calls, by the certificate.
        clock: seconds that only increase.
    """

    def __init__(self, shares: Shares, name: NameCaller = name_caller, clock: Clock = time.monotonic) -> None:
        self._shares = shares
        self._name = name
        self._clock = clock
        self._buckets: dict[tuple[str, str], _Bucket] = {}
        self._under_way: dict[tuple[str, bool], int] = {}

    @contextmanager
    def enter(
        self, method: str, context: AuthContext, *, octets: int = 0, stream: bool = False
    ) -> Iterator[None]:
        """A place for one call, for as long as it takes.

        Args:
            method: `/package.Service/Method`.
            context: what gRPC knows of the peer.
            octets: length of the request.
            stream: whether it stays.

        Raises:
            TooManyCallsError: it called too often; says when to call again.
            OverloadedError: it has as many calls under way as it may.
        """
        caller = self._name(context)
        with self._place((caller, stream), self._shares.streams if stream else self._shares.calls):
            self._pay(caller, method, 1 + octets // PIECE_OCTETS)
            yield

    @contextmanager
    def _place(self, key: tuple[str, bool], most: int) -> Iterator[None]:
        if self._under_way.get(key, 0) >= most:
            raise OverloadedError
        self._under_way[key] = self._under_way.get(key, 0) + 1
        try:
            yield
        finally:
            self._under_way[key] -= 1
            if not self._under_way[key]:
                del self._under_way[key]

    def _pay(self, caller: str, method: str, tokens: float) -> None:
        """Takes tokens from the bucket of all calls and from the method's own, or from neither."""
        own = self._shares.rates.get(method)
        due = [(self._bucket(caller, _NOBODY, self._shares.calls_per_minute), tokens)]
        due += [(self._bucket(caller, method, own), 1.0)] if own is not None else []
        wait = max(bucket.wait_s(wanted) for bucket, wanted in due)
        if wait > 0:
            raise TooManyCallsError(wait)
        for bucket, wanted in due:
            bucket.tokens -= min(wanted, bucket.size)

    def _bucket(self, caller: str, method: str, size: int) -> _Bucket:
        now = self._clock()
        if len(self._buckets) > _MANY:
            self._forget(now)
        bucket = self._buckets.setdefault((caller, method), _Bucket(float(size), float(size), now))
        bucket.fill(now)
        return bucket

    def _forget(self, now: float) -> None:
        """Drops buckets that are full again: a new one is no other."""
        for key, bucket in list(self._buckets.items()):
            bucket.fill(now)
            if bucket.tokens >= bucket.size:
                del self._buckets[key]
