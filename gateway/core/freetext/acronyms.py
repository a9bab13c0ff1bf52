"""Capitals that are an acronym of the sector or a word, and the initials of a protected person too."""

import re
from typing import Final

from gateway.core.freetext import vocabulary as v
from gateway.core.freetext.folding import fold
from gateway.core.freetext.joining import is_finite, joins, takes_object
from gateway.core.freetext.reading import Reading

_ARTICLES: Final = v.DETERMINERS - frozenset({"of", "what", "which", "that"})
_LEADS: Final = v.BEFORE_NAME | v.KIN | frozenset({"of", "cc", "given", "was", "is"})
_FIRM: Final = re.compile(r"['\u2019]s\b| to be ")
_CLOSES: Final = re.compile(r"[,.;:)?!\"\u201d]|\s?(?:$|\|)|\n\n")
_AGED: Final = re.compile(r"(?:, ?| \(Y?)\d{1,2}[,)]")
_REACH: Final = 8


def acts(reading: Reading, index: int) -> bool:
    """Whether the letters stand where a person may: `MS said`, `told DC,`, `IO's`, `"VW"`."""
    known = reading.roster.initials[reading.folded(index)]
    before = reading.folded(index - 1) if reading.gaps[index].isspace() else ""
    if not reading.roster.is_protected(known):
        return False
    if before in v.KIN or _is_paired(reading, index):
        return True
    if _is_rank(reading, index) or before in _ARTICLES:
        return False
    after = reading.text[reading.close(index) :][:_REACH]
    return _has_deed(reading, index, after) or _is_led(reading, index, before, after)


def _has_deed(reading: Reading, index: int, after: str) -> bool:
    """What follows is said of a person, or the letters stand alone."""
    if (
        takes_object(reading, index + 1)
        or _FIRM.match(after)
        or is_finite(reading, index + 1)
        or reading.folded(index + 1) in v.AUXILIARIES
    ):
        return True
    quoted = reading.gaps[index][-1:] in tuple('"\u201c') and after[:1] in tuple('"\u201d')
    return quoted or _signs(reading, index, after)


def _is_led(reading: Reading, index: int, before: str, after: str) -> bool:
    follows = reading.folded(index + 1)
    opens = reading.opens(index) or reading.gaps[index].startswith(")")
    if opens and (after.startswith(":") or follows in v.NOTED or follows in v.SPEECH):
        return True
    if _AGED.match(after):
        return True
    fits = _CLOSES.match(after) is not None or reading.folded(index + 1) in v.AFTER_NAME | v.FUNCTION
    return before in v.TAKING or (before in _LEADS and fits)


def _is_paired(reading: Reading, index: int) -> bool:
    """`AM and Rose sign`."""
    before = reading.folded(index - 1) == "and" and reading.kind(index - 2) == "L"
    return before or (reading.folded(index + 1) == "and" and reading.kind(index + 2) == "L")


def _signs(reading: Reading, index: int, after: str) -> bool:
    """Letters alone at the end of a line or of the text, as people sign."""
    alone = re.search(r"(?:^|\n|[-\u2013\u2014.] ?)$", reading.gaps[index])
    return alone is not None and re.match(r"\.?\s*(?:\n|$)", after) is not None


def _is_rank(reading: Reading, index: int) -> bool:
    """Beside a number, a stroke, capitals or a name that it is the title of: `PC 4417`, `DC Farrow`."""
    with_word = reading.folded(index - 1) == "w" and reading.gaps[index].startswith("/")
    if re.search(r"[\d/+&]\s?$", reading.gaps[index]) and not with_word:
        return True
    if re.match(r"\s?[\d/+&-]", reading.gaps[index + 1]):
        return True
    beside = [i for i in (index, index + 1) if 0 < i < len(reading.words) and reading.gaps[i].isspace()]
    words = [reading.words[i - (i == index)] for i in beside]
    if any(len(word) > 2 and word.isupper() and fold(word) not in v.TAKING for word in words):  # noqa: PLR2004 - a text in capitals
        return True
    return (
        joins(reading, index + 1)
        and reading.words[index + 1][0].isupper()
        and reading.words[index + 1] != "I"
    )
