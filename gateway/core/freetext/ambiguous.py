"""Words that are names and ordinary words at once, where no capital of their own tells which."""

import re
from typing import Final

from gateway.core.freetext import vocabulary as v
from gateway.core.freetext.joining import NEGATED, is_finite, joins, takes_object, tight
from gateway.core.freetext.lexicon import word_surnames
from gateway.core.freetext.reading import Reading, Sense, Shape

_MODALS: Final = frozenset({"will", "may"})
_ARTICLES: Final = v.DETERMINERS - {"our", "that", "of"}
_DEEDS: Final = v.SPEECH - {"and", "to", "is", "was"}
_SUBORDINATING: Final = frozenset(
    ["cos", "because", "that", "when", "if", "and", "but", "as", "where", "said", "says", "while", "then"]
)
_WEAK: Final = frozenset(
    ["and", "that", "for", "like", "about", "as", "because", "when", "where", "if", "than", "by"]
)
_LEADING: Final = (
    v.BEFORE_NAME
    - _WEAK
    - frozenset(["to", "with", "from", "at", "cos", "say", "says", "said", "nick", "grass"])
) | v.KIN
_TAKING: Final = _LEADING - v.KIN - frozenset(["does", "did", "has", "our", "dear", "big", "little", "young"])
_CLOSES: Final = re.compile(r"['\u2019]s\b|\s*[,):;.?!\"\u201d]|\s*$|\s*[-\u2013\u2014]\s|\s*/|\s*\(|\s*=")
_ENDS: Final = re.compile(r"['\u2019]s\b|\s*[,):;(=/\"\u201d]|\s*$|\s*\n\n|\n(?=[A-Z\d\u2022])")
_COUNTED: Final = re.compile(r"\s\(?\d{1,2}(?=[,);]|[./-]\d|\s(?!\d|[a-z]+s\b))")
_DASHED: Final = re.compile(r"\s[-\u2013\u2014]\s")
_AGE: Final = re.compile(r"\s\(\d{1,2}[/.)-]")
_PLAIN_BEFORE: Final = v.AUXILIARIES | v.BEFORE_WORD
_LONE: Final = (v.FUNCTION - _ARTICLES) | {"either", "neither", "whether", "unless"}
_PAIRING: Final = frozenset({"and", "or", "with", "who", "out", "off", "up", "down"}) | v.FINITES
_QUOTES: Final = frozenset("\"\u201c\u2018'")
_REACH: Final = 12


def opens_as_name(reading: Reading, index: int) -> bool:
    """Whether an ordinary word with the capital of a sentence's start is a name: by what follows it."""
    sense, follows = reading.senses[index], reading.folded(index + 1)
    close = reading.close(index)
    after = reading.text[close : close + _REACH]
    hidden = _is_given_to_hide(reading, sense)
    if _ENDS.match(after) and (_is_to_hide(reading, sense) or reading.folded(index) not in v.FUNCTION):
        return True
    if hidden and (_COUNTED.match(after) or _DASHED.match(after)):
        return True
    if joins(reading, index + 1) and reading.kind(index + 1) in ("L", "G", "P", "I"):
        return reading.kind(index + 1) != "I" or follows != "i"
    if sense is not None and sense.given and _is_whole(reading, index, after):
        return True
    return after[:1] in (" ", "\n") and _begins_clause(reading, index, sense, follows)


def _is_whole(reading: Reading, index: int, after: str) -> bool:
    """A given name with a family name that is a word, `Dawn Bell (SW)`, or after `Mum:`."""
    introduced = reading.gaps[index] == ": " and reading.folded(index - 1) in v.KIN | v.ROLES
    if introduced and _CLOSES.match(after):
        return True
    family = reading.senses[index + 1] if joins(reading, index + 1) else None
    if family is None or family.shape is not Shape.TITLE:
        return False
    return family.word in word_surnames() and family.word not in v.FUNCTION | v.SECTOR


