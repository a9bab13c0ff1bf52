"""A text cut into words, each with what can be said of it by itself."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from itertools import accumulate
from typing import Final

from gateway.core.freetext import vocabulary as v
from gateway.core.freetext.folding import fold, split_words
from gateway.core.freetext.lexicon import given_names, harmless_names, is_only_formed, is_ordinary
from gateway.core.freetext.roster import Listed, Roster

_MIN_SMALL: Final = 4
_STOPPED: Final = frozenset(
    ["mr", "mrs", "ms", "mx", "dr", "prof", "fr", "rev", "revd", "sr", "cllr", "sgt", "insp", "supt"]
)
"""Titles that people shorten and so write with a stop; `her father. Insight` is no `Father Insight`."""
_LONGEST_PET: Final = 5
_MARGIN: Final = ("",) * 8
"""More than any rule looks back."""
_LONG_LINE: Final = 40
_OPENERS: Final = frozenset('.!?:;•|"\u201c\u2018(\u2013\u2014[*·>»_#')
_INNER_CAPITAL: Final = re.compile(r"(?!Mc|Mac|De|Di|Le|La|Van|Fitz|Du|Ap|O)[A-Z][a-z]+[A-Z]")


class Shape(IntEnum):
    """How a word is written."""

    SMALL = 0
    TITLE = 1
    CAPITALS = 2
    INITIAL = 3


@dataclass(frozen=True, slots=True)
class Sense:
    """What can be said of a word without its neighbours."""

    word: str
    shape: Shape
    kind: str
    listed: Listed | None = None
    ordinary: bool = False
    given: bool = False
    phrase: bool = False
    address: bool = False


PLAIN: Final = None
"""The sense of a word of no interest: most words of any text."""


class Reading:
    """The words of a text: `words`, `starts`, the `gaps` before each (and after the last), and `senses`."""

    __slots__ = ("_folds", "_kinds", "gaps", "roster", "senses", "starts", "text", "words")

    def __init__(
        self, text: str, roster: Roster, senses: dict[str, Sense | None], starts: frozenset[str]
    ) -> None:
        parts = split_words(text)
        self.text, self.roster = text, roster
        self.words, self.gaps = parts[1::2], parts[0::2]
        self.starts = list(accumulate(map(len, parts), initial=0))[1:-1:2]
        for word in set(self.words).difference(senses):
            senses[word] = _sense(word, roster, starts)
        self.senses = [senses[word] for word in self.words]
        # beyond the text there is nothing: an index below nought reaches the same margin from its other end
        self._folds = [*map(fold, self.words), *_MARGIN]
        self._kinds = [*["" if sense is None else sense.kind for sense in self.senses], *_MARGIN]

    def close(self, index: int) -> int:
        """Where a word ends, with every letter of it."""
        return self.starts[index] + len(self.words[index])

    def end(self, index: int) -> int:
        """Where a word ends, its plural s left out if the name has none; `Tegs` may be a pet form."""
        sense = self.senses[index]
        if sense is None or sense.listed is None:
            return self.close(index)
        short = len(sense.word) <= _LONGEST_PET and sense.shape is not Shape.SMALL
        return self.close(index) - (0 if short else sense.listed.trim)

    def kind(self, index: int) -> str:
        """The kind of a word, or the empty string beyond the text and for plain words."""
        return self._kinds[index] if index < len(self._kinds) else ""

    def folded(self, index: int) -> str:
        """A word folded; empty beyond the text."""
        return self._folds[index] if index < len(self._folds) else ""

    def matches(self, pattern: re.Pattern[str], words: frozenset[str]) -> Iterator[re.Match[str]]:
        """Matches of a pattern that begins with one of these folded words."""
        for index, word in enumerate(self._folds):
            if word in words and (match := pattern.match(self.text, self.starts[index])):
                yield match

    def opens(self, index: int) -> bool:
        """Whether a word opens a sentence, a line or a quotation, and so has its capital from there."""
        gap = self.gaps[index]
        if index == 0 or not _OPENERS.isdisjoint(gap):
            return not (gap.strip() == "." and index and self._abbreviated(index - 1))
        if "\n" in gap:
            line = self.text.rfind("\n", 0, self.starts[index - 1])
            return gap.strip(" \t") != "\n" or self.starts[index - 1] - line < _LONG_LINE
        return bool(re.search(r"\d\)?\s*$|^\W*-\W*$", gap)) and gap != "-"

    def _abbreviated(self, index: int) -> bool:
        return self.folded(index) in _STOPPED or len(self.words[index]) == 1

    def titled(self, index: int) -> bool:
        """Whether a title stands right before a word."""
        before, gap = self.folded(index - 1), self.gaps[index]
        if before not in v.TITLES or ("." in gap and before not in _STOPPED):
            return False
        numbered = before in v.RANKS and re.fullmatch(r" \d{2,5} ", gap)  # `PC 4471 Hale`
        return bool(numbered) or re.fullmatch(r"\.?\s+", gap) is not None


@lru_cache(maxsize=65_536)
def _plain_sense(word: str) -> Sense:
    """The sense of a word in any case, the names of no case considered."""
    folded, shape = fold(word), _shape(word)
    ordinary = folded in v.FUNCTION or is_ordinary(folded) or _INNER_CAPITAL.match(word) is not None
    given = len(folded) > 1 and folded in given_names()
    return Sense(folded, shape, _kind(folded, shape, ordinary=ordinary, given=given), None, ordinary, given)


@lru_cache(maxsize=65_536)
def _is_guessable(word: str) -> bool:
    """Whether a word may be a name misspelt: no word that people write as it stands."""
    plain = _plain_sense(word)
    if plain.ordinary and not is_only_formed(plain.word):
        return False
    return plain.word not in harmless_names() and plain.word not in v.TITLES


def _shape(word: str) -> Shape:
    if not word[0].isupper():
        return Shape.SMALL
    if len(word) == 1:
        return Shape.INITIAL
    return Shape.CAPITALS if word.isupper() else Shape.TITLE


def _kind(folded: str, shape: Shape, *, ordinary: bool, given: bool) -> str:  # noqa: PLR0911 - a list of cases
    """I initial, G given name, S harmless name, O ordinary word, A capitals, P unknown word; else nothing."""
    if shape is Shape.INITIAL:
        return "I"
    if shape is Shape.SMALL:
        named = given or (len(folded) > _MIN_SMALL and folded[-1] == "s" and folded[:-1] in given_names())
        plain = ordinary or len(folded) < _MIN_SMALL or folded in harmless_names()
        return "G" if named and not plain else ""
    if folded in v.TITLES and not (given and shape is Shape.TITLE):
        return "T" if shape is Shape.TITLE else "A"
    if folded in v.FUNCTION and not given:
        return "O"
    if given and shape is Shape.CAPITALS:
        named = len(folded) >= _MIN_SMALL and not ordinary and folded not in v.ACRONYMS | harmless_names()
        return "G" if named else "A"
    if given:
        return "G"
    if folded in harmless_names() or (folded[-1] == "s" and folded[:-1] in harmless_names()):
        return "S"
    if shape is Shape.CAPITALS:
        return "A"
    return "O" if ordinary else "P"


def _sense(word: str, roster: Roster, starts: frozenset[str]) -> Sense | None:
    plain = _plain_sense(word)
    folded, shape = plain.word, plain.shape
    guess = _is_guessable(word)
    listed = roster.look_up(folded, guess=guess) if shape is not Shape.INITIAL else None
    if listed is not None and _is_accident(plain, listed):
        listed = None
    phrase, address = folded in roster.phrases, folded in starts
    if listed is None and not phrase and not address:
        return plain if plain.kind else PLAIN
    kind = "L" if listed is not None else plain.kind
    return Sense(folded, shape, kind, listed, plain.ordinary, plain.given, phrase, address)


def _is_accident(plain: Sense, listed: Listed) -> bool:
    """Short derived forms in small letters, and acronyms, are too often something else."""
    if plain.shape is Shape.SMALL:
        return len(plain.word) <= 2 and plain.word in v.FUNCTION | v.PARTICLES  # noqa: PLR2004 - plain from the line
    return not listed.sure and plain.shape is Shape.CAPITALS and plain.word in v.ACRONYMS
