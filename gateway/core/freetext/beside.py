"""Names that only what stands beside them makes a place."""

import re
from typing import Final

from gateway.core.freetext import vocabulary as v
from gateway.core.freetext.reading import Reading
from gateway.core.freetext.runs import is_date, run_end

_WORKS: Final = re.compile(
    r"\b(?:work|works|worked|working|employed|job|shifts?|cooks?|cleans?|serves?|teaches|volunteers?|manages|security|enrolled|placement|placed)\b[^.;\n]{0,24}\b(?:at|for|in|with|by)\s+(?:the\s+)?$"
    r"|\b(?:[a-z]+(?:er|ist|ant)|cook|nurse|guard|pupil|student) at\s+(?:the\s+)?$"
)
_APPOSED: Final = re.compile(
    r"\b(?i:school|nursery|college|academy|refuge|workplace|employer|work|job|pub|church|mosque|gym|club|home|placement|shop|salon"
    r"|clinic|practice|firm|company|business)"
    r"(?: (?:bag|uniform|jumper|polo|logo|badge|lanyard|sweatshirt|hoodie|van|letter|app))?"
    r"\b(?:,| is| called|:|,? named| was| \()\s?(?:the )?$"
)
APPOSING: Final = frozenset({"is", "called", "named", "was", "the"})
_COMMAS: Final = frozenset(",:(")
_NO_PLACE: Final = v.FUNCTION - {"the"}
_NO_BUSINESS: Final = v.SECTOR | _NO_PLACE


def has_village(reading: Reading, index: int) -> bool:
    """`moved to Hazelgarth, Upper Wyke`: an unknown name and another after a comma, where one goes."""
    if reading.kind(index) != "P" or reading.folded(index - 1) not in v.TOWARDS or reading.opens(index):
        return False
    if reading.gaps[index + 1] != ", " or reading.kind(index + 1) not in ("O", "P"):
        return False
    kinds = {reading.kind(i) for i in range(index + 1, run_end(reading, index + 1) + 1)}
    return len(kinds) > 0 and "P" in kinds and not kinds & {"G", "L", "I"}


def is_pub(reading: Reading, index: int) -> bool:
    """`at the Fleece`, `Foyer on Friargate`: a word alone that its neighbours make a place."""
    before, after = reading.folded(index - 1), reading.text[reading.close(index) :][:8]
    word = reading.folded(index)
    if before == "the" and reading.words[index - 1].islower() and word in v.PUBS_ALONE:
        return reading.folded(index - 2) in v.TOWARDS
    return before in v.TOWARDS and word in v.PLACES and re.match(r" (?:on|in|at) [A-Z]", after) is not None


def is_apposed(reading: Reading, first: int, last: int) -> bool:
    """A name right after the noun that it names: `her nursery, Little Acorns`."""
    if reading.folded(first - 1) not in APPOSING and _COMMAS.isdisjoint(reading.gaps[first]):
        return False
    kinds = {reading.kind(i) for i in range(first, last + 1)}
    before = reading.text[max(0, reading.starts[first] - 24) : reading.starts[first]]
    words = [reading.folded(i) for i in range(first, last + 1)]
    return (
        kinds <= {"O", "P", "G"}
        and bool(kinds & {"P", "O"})
        and _APPOSED.search(before) is not None
        and not set(words) & v.FUNCTION
    )


def after_place_word(reading: Reading, first: int, last: int) -> bool:
    """Words with capitals inside a sentence that name no body of the sector: a business, so it seems.

    After `works at` even the words of the sector do not speak against it: `Riverside Tax Office`.
    """
    words = tuple(reading.folded(i) for i in range(first, last + 1))
    kinds = {reading.kind(i) for i in range(first, last + 1)}
    homely = "P" in kinds and reading.folded(first - 1) == "at"
    if not kinds <= ({"O", "P", "S", "G"} if homely else {"O", "P", "S"}) or kinds == {"S"}:
        return False
    before = reading.text[max(0, reading.starts[first] - 60) : reading.starts[first]]
    blocked = _NO_PLACE if _WORKS.search(before) else _NO_BUSINESS
    return not (blocked.intersection(words) or reading.opens(first) or is_date(words))
