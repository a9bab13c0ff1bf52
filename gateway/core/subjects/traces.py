"""By what people without a common identifier may be known again: name and birth, or how a name sounds.

A trace is a few words that the caller turns into a keyed digest: no name stands anywhere in clear.
"""

import re
import unicodedata
from collections.abc import Iterator
from enum import IntEnum
from typing import Final, NamedTuple

import jellyfish

from gateway.core.subjects.people import Birth, GivenName, StatedPerson

_LETTERS: Final = re.compile(r"[^\W\d_]+")
_SHORTEST: Final = 3  # of a part of a family name that is looked for by itself: not "de", "al"


class TraceKind(IntEnum):
    """What two people have in common who have the same trace. Numbers are kept: never reuse one."""

    BIRTH = 1
    NAME_AND_BIRTH = 2
    SOUND_AND_YEAR = 3
    SOUND_AND_DECADE = 4


class Trace(NamedTuple):
    """A trace: its kind, and the words that make it."""

    kind: TraceKind
    words: tuple[str, ...]


def traces_of(person: StatedPerson) -> frozenset[Trace]:
    """The traces of a person; none without a date of birth, which keeps namesakes apart."""
    return frozenset(_traces(person.names, person.birth)) if person.birth else frozenset()


def traces_of_name(name: GivenName, birth: Birth) -> frozenset[Trace]:
    """The traces of one name, to look for it. The date alone finds nobody."""
    return frozenset(each for each in _traces((name,), birth) if each.kind is not TraceKind.BIRTH)


def _traces(names: tuple[GivenName, ...], birth: Birth) -> Iterator[Trace]:
    day = tuple(map(str, birth)) if birth.day else ()
    if day:
        yield Trace(TraceKind.BIRTH, day)
    for name in names:
        given, family = _fold(name.given), _fold(name.family)
        if not given or not family:
            continue
        if day:
            yield Trace(TraceKind.NAME_AND_BIRTH, ("".join(family), given[0], *day))
        for sound in _sounds(family):
            yield Trace(TraceKind.SOUND_AND_YEAR, (sound, given[0][0], str(birth.year)))
            yield Trace(TraceKind.SOUND_AND_DECADE, (sound, given[0][0], str(birth.year // 10)))


def _fold(name: str) -> list[str]:
    """The words of a name in lower case, without accents."""
    plain = unicodedata.normalize(
        "NFKD", name.replace("'", "").replace("\N{RIGHT SINGLE QUOTATION MARK}", "")
    )
    return _LETTERS.findall("".join(each for each in plain if not unicodedata.combining(each)).casefold())


def _sounds(family: list[str]) -> set[str]:
    """How a family name sounds, whole and by parts; in two codes, since each misses what the other finds."""
    parts = {"".join(family), *(part for part in family if len(part) >= _SHORTEST)}
    return {code for part in parts for code in _codes(part)}


def _codes(part: str) -> Iterator[str]:
    """Metaphone and NYSIIS know Latin letters; a name in another script stands for itself."""
    if not part.isascii():
        yield f"as-written:{part}"
        return
    for label, code in (("metaphone", jellyfish.metaphone(part)), ("nysiis", jellyfish.nysiis(part))):
        if code:
            yield f"{label}:{code}"