def _begins_clause(reading: Reading, index: int, sense: Sense | None, follows: str) -> bool:
    """`Will drew figures`, not `Will need figures`; a given name has nearly any small word after it."""
    shouted = follows in NEGATED | {"not"} and reading.words[index + 1].isupper()
    if sense is None or not follows or not (shouted or reading.words[index + 1].islower()):
        return False
    if sense.word in _MODALS:
        return sense.listed is not None and _is_no_modal(reading, index, follows)
    known = sense.listed is not None and (sense.given or sense.word in reading.roster.given)
    personal = known or (sense.listed is not None and sense.listed.tabled)
    if personal:
        return follows not in v.AFTER_WORD or follows in ("to", "not")
    does = follows.endswith("ing") or is_finite(reading, index + 1)
    if follows in v.SPEECH or follows in NEGATED or (sense.given and does):
        return True
    acts = follows in v.NOTED or follows.endswith("ly") or is_finite(reading, index + 1)
    return _is_to_hide(reading, sense) and (acts or takes_object(reading, index + 1))


def _is_no_modal(reading: Reading, index: int, follows: str) -> bool:
    """`Will drew`, `May and`, `Will could`: where neither `will`, `may` nor the month fits."""
    if is_finite(reading, index + 1) or follows.endswith("ly") or follows in v.AUXILIARIES | _PAIRING:
        return True
    return reading.folded(index) == "will" and follows in v.PLACING


def small_as_name(reading: Reading, index: int) -> bool:  # noqa: PLR0911 - a list of cases
    """Whether an ordinary word in small letters is a name: by what stands on both sides."""
    before, follows, sense = reading.folded(index - 1), reading.folded(index + 1), reading.senses[index]
    after = reading.text[reading.end(index) :][:_REACH]
    if _leads_listed(reading, index) or _AGE.match(after) or _is_quoted(reading, index, after):
        return True
    if before in ("o", "d") and tight(reading, index) and _is_to_hide(reading, sense):
        return True  # `o'young`
    if _is_object(reading, index, after):
        return True
    if before in _ARTICLES or (before == "to" and reading.folded(index - 2) not in v.MODALS_WORDS):
        return False
    if sense is not None and sense.word in v.FUNCTION:
        return sense.listed is not None and sense.listed.sure and _small_function(reading, index, before)
    listing = before == "and" and reading.kind(index - 2) in ("L", "G", "P")
    if listing and _is_given_to_hide(reading, sense):
        return True
    if before in _WEAK:
        asked = before in v.PREPOSITIONS and _CLOSES.match(after) is not None
        hidden = _is_given_to_hide(reading, sense) and (asked or follows in ("was", "is"))
        return reading.gaps[index].isspace() and (hidden or follows in _DEEDS)
    if sense is not None and not sense.ordinary and before in v.KIN:
        return True
    return _fits_between(reading, index, after)


def _is_object(reading: Reading, index: int, after: str) -> bool:
    """`calling her ivy.`, `it was cliff.`: a given name where no article is missing."""
    before, earlier = reading.folded(index - 1), reading.folded(index - 2)
    if _CLOSES.match(after) is None or not _is_given_to_hide(reading, reading.senses[index]):
        return False
    called = before in ("her", "him", "it", "them") and earlier in v.CALLING
    was = before in ("was", "is", "be") and reading.folded(index) not in v.DESCRIBING
    return reading.gaps[index].isspace() and (called or was)


def _fits_between(reading: Reading, index: int, after: str) -> bool:
    """A word that leads a name before it, and one that may follow a name after it."""
    before, follows, sense = reading.folded(index - 1), reading.folded(index + 1), reading.senses[index]
    trimmed = sense is not None and sense.listed is not None and sense.listed.trim > 0
    fits = follows in v.AFTER_NAME or _CLOSES.match(after) is not None or trimmed
    kin = before in v.KIN and reading.gaps[index].isspace()
    led = kin or before in v.BEFORE_NAME
    if trimmed and _owns(reading, index, follows):
        return True
    if _is_given_to_hide(reading, sense) and not trimmed:
        return led or reading.opens(index) or not _reads_as_word(reading, index)
    return (led or (reading.opens(index) and follows in v.SPEECH)) and fits


