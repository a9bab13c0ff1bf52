"""Homes and places that give a person away, found by their look: a proper noun and a place noun.

Prisons, hospitals, forces, courts, councils and towns alone are left, for they give nobody away.
"""

import re
from collections.abc import Iterator
from typing import Final

from gateway.core.freetext import vocabulary as v
from gateway.core.freetext.addresses import AddressForms, extend
from gateway.core.freetext.beside import APPOSING, after_place_word, has_village, is_apposed, is_pub
from gateway.core.freetext.joining import joins
from gateway.core.freetext.lexicon import trades
from gateway.core.freetext.model import Span, SpanKind
from gateway.core.freetext.reading import Reading, Shape
from gateway.core.freetext.runs import (
    chain,
    has_capital,
    is_institution,
    is_numbered,
    past_letter,
    run_end,
)

_BEFORE_PLACE: Final = v.BEFORE_PLACE
_ALL_PLACES: Final = v.STREETS | v.HOMES | v.PLACES | v.PUBS | trades()
_COMMON_HOMES: Final = v.WORKS_WORDS
_GENERIC: Final = v.SECTOR | v.PLACES | v.PLACE_ADJECTIVES | v.FUNCTION | _COMMON_HOMES
_TRADES: Final = v.GENERIC_WORDS
_HOLY: Final = frozenset(
    {
        ("our", "lady"),
        ("sacred", "heart"),
        ("holy", "rood"),
        ("holy", "family"),
        ("holy", "cross"),
        ("holy", "trinity"),
        ("all", "saints"),
        ("all", "souls"),
        ("christ", "the"),
    }
)
_FIRM: Final = re.compile(r" (?:&|and) (?:Sons?|Daughters?|Co|Bros|Partners|Family)\b")
_WELSH_HOUSE: Final = frozenset({"T\u0177", "t\u0177"})
_SMALL_PLACES: Final = (v.PLACES | v.HOMES | _TRADES) - v.HOLY_WORDS
_SAINTS: Final = frozenset({"st", "saint", "ss", "sts"})
_ROYAL: Final = frozenset({"king", "queen", "prince"})
_OWN_HOMES: Final = v.STREETS | (v.HOMES - _COMMON_HOMES)
_HOUSES: Final = v.STREETS | v.HOMES
_PAIRED: Final = frozenset(first for first, _ in v.SMALL_PAIRS) - v.PLACES
_OPENING: Final = v.FUNCTION | v.SPEECH | v.ROLES
_SMALL_TAILS: Final = _SMALL_PLACES | v.PLACE_ADJECTIVES | _PAIRED
_LEADING: Final = _BEFORE_PLACE | v.TOWARDS | APPOSING | frozenset({"for", "with", "by"})
_LEADING_SIGN: Final = re.compile(r"[,:(\d]")
_PLACE_WORDS: Final = (
    _ALL_PLACES
    | v.SHORT_STREETS.keys()
    | _SAINTS
    | v.WELSH_PLACES
    | {word for pair in (*_HOLY, *v.PAIRS) for word in pair}
    | _ROYAL
    | {"s", "co", "family", "form"}
)
_AFTER_SAINT: Final = _ALL_PLACES | v.PLACE_ADJECTIVES | v.SCHOOLS | frozenset({"cofe"})

_AROUND_SAINT: Final = _AFTER_SAINT | v.INSTITUTIONS


def find_places(reading: Reading, towns: AddressForms) -> Iterator[Span]:
    """Unlisted addresses and identifying places of a text."""
    index = 0
    while index < len(reading.words):
        sense = reading.senses[index]
        if sense is None or sense.shape is Shape.SMALL:
            index += 1
            continue
        if past_letter(reading, index) > index:
            index += 1
            continue
        last = run_end(reading, index)
        if _may_be_place(reading, index, last):
            yield from _judge(reading, index, last, towns)
        index = last + 1


