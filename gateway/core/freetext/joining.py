"""How words hang together: what continues a name, and what only follows it."""

import re
from typing import Final

from gateway.core.freetext import vocabulary as v
from gateway.core.freetext.reading import Reading

_JOINT: Final = re.compile(
    r"[ \t]+|[ \t]*\n[ \t]*|[-\u2010\u2011](?:[ \t]*\n[ \t]*)?|['\u2019]|(?<=\w)[ \t]+"
)
_SHORTENED: Final = frozenset(
    {"st", "thos", "wm", "chas", "geo", "jas", "robt", "jos", "edw", "saml", "benj", "richd"}
)
_TIES: Final = frozenset("-\u2010\u2011'\u2019")
NEGATED: Final = frozenset({"isn", "wasn", "didn", "doesn", "hasn", "won", "hadn", "couldn", "wouldn", "can"})
_BARE: Final = v.AUXILIARIES | {"and", "to"}
_FINITE: Final = v.PASTS | {word for word in v.SPEECH if word not in _BARE and word.endswith(("s", "ed"))}

_OBJECTS: Final = frozenset({"for", "to", "in", "on", "at", "with", "up", "out", "off", "him", "them", "it"})


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
    return 0 < index < len(reading.words) and reading.gaps[index].rstrip() in _TIES


def is_finite(reading: Reading, index: int) -> bool:
    """Whether a word in small letters is a verb that has a subject before it: `said`, `goes`, `attended`."""
    word = reading.folded(index)
    if not word or not reading.words[index].islower():
        return False
    return word in _FINITE or word in NEGATED or (len(word) > 4 and word.endswith("ed"))  # noqa: PLR2004 - not `red`


def takes_object(reading: Reading, index: int) -> bool:
    """A verb in the present before what it acts on or where: `wets the bed`, `opens up`."""
    after = reading.folded(index + 1)
    if not after or not reading.folded(index).endswith("s") or not reading.gaps[index + 1].isspace():
        return False
    return after in v.DETERMINERS or after in _OBJECTS or reading.words[index + 1][0].isupper()
