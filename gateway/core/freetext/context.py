"""Whether a word that is also an ordinary one stands for a person here, judged by its neighbours."""

import re
from typing import Final

from gateway.core.freetext import vocabulary as v
from gateway.core.freetext.reading import Reading, Sense, Shape

_JOINT: Final = re.compile(r"[ \t]+|[ \t]*\n[ \t]*|[-\u2010\u2011]|['\u2019]|(?<=\w)[ \t]+")
_DATE_WORDS: Final = v.JOINT_WORDS
_SHORTENED: Final = frozenset(
    {"st", "thos", "wm", "chas", "geo", "jas", "robt", "jos", "edw", "saml", "benj", "richd"}
)
_NEGATED: Final = frozenset(
    {"isn", "wasn", "didn", "doesn", "hasn", "won", "hadn", "couldn", "wouldn", "can"}
)
_MODALS: Final = frozenset({"will", "may"})
_NEVER_SMALL: Final = v.FUNCTION | _MODALS
_NEVER_OPENING: Final = v.FUNCTION - _MODALS
_ARTICLES: Final = v.DETERMINERS - {"our", "that"}
_DEEDS: Final = v.SPEECH - {"and", "to", "is", "was"}
_SAID_TO: Final = v.MODALS_WORDS
_AFTER_WORD: Final = v.AFTER_WORD
_WEAK: Final = frozenset(
    ["and", "that", "for", "like", "about", "as", "because", "when", "where", "if", "than", "by", "cos"]
) - {"cos"}
_CLOSES: Final = re.compile(r"['\u2019]s\b|\s*[,):;.?!\"\u201d]|\s*$|\s*[-\u2013\u2014]\s|\s*/|\s*\(|\s*=")


def reads_as_name(reading: Reading, index: int) -> bool:  # noqa: PLR0911 - a list of cases
    """Whether a word that may be a name (kind L or G) is one here."""
    sense = reading.senses[index]
    if sense is None or _is_date(reading, index, sense):
        return False
    if sense.listed is not None and not sense.listed.sure and sense.ordinary:
        return _derived_stands(reading, index, sense)
    if _inverted(reading, index, sense):
        return True
    if not sense.ordinary:
        return sense.shape is not Shape.SMALL or _small_stands(reading, index, sense)
    if reading.titled(index) and sense.shape is not Shape.SMALL:
        return True
    if sense.shape is Shape.SMALL:
        return sense.word not in _NEVER_SMALL and small_as_name(reading, index)
    if sense.word in _NEVER_OPENING and not (sense.listed and sense.listed.sure):
        return False
    if reading.opens(index) or (sense.shape is Shape.CAPITALS and _among_capitals(reading, index)):
        return opens_as_name(reading, index)
    return True


def _inverted(reading: Reading, index: int, sense: Sense) -> bool:
    """A given name after its family name: `FIELD, Hope`, `FIELD/HOPE`."""
    before = reading.senses[index - 1] if index else None
    if before is None or before.listed is None or sense.listed is None or sense.shape is Shape.SMALL:
        return False
    family = reading.words[index - 1].isupper() and reading.gaps[index] in ("/", ", ", ",")
    return family and bool(before.listed.parties & sense.listed.parties)


def opens_as_name(reading: Reading, index: int) -> bool:
    """Whether an ordinary word with the capital of a sentence's start is a name: by what follows it."""
    after = reading.text[reading.starts[index] + len(reading.words[index]) :][:12]
    follows = reading.folded(index + 1)
    if re.match(r"['\u2019]s\b|\s*[,):;(]|\s*$|\s*\n\n", after) and reading.folded(index) not in v.FUNCTION:
        return True
    if joins(reading, index + 1) and reading.kind(index + 1) in ("L", "G", "P", "I"):
        return reading.kind(index + 1) != "I" or follows != "i"
    sense = reading.senses[index]
    personal = (
        sense is not None and sense.listed is not None and (sense.given or sense.word in reading.roster.given)
    )
    if sense is not None and personal and follows and reading.words[index + 1].islower():
        return after[:1] == " " and sense.word not in _MODALS and follows not in _AFTER_WORD
    return after[:1] == " " and follows in v.SPEECH | _NEGATED and reading.words[index + 1].islower()


