"""What a decision reads besides the case: directory, agreements, rulebook."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Final

from gateway.core.agreed import Agreed, Route, find_agreed
from gateway.core.agreements import Agreement, digest_of
from gateway.core.directory import DirectoryIndex
from gateway.core.rulebook import Rulebook

_ROUTES: Final = 4_096
_ONLY: Final = ""


@dataclass(frozen=True)
class World:
    """One consistent set. Half of one version and half of another is never evaluated."""

    directory: DirectoryIndex
    agreements: tuple[Agreement, ...]
    rulebook: Rulebook

    def under(self, agreements: tuple[Agreement, ...]) -> "World":
        """The same with other agreements. The last asked for is remembered, with what it found of routes."""
        last = self._last.get(_ONLY)
        if last is None or last.agreements is not agreements:
            last = self._last[_ONLY] = replace(self, agreements=agreements)
        return last

    def with_rulebook(self, rulebook: Rulebook) -> "World":
        """The same with another rulebook, and with what was found of routes: agreements say the same."""
        made = replace(self, rulebook=rulebook)
        made.__dict__["agreed"] = self.agreed
        return made

    @cached_property
    def _last(self) -> dict[str, "World"]:
        return {}

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
