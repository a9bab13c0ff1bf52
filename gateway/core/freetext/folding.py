"""Words as they are compared: in small letters, without accents and without invisible characters."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

INVISIBLE: Final = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
"""Characters that a reader does not see and that must not hide a name."""

_MARKS: Final = re.compile(rf"[\u0300-\u036f{INVISIBLE}]")
_PLAIN: Final = re.compile(r"([^\W\d_]+)")
WORD: Final = re.compile(rf"((?:[^\W\d_]+|[\u0300-\u036f{INVISIBLE}]+)+)")
_STRANGE: Final = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i", "ħ": "h"}
    | dict.fromkeys(INVISIBLE, "")
)


@lru_cache(maxsize=65_536)
def fold(word: str) -> str:
    """A word in small letters, accents and invisible characters removed: `Wróblewska` to `wroblewska`."""
    if word.isascii():
        return word.lower()
    plain = unicodedata.normalize("NFKD", word.casefold()).translate(_STRANGE)
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def split_words(text: str) -> list[str]:
    """A text cut at its words: gaps at even places, words at odd ones."""
    return (WORD if _MARKS.search(text) else _PLAIN).split(text)


def words_of(text: str) -> tuple[str, ...]:
    """The folded words of a text, hyphens and apostrophes parting them as they part words of a narrative."""
    return tuple(fold(word) for word in WORD.findall(text))