def _may_be_place(reading: Reading, start: int, last: int) -> bool:
    """A quick look that most runs do not pass: a place has a place word, or one that leads it, or a sign."""
    if start == last and (reading.kind(start) in ("I", "T") or reading.folded(start) in _OPENING):
        return False  # a pronoun or a verb at the start of a sentence
    gap = reading.gaps[start]
    if gap != " " and _LEADING_SIGN.search(gap):
        return True
    if reading.folded(start - 1) in _LEADING or reading.folded(last + 1) in _SMALL_TAILS:
        return True
    return any(
        reading.folded(i) in _PLACE_WORDS or reading.words[i] in _WELSH_HOUSE for i in range(start, last + 1)
    )


def _judge(reading: Reading, start: int, last: int, towns: AddressForms) -> Iterator[Span]:
    for saint in range(start, last + 1):
        if reading.folded(saint) in _SAINTS and (end := _saint(reading, saint)) is not None:
            yield _span(reading, saint, chain(reading, end, towns))
            return
    for holy in range(start, last):
        welsh = reading.folded(holy) in v.WELSH_PLACES or reading.words[holy] in _WELSH_HOUSE
        if welsh or (reading.folded(holy), reading.folded(holy + 1)) in _HOLY:
            yield _span(reading, holy, chain(reading, reading.close(last), towns))
            return
    if last == start + 1 and reading.folded(start) in _ROYAL and reading.gaps[last + 1] in ("'", "\u2019"):
        yield _span(reading, start, reading.close(last))  # `King Edmund's`
        return
    first = _first(reading, start, last)
    while first <= last:
        tail = _tail(reading, first, last)
        if tail is not None and not is_institution(reading, first, tail):
            yield _span(reading, first, chain(reading, reading.close(tail), towns))
            return
        last = last - 1 if tail is None else first - 1


def _first(reading: Reading, start: int, last: int) -> int:
    """The first word of a run that belongs to its name: no word that only opens the sentence, no title."""
    while start < last:
        word, opens = reading.folded(start), reading.opens(start) and not is_numbered(reading, start)
        ordinary = reading.kind(start) == "O" and opens and (word in _OPENING or word.endswith(("ed", "ing")))
        house = word == "the" and reading.folded(start + 1) in _OWN_HOMES
        if house and start + 1 == last and re.match(r",\s+[A-Z]", reading.text[reading.close(last) :][:6]):
            return start
        if not ordinary and word not in v.TITLES and not (word in v.FUNCTION and word != "the"):
            return start
        start += 1
    return start


def _tail(reading: Reading, first: int, last: int) -> int | None:
    """The last word of a place name whose capitals end here, or None if this is none."""
    small = last if _is_firm(reading, first, last) else _small_tail(reading, last)
    several = last > first
    if {reading.kind(i) for i in range(first, last + 1)} <= {"S", "T"}:
        return None
    if small is not None and (several or not reading.opens(first) or reading.kind(first) == "P"):
        return small
    word = reading.folded(last)
    paired = last > first + 1 and (reading.folded(last - 1), word) in v.PAIRS
    if paired or is_apposed(reading, first, last) or (word == "form" and reading.folded(last - 1) == "sixth"):
        return last
    if not several:
        numbered = is_numbered(reading, first)
        unknown = (
            reading.kind(first) == "P"
            and reading.folded(first - 1) in _BEFORE_PLACE
            and reading.gaps[first].isspace()
        )
        unknown = unknown or has_village(reading, first)
        numbered_home = numbered and (word in _HOUSES or reading.kind(first) == "P")
        return last if numbered_home or unknown or is_pub(reading, first) else None
    if reading.senses[last] is not None and reading.kind(last) in ("A", "O", "P", "G", "S", "L", "T") and (
        word in _ALL_PLACES
        or (word in v.SHORT_STREETS and (reading.kind(last) not in ("A", "T") or is_numbered(reading, first)))
    ):  # fmt: skip
        return last if _is_proper(reading, first, last) else None
    return last if after_place_word(reading, first, last) else None


