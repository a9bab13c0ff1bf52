"""A text looked over once: where its numbers begin, and where given words stand, to try patterns only there.

A pattern with many beginnings is slow to search for at every letter; a fixed word is quick to find.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

_DIGITS: Final = re.compile(r"\d+")


class Scan:
    """A text, the same in small letters with each letter in its place, and where its runs of digits begin."""

    __slots__ = ("digits", "lowered", "text")

    def __init__(self, text: str) -> None:
        lowered = text.lower()
        if len(lowered) != len(text):  # a few letters are two when small
            lowered = "".join(sign.lower() if len(sign.lower()) == 1 else sign for sign in text)
        self.text, self.lowered = text, lowered
        self.digits = [found.start() for found in _DIGITS.finditer(text)]

    def has(self, words: Iterable[str]) -> bool:
        """Whether any of these words, in small letters, stands in the text, be it inside another."""
        return any(word in self.lowered for word in words)

    def matches(self, pattern: re.Pattern[str], words: Iterable[str]) -> Iterator[re.Match[str]]:
        """Matches of a pattern that begins with one of these words, in order, none overlapping."""
        reached = 0
        for start in sorted(self._starts(words)):
            match = pattern.match(self.text, start) if start >= reached else None
            if match is not None:
                yield match
                reached = match.end()

    def _starts(self, words: Iterable[str]) -> set[int]:
        starts = set()
        for word in words:
            start = self.lowered.find(word)
            while start >= 0:
                starts.add(start)
                start = self.lowered.find(word, start + 1)
        return starts