def small_as_name(reading: Reading, index: int) -> bool:  # noqa: PLR0911 - a list of cases
    """Whether an ordinary word in small letters is a name: by what stands on both sides."""
    before, follows = reading.folded(index - 1), reading.folded(index + 1)
    if _leads_listed(reading, index) or re.match(r"\s\(\d{1,2}\)", reading.text[reading.end(index) :][:6]):
        return True
    if before in _ARTICLES or (before == "to" and reading.folded(index - 2) not in _SAID_TO):
        return False
    after = reading.text[reading.end(index) :][:6]
    listing = before == "and" and reading.kind(index - 2) in ("L", "G", "P")
    if listing and _is_given_to_hide(reading, reading.senses[index]):
        return True
    if before in _WEAK:
        return follows in _DEEDS and reading.gaps[index].isspace()
    sense = reading.senses[index]
    trimmed = sense is not None and sense.listed is not None and sense.listed.trim > 0
    if sense is not None and not sense.ordinary and before in v.KIN:
        return True
    fits = follows in v.AFTER_NAME or _CLOSES.match(after) is not None or trimmed
    kin = before in v.KIN and reading.gaps[index].isspace()
    led = kin or before in v.BEFORE_NAME
    if _is_given_to_hide(reading, sense):
        return led or reading.opens(index) or (fits and before not in v.FUNCTION)
    return (led or (reading.opens(index) and follows in v.SPEECH)) and fits


def _is_given_to_hide(reading: Reading, sense: Sense | None) -> bool:
    """A given name or alias of a protected party: in doubt it is masked."""
    if sense is None or sense.listed is None or not sense.listed.sure:
        return False
    return sense.word in reading.roster.given and reading.roster.is_protected(sense.listed.parties)


def _leads_listed(reading: Reading, index: int) -> bool:
    """Whether the next word is a name of the same listed party and no ordinary word: `daisy tranmer`."""
    sense = reading.senses[index]
    following = reading.senses[index + 1] if joins(reading, index + 1) else None
    if sense is None or following is None or sense.listed is None or following.listed is None:
        return False
    return not following.ordinary and bool(sense.listed.parties & following.listed.parties)


def joins(reading: Reading, index: int) -> bool:
    """Whether a word continues the name before it: after a space, a line break, a hyphen or an apostrophe."""
    if not 0 < index < len(reading.words):
        return False
    gap = reading.gaps[index]
    if gap in (". ", ".", ".\n"):
        return len(reading.words[index - 1]) == 1 or reading.folded(index - 1) in _SHORTENED
    return gap == " " or _JOINT.fullmatch(gap) is not None


def tight(reading: Reading, index: int) -> bool:
    """Whether a hyphen or an apostrophe ties a word to the one before it."""
    return 0 < index < len(reading.words) and reading.gaps[index] in ("-", "\u2010", "\u2011", "'", "\u2019")


def _derived_stands(reading: Reading, index: int, sense: Sense) -> bool:
    """An ordinary word that could be a short form of a name: with its own capital, or after a kin word."""
    if sense.shape is Shape.SMALL:
        return reading.folded(index - 1) in v.KIN and reading.gaps[index].isspace()
    if sense.shape is not Shape.TITLE or sense.word in v.FUNCTION:
        return False
    return not reading.opens(index) or opens_as_name(reading, index)


def _small_stands(reading: Reading, index: int, sense: Sense) -> bool:
    """A name in small letters that is no word: surely of the listed, else with a neighbour's support."""
    if sense.listed is not None and len(sense.word) > 2 and (sense.listed.sure or len(sense.word) > 3):  # noqa: PLR2004
        return True
    return small_as_name(reading, index) or (sense.listed is None and not tight(reading, index + 1))


def _is_date(reading: Reading, index: int, sense: Sense) -> bool:
    if sense.word not in v.MONTHS or reading.titled(index):
        return False
    if joins(reading, index + 1) and reading.kind(index + 1) in ("L", "P"):
        return False
    digits = re.search(r"\d\S*\s*$", reading.gaps[index]) or re.match(r"\s*,?\s*\d", reading.gaps[index + 1])
    return bool(digits) or reading.folded(index - 1) in _DATE_WORDS


def _among_capitals(reading: Reading, index: int) -> bool:
    beside = [reading.words[i] for i in (index - 1, index + 1) if 0 <= i < len(reading.words)]
    return any(word.isupper() and len(word) > 3 and reading.kind(index) for word in beside)  # noqa: PLR2004
