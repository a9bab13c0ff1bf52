"""What an entry of the rulebook is, for readers."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from gateway.core.wording.citations import Citation, read_citations

Details = tuple[tuple[str, str], ...]
"""What an entry says, each with what it is about."""


class EntryKind(StrEnum):
    """What an entry is; the names of oversight.v1.EntryKind without its prefix."""

    RULE = "RULE"
    CHECK = "CHECK"
    PREREQUISITE = "PREREQUISITE"
    TIME_LIMIT = "TIME_LIMIT"
    BREACH_DUTY = "BREACH_DUTY"
    BREACH_STEP = "BREACH_STEP"
    LAWFUL_BASIS = "LAWFUL_BASIS"
    NEED = "NEED"
    PROTECTIVE = "PROTECTIVE"
    CONTRADICTION = "CONTRADICTION"


@dataclass(frozen=True)
class Entry:
    """One entry.

    Attributes:
        id: unique within its kind.
        statement: what it says, in plain English.
        effect: what a rule or a check does, as `model.Effect`; empty for all else.
        prohibition: nothing that is agreed sets it aside.
        guidance: that a rule is from, and its edition.
        documents: that it is about; none: any.
        details: all that it says.
        names: ids of other entries that it names.
    """

    kind: EntryKind
    id: str
    statement: str
    paragraph: str
    effect: str = ""
    prohibition: bool = False
    guidance: str = ""
    documents: tuple[str, ...] = ()
    details: Details = ()
    names: tuple[str, ...] = ()

    @cached_property
    def citations(self) -> tuple[Citation, ...]:
        """The paragraphs that it cites."""
        return read_citations(self.paragraph)

    @cached_property
    def haystack(self) -> str:
        """All its words, to be searched."""
        return " ".join(self._words()).casefold()

    def _words(self) -> Iterator[str]:
        yield from (self.id, self.statement, self.paragraph, self.guidance, *self.documents)
        yield from (text for _, text in self.details)


def said(*pairs: tuple[str, str]) -> Details:
    """Details, without those that say nothing."""
    plain = ((label, " ".join(text.split())) for label, text in pairs)
    return tuple((label, text[:1].upper() + text[1:]) for label, text in plain if text)
