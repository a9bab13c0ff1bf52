"""What of the area waits, in numbers: for the head of the queue, its filters and the home page."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from publicprotection.oversight.v1.hold_queue_service_pb2 import HeldCount

from services.console.words import code, document, organisation

Choice = tuple[str, str]
"""Value and text of something that can be chosen."""


@dataclass(frozen=True, slots=True)
class HoldFigures:
    """Counts by owner, what is waited for, and document.

    Attributes:
        counts: as the gateway has them.
        own: the organisation whose console it is.
    """

    counts: tuple[HeldCount, ...]
    own: str

    @property
    def open(self) -> int:
        """How many wait."""
        return sum(each.open for each in self.counts)

    @property
    def escalated(self) -> int:
        """How many have passed their time of escalation."""
        return sum(each.escalated for each in self.counts)

    @property
    def ours(self) -> int:
        """How many wait for the own organisation."""
        return sum(each.open for each in self.counts if each.owner == self.own)

    @property
    def unowned(self) -> int:
        """How many nobody could be asked for."""
        return sum(each.open for each in self.counts if not each.owner)

    @property
    def owners(self) -> list[Choice]:
        """Owners with their counts."""
        return _choose(
            (each.owner, organisation(each.owner), each.open) for each in self.counts if each.owner
        )

    @property
    def prerequisites(self) -> list[Choice]:
        """What is waited for, with counts."""
        titled = (
            (each.prerequisite, each.title or code(each.prerequisite), each.open) for each in self.counts
        )
        return _choose(titled)

    @property
    def documents(self) -> list[Choice]:
        """Documents, with counts."""
        return _choose((each.document_type, document(each.document_type), each.open) for each in self.counts)


def _choose(counted: Iterable[tuple[str, str, int]]) -> list[Choice]:
    """What can be chosen, by its words, with how many there are."""
    found: Counter[tuple[str, str]] = Counter()
    for value, words, number in counted:
        found[value, words] += number
    ordered = sorted(found.items(), key=lambda each: each[0][1])
    return [(value, f"{words} ({number})") for (value, words), number in ordered]