def _owns(reading: Reading, index: int, follows: str) -> bool:
    """`packed robins rabbit`: what the name owns follows it."""
    tied = reading.gaps[index].isspace() and reading.gaps[index + 1] == " "
    return tied and follows not in v.FUNCTION | v.SPEECH and _is_given_to_hide(reading, reading.senses[index])


def _reads_as_word(reading: Reading, index: int) -> bool:
    """Signs that a small word is meant as the word it is: `I hope`, `was frank`, `at dawn`, `faith of`."""
    before, follows = reading.folded(index - 1), reading.folded(index + 1)
    owning = reading.gaps[index + 1] in ("'", "\u2019") and follows == "s"
    if not reading.gaps[index].isspace() or owning:
        return False
    seasonal = before in v.JOINT_WORDS and reading.folded(index) in v.SEASONS
    return seasonal or before in _PLAIN_BEFORE or follows in ("of", "that")


def _small_function(reading: Reading, index: int, before: str) -> bool:
    """`tell will`, `in Germany, will, at`: where the verb `will` or the month cannot stand."""
    gap, after = reading.gaps[index], reading.text[reading.close(index) :][:_REACH]
    between = gap.endswith(", ") and after[:1] in tuple(",.;)")
    owning = re.match(r"['\u2019]s\b", after) is not None and before not in v.DETERMINERS
    asked = before in v.PREPOSITIONS and gap.isspace() and _CLOSES.match(after) is not None
    if (
        between
        or owning
        or asked
        or after.startswith(", who")
        or (reading.gaps[index].isspace() and before in _TAKING)
    ):
        return True
    led = reading.opens(index) or before in _SUBORDINATING or before in v.KIN or before in _LONE
    return led and is_finite(reading, index + 1)


def derived_stands(reading: Reading, index: int, sense: Sense) -> bool:
    """An ordinary word that could be a short form of a name: with its own capital, or where a name stands."""
    if sense.shape is Shape.SMALL:
        return sense.word not in v.FUNCTION and _small_derived(reading, index)
    if sense.shape is not Shape.TITLE or sense.word in v.FUNCTION:
        return False
    return not reading.opens(index) or opens_as_name(reading, index)


def _small_derived(reading: Reading, index: int) -> bool:
    """`tell rob`, `mum sue`, `cos rob said`; not `to rob the shop`."""
    before, after = reading.folded(index - 1), reading.text[reading.end(index) :][:_REACH]
    if reading.gaps[index].isspace() and before in _LEADING:
        return (
            before in v.KIN or reading.folded(index + 1) in v.AFTER_NAME or _CLOSES.match(after) is not None
        )
    led = reading.opens(index) or before in _SUBORDINATING
    if led and is_finite(reading, index + 1):
        return True
    lone = before in _LONE or not reading.gaps[index].isspace()
    return lone and reading.folded(index + 1) in v.FINITES


def _is_given_to_hide(reading: Reading, sense: Sense | None) -> bool:
    """A given name or alias of a protected party: in doubt it is masked."""
    if sense is None or not _is_to_hide(reading, sense):
        return False
    trimmed = sense.listed is not None and sense.listed.trim > 0
    return (sense.word[:-1] if trimmed else sense.word) in reading.roster.given


def _is_quoted(reading: Reading, index: int, after: str) -> bool:
    """A given name alone between quotation marks: `that "jade"`."""
    between = reading.gaps[index][-1:] in _QUOTES and re.match(r"[\"\u201d\u2019']", after)
    return bool(between) and _is_given_to_hide(reading, reading.senses[index])


def _is_to_hide(reading: Reading, sense: Sense | None) -> bool:
    """A name of a protected party as the document has it."""
    if sense is None or sense.listed is None or not sense.listed.sure:
        return False
    return reading.roster.is_protected(sense.listed.parties)


def _leads_listed(reading: Reading, index: int) -> bool:
    """Whether the next word is a name of the same listed party and no ordinary word: `daisy tranmer`."""
    sense = reading.senses[index]
    following = reading.senses[index + 1] if joins(reading, index + 1) else None
    if sense is None or following is None or sense.listed is None or following.listed is None:
        return False
    tied = tight(reading, index + 1) or not following.ordinary  # `marsh-salter`
    return tied and bool(sense.listed.parties & following.listed.parties)
