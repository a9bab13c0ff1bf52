"""What a decision reads besides the case: directory, agreements, rulebook."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

from gateway.core.agreements import Agreement, Clause
from gateway.core.directory import DirectoryIndex
from gateway.core.rulebook import Rulebook

_FLOWS: Final = 4_096


@dataclass(frozen=True)
class World:
    """One consistent set. Half of one version and half of another is never evaluated."""

    directory: DirectoryIndex
    agreements: tuple[Agreement, ...]
    rulebook: Rulebook

    @cached_property
    def clauses(self) -> Callable[[str, str, str], tuple[tuple[Agreement, Clause], ...]]:
        """The clauses about a document in the agreements of both ends, found once for each three names."""

        @lru_cache(maxsize=_FLOWS)
        def find(sender: str, recipient: str, document: str) -> tuple[tuple[Agreement, Clause], ...]:
            binding = (each for each in self.agreements if each.binds(sender, recipient))
            return tuple(
                (agreement, clause)
                for agreement in binding
                for clause in sorted(agreement.clauses, key=lambda each: each.id)
                if document in clause.documents
            )

        return find
