"""What a decision reads besides the case: directory, agreements, rulebook."""

from dataclasses import dataclass

from gateway.core.agreements import Agreement
from gateway.core.directory import DirectoryIndex
from gateway.core.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class World:
    """One consistent set. Half of one version and half of another is never evaluated."""

    directory: DirectoryIndex
    agreements: tuple[Agreement, ...]
    rulebook: Rulebook
