"""Whether a word that may be a name is one here, judged by its neighbours."""

import re
from typing import Final

from gateway.core.freetext import vocabulary as v
from gateway.core.freetext.ambiguous import derived_stands, opens_as_name, small_as_name
from gateway.core.freetext.joining import joins, tight
from gateway.core.freetext.reading import Reading, Sense, Shape

_DATE_WORDS: Final = v.JOINT_WORDS
_NEVER_OPENING: Final = v.FUNCTION - {"will", "may"}
_TURNED: Final = ("/", ", ", ",")


def reads_as_name(reading: Reading, index: int) -> bool:  # noqa: PLR0911 - a list of cases
    """Whether a word that may be a name (kind L or G) is one here."""
    sense = reading.senses[index]
    if sense is None or _is_date(reading, index, sense):
        return False
    if _titled(reading, index, sense):
        return True
    if sense.listed is not None and not sense.listed.sure and sense.ordinary:
        return derived_stands(reading, index, sense)
    if _inverted(reading, index, sense):
        return True
    if not sense.ordinary:
        return sense.shape is not Shape.SMALL or _small_stands(reading, index, sense)
    if sense.shape is Shape.SMALL:
        return small_as_name(reading, index)
    if sense.word in _NEVER_OPENING and not (sense.listed and sense.listed.sure):
        return False
    if sense.shape is Shape.CAPITALS and sense.listed is not None:
        clear = not _among_capitals(reading, index)
        return clear or opens_as_name(reading, index) or small_as_name(reading, index)
    return not reading.opens(index) or opens_as_name(reading, index)


def turns(reading: Reading, index: int) -> bool:
    """Whether a word is the given name after its own family name and a comma: `Field, Hope`."""
    before, sense = reading.senses[index - 1], reading.senses[index]
    if before is None or before.listed is None or sense is None:
        return False
    if sense.shape is Shape.INITIAL:
        return bool(before.listed.parties & reading.roster.letters.get(sense.word, set()))
    if sense.listed is None:
        return False
    if before.word in reading.roster.given or Shape.SMALL in (before.shape, sense.shape):
        return False
    return sense.word in reading.roster.given and bool(before.listed.parties & sense.listed.parties)


def _titled(reading: Reading, index: int, sense: Sense) -> bool:
    """After a title; in small letters only after those that always take a name: `ms day`."""
    if not reading.titled(index):
        return False
    if sense.shape is Shape.SMALL:
        plain = reading.folded(index - 1) in v.PLAIN_TITLES
        sure = sense.word not in v.FUNCTION or reading.folded(index - 1) in ("mr", "mrs", "ms", "mx")
        return plain and sense.listed is not None and sure
    return sense.ordinary and (sense.listed is None or sense.listed.sure)


def _inverted(reading: Reading, index: int, sense: Sense) -> bool:
    """A given name after its family name in capitals: `FIELD, Hope`, `FIELD/HOPE`."""
    before = reading.senses[index - 1] if index else None
    if before is None or before.listed is None or sense.listed is None or sense.shape is Shape.SMALL:
        return False
    family = reading.words[index - 1].isupper() and reading.gaps[index] in _TURNED
    return family and bool(before.listed.parties & sense.listed.parties)


def _small_stands(reading: Reading, index: int, sense: Sense) -> bool:
    """A name in small letters that is no word: surely of the listed, else with a neighbour's support."""
    known = sense.listed is not None and (sense.listed.sure or sense.listed.tabled)
    if sense.listed is not None and len(sense.word) > 2 and (known or len(sense.word) > 3):  # noqa: PLR2004
        return True
    if sense.listed is None:
        return small_as_name(reading, index) or not tight(reading, index + 1)
    return small_as_name(reading, index) or (not known and derived_stands(reading, index, sense))


def _is_date(reading: Reading, index: int, sense: Sense) -> bool:
    if sense.word not in v.MONTHS or reading.titled(index):
        return False
    if joins(reading, index + 1) and reading.kind(index + 1) in ("L", "P"):
        return False
    before, earlier = reading.folded(index - 1), reading.kind(index - 2)
    paired = before == "and" and earlier in ("L", "G") and reading.folded(index - 2) not in v.MONTHS
    if paired or before in v.KIN or before in v.ROLES:
        return False
    ordinal = before in ("st", "nd", "rd", "th") and reading.gaps[index - 1][-1:].isdigit()
    digits = (
        ordinal
        or re.search(r"\d[ \t./-]?$", reading.gaps[index])
        or re.match(r"[ \t]*,?[ \t]*\d", reading.gaps[index + 1])
    )
    return bool(digits) or (before in _DATE_WORDS and reading.gaps[index].isspace())


def _among_capitals(reading: Reading, index: int) -> bool:
    beside = [reading.words[i] for i in (index - 1, index + 1) if 0 <= i < len(reading.words)]
    return any(word.isupper() and len(word) > 3 and reading.kind(index) for word in beside)  # noqa: PLR2004