def _is_firm(reading: Reading, first: int, last: int) -> bool:
    """`Moss & Daughters`, `Garrick's Boatyard`, `17 Garrick's Rents`: an unknown name and what is its own."""
    if last == first:
        return False
    if _FIRM.search(reading.text[reading.starts[first] : reading.close(last)]):
        return True
    owned = reading.folded(first + 1) == "s" and last > first + 1
    visited = (
        reading.kind(first) == "G" and reading.folded(first - 1) in _BEFORE_PLACE
    )  # `at Harper's Hardware`
    strange = visited or reading.kind(first) == "P" or is_numbered(reading, first)
    return owned and strange and reading.kind(last) in ("O", "P")


def _small_tail(reading: Reading, last: int) -> int | None:
    """`Brook Street dental practice`, `Bracken Hill primary`: small words that end in a place noun."""
    found, index = None, last + 1
    while (
        index < len(reading.words)
        and index - last < 5  # noqa: PLR2004 - a length, said in the docstring or plain from the line
        and joins(reading, index)
        and reading.words[index].islower()
    ):
        word = reading.folded(index)
        paired = (reading.folded(index - 1), word) in v.SMALL_PAIRS
        if paired or (word in _SMALL_PLACES and (reading.gaps[index].isspace() or word == "school")):
            found = index
        elif word not in v.PLACE_ADJECTIVES | _PAIRED:
            break
        index += 1
    return found


def _is_proper(reading: Reading, first: int, last: int) -> bool:
    """Whether a run holds more than generic words: `Harbour Lights Bakery`, not `Primary Care Centre`."""
    words = [reading.folded(i) for i in range(first, last + 1)]
    if is_numbered(reading, first) and words[-1] in v.STREETS | v.SHORT_STREETS.keys():
        return True
    if all(reading.kind(i) in ("A", "I") and reading.words[i].isupper() for i in range(first, last + 1)):
        return False
    followed = re.match(r",\s+\d{0,4} ?[A-Z]", reading.text[reading.close(last) :][:8]) is not None
    if (
        followed
        and words[-1] in v.HOMES
        and reading.kind(last + 1) in ("P", "O")
        and not reading.opens(first)
    ):
        return True
    if words[0] == "the" and len(words) == 2:  # noqa: PLR2004
        return words[1] in _OWN_HOMES and (not reading.opens(first) or followed)
    named = words[0] in v.NAMING_PLACES and words[-1] not in v.SHARED_PLACES
    return named or not all(word in _GENERIC for word in words[:-1])


def _saint(reading: Reading, index: int) -> int | None:
    """The end of a school, church or home named after a saint: `St Botolph's C of E`."""
    name = index + 1
    if (
        name >= len(reading.words)
        or not has_capital(reading, name)
        or not re.fullmatch(r"\.?\s+", reading.gaps[name])
    ):
        return None
    last = name + 1 if reading.folded(name + 1) == "s" and reading.gaps[name + 1] in ("'", "’") else name  # noqa: RUF001
    end = last
    while (
        last + 1 < len(reading.words)
        and joins(reading, last + 1)
        and reading.folded(last + 1) in _AROUND_SAINT
    ):
        last += 1
        if reading.folded(last) in v.INSTITUTIONS:
            return None
        end = last if has_capital(reading, last) or reading.folded(last) in _ALL_PLACES else end
    return reading.starts[end] + len(reading.words[end]) if end > name else None


def _span(reading: Reading, first: int, end: int) -> Span:
    """The span of a place with what stands before it: house number, `the` where a small noun ends it."""
    span = extend(reading.text, reading.starts[first], end)
    before = reading.text[max(0, span.start - 4) : span.start]
    visited = reading.folded(first - 1) in _LEADING or reading.folded(first) in _ROYAL
    described = visited or reading.text[span.start : end].rsplit(None, 1)[-1].islower()
    possessive = re.match(r"['\u2019]s\b", reading.text[end : end + 3]) if described else None
    end = max(span.end, end + 2) if possessive else span.end
    start = span.start - 4 if before.lower() == "the " else span.start
    return Span(start, end, SpanKind.PLACE)
