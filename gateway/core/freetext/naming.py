"""Words that give somebody a name: `formerly Bright`, `known as Tank`, `goes by Shadow`."""

import re
from typing import Final

from gateway.core.freetext.lexicon import PARTS
from gateway.core.freetext.reading import Reading, Shape

_AT_ONCE: Final = frozenset(
    [
        "formerly",
        "previously",
        "nee",
        "surname",
        "alias",
        "nickname",
        "himself",
        "herself",
        "themselves",
        "aka",
    ]
)
_CALLING: Final = frozenset({"call", "calls", "called", "calling", "named", "nicknamed"})
_WHOM: Final = frozenset({"him", "her", "them", "me", "it"})
_LINKS: Final = frozenset({"as", "is", "was", "now", "to", "by"})
_LED: Final = re.compile(
    r"\b(?:name|surname|alias|nickname|known|deed poll|goes|answers|signs(?: (?:him|her)self)?|registered"
    r"|booked in|signed|saved)(?: (?:locally|online|there|at work|in \w+ phone|on the wing|to \w+))?"
    r" (?:(?:now|was|is|as|to|by) ?)+[\"\u201c\u2018']?$",
    re.IGNORECASE,
)
_REACH: Final = 48
_ASKING: Final = frozenset({"ask", "asked", "tell", "told", "phoned", "texted"})
_STOPS: Final = (",", ".", '"', "\u201d", ";", "?", "!")


def is_given_name_here(reading: Reading, index: int) -> bool:
    """Whether an ordinary word with a capital is what somebody is said to be called."""
    sense, before = reading.senses[index], reading.folded(index - 1)
    if sense is None or sense.shape is not Shape.TITLE or "." in reading.gaps[index] or sense.word in PARTS:
        return False
    if before in _AT_ONCE or before in _CALLING or _is_asked(reading, index):
        return True
    if before in _WHOM:
        return reading.folded(index - 2) in _CALLING
    start = reading.starts[index]
    return before in _LINKS and _LED.search(reading.text, max(0, start - _REACH), start) is not None


def _is_asked(reading: Reading, index: int) -> bool:
    """`ask Tank, he knows`: whoever is asked or told, and nothing more is said of."""
    asked = reading.folded(index - 1) in _ASKING and reading.gaps[index] == " "
    return asked and reading.text.startswith(_STOPS, reading.close(index))
