"""What a decision reads besides the case: directory, agreements, rulebook."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

from gateway.core.agreed import Agreed, Route, find_agreed
from gateway.core.agreements import Agreement, digest_of
from gateway.core.directory import DirectoryIndex
from gateway.core.rulebook import Rulebook

_ROUTES: Final = 4_096


@dataclass(frozen=True)
class World:
    """One consistent set. Half of one version and half of another is never evaluated."""

    directory: DirectoryIndex
    agreements: tuple[Agreement, ...]
    rulebook: Rulebook

    @cached_property
    def agreed(self) -> Callable[[Route], Agreed]:
        """What the agreements say of a route, found once for each."""
        digests: dict[tuple[str, str], str] = {}

        def digest(agreement: Agreement) -> str:
            key = agreement.id, agreement.version
            if key not in digests:
                digests[key] = digest_of(agreement)
            return digests[key]

        @lru_cache(maxsize=_ROUTES)
        def find(route: Route) -> Agreed:
            return find_agreed(self.agreements, route, digest)

        return find
