"""What a run of words that is a name covers, and whom it may mean."""

from typing import Final

from gateway.core.freetext.initials import meanings
from gateway.core.freetext.model import Span, SpanKind
from gateway.core.freetext.reading import Reading

_NICKNAMING: Final = frozenset(
    ["big", "little", "long", "old", "young", "tall", "ginger", "skinny", "crazy", "dirty", "wee"]
)


def judge(reading: Reading, start: int, last: int) -> tuple[Span, frozenset[int]]:
    """The span of a run and the parties that each of its words may mean."""
    first = start
    while _is_particle(reading, first - 1):
        first -= 1
    if _is_nicknaming(reading, first - 1) and reading.gaps[first] == " ":
        first -= 1
    if _is_small_initial(reading, first - 1):
        first -= 1
    span = Span(reading.starts[first], reading.end(last), SpanKind.STRANGER)
    sets = [meanings(reading, i) for i in range(start, last + 1) if reading.senses[i] is not None]
    parties = frozenset.intersection(*sets) if sets else frozenset()
    protected = any(reading.roster.is_protected(each) for each in sets)
    if start == last and reading.folded(start - 1) == "mrs" and not protected:
        parties = frozenset()
    return Span(span.start, span.end, SpanKind.PERSON if protected or parties else span.kind), parties


def _is_particle(reading: Reading, index: int) -> bool:
    """A particle of a listed name before the rest of it: `Ní Dhálaigh`, `o'halloran`."""
    word, gap = reading.folded(index), reading.gaps[index + 1]
    if word in ("o", "d"):
        return gap in ("'", "\u2019")
    return word in reading.roster.particles and gap in (" ", "\n")


def _is_small_initial(reading: Reading, index: int) -> bool:
    """`v dunphy`: an initial in small letters before a name of its bearer in small letters."""
    word, gap = reading.folded(index), reading.gaps[index + 1]
    if len(word) != 1 or gap not in (" ", ". ", ".") or not reading.words[index].islower():
        return False
    named = reading.words[index + 1].islower() and meanings(reading, index + 1)
    return bool(named and named & reading.roster.letters.get(word, set()))


def _is_nicknaming(reading: Reading, index: int) -> bool:
    """`Big`, `fat` and the like before a name are part of what people call somebody."""
    word = reading.folded(index)
    if word in ("fat", "mad", "lil"):
        return True
    return word in _NICKNAMING and reading.words[index][0].isupper() and not reading.opens(index)
