"""Initials and short forms: letters that stand for a listed name, alone or beside one."""

import re
from collections.abc import Iterator
from typing import Final

from gateway.core.freetext import vocabulary as v
from gateway.core.freetext.acronyms import acts
from gateway.core.freetext.folding import words_of
from gateway.core.freetext.joining import joins, tight
from gateway.core.freetext.lexicon import given_names, is_ordinary, word_surnames
from gateway.core.freetext.model import Span, SpanKind
from gateway.core.freetext.reading import Reading, Shape
from gateway.core.freetext.roster import Roster

_SMALL: Final = re.compile(
    r"\b(?:[Mm]rs?|[Mm]s|[Mm]iss)\.? (?P<letter>[a-zA-Z](?:[-.][a-zA-Z])?)(?![\w'\u2019-]|\.\w)"
    r"|\b(?:[Mm]rs?|[Mm]s|[Mm]x)\.? (?P<word>[^\W\d_]{2,}(?:['\u2019-][^\W\d_]{2,})?)\b"
    r"|\b(?:aunt(?:y|ie)?|uncle|nan(?:a|ny)?|gran(?:dad|ny|ma)|miss|[Dd]r|[PpDd][CcSs]|sgt|[Ff]r|officer"
    r"|prisoner|worker|warden|nurse|inmate|teacher|carer) (?P<name>[a-z]{3,})\b"
)
_SMALL_LEADS: Final = v.PLAIN_TITLES | frozenset(
    ["aunt", "aunty", "auntie", "uncle", "nan", "nana", "nanny", "grandad", "granny", "grandma", "pc", "ps",
     "dc", "ds", "sgt", "fr", "officer", "prisoner", "worker", "warden", "nurse", "inmate", "teacher",
     "carer"]
)  # fmt: skip
_INITIAL_GAP: Final = re.compile(r"\.? ?|-|/|\.-")
_MOST_INITIALS: Final = 4
_CUES: Final = (v.BEFORE_NAME | v.SPEECH) - frozenset({"at", "in", "for", "if", "as", "is", "was"})


def read_initials(reading: Reading, start: int) -> tuple[int, tuple[Span, frozenset[int]]] | None:
    """Initials alone, such as `TQ`, `K-A`, `O.P`; with stops they may even be those of the sector."""
    sense, last = reading.senses[start], start
    roster = reading.roster
    if sense is None:
        return None
    if sense.shape is Shape.CAPITALS:
        plain = sense.kind == "A" and sense.word not in v.ACRONYMS
        known = sense.word in roster.initials and (plain or reading.titled(start) or acts(reading, start))
        parties = roster.initials[sense.word] if known else None
    else:
        while (
            last - start + 1 < _MOST_INITIALS
            and reading.kind(last + 1) == "I"
            and _INITIAL_GAP.fullmatch(reading.gaps[last + 1])
        ):
            last += 1
        letters = "".join(reading.folded(i) for i in range(start, last + 1))
        tied = last > start and "-" in reading.gaps[last]
        parties = (
            roster.initials.get(letters) or (roster.joined.get(letters) if tied else None)
            if last > start
            else None
        )
        if parties and reading.kind(last + 1) in ("L", "P", "G") and joins(reading, last + 1):
            return None if reading.words[last + 1][0].isupper() else _found(reading, start, last, parties)
    if not parties and last == start and _is_single(reading, start):
        parties = roster.singles[sense.word]
    if not parties and last == start:
        parties = _alone(reading, start)
    return _found(reading, start, last, parties) if parties else None


def _is_single(reading: Reading, index: int) -> bool:
    """A letter that is all that a party is called by, and no part of a number, a code or another name."""
    if reading.folded(index) not in reading.roster.singles:
        return False
    sides = reading.gaps[index][-1:] + reading.gaps[index + 1][:1]
    following = joins(reading, index + 1) and reading.words[index + 1][0].isupper()
    return re.search(r"[\d/&.-]", sides.rstrip(".")) is None and not following


def _found(
    reading: Reading, start: int, last: int, parties: set[int]
) -> tuple[int, tuple[Span, frozenset[int]]]:
    return last, (Span(reading.starts[start], reading.end(last), SpanKind.PERSON), frozenset(parties))


def _alone(reading: Reading, index: int) -> set[int] | None:
    """One letter of a protected given name: before a stop inside a sentence, or after `told` and the like."""
    letter, after = reading.folded(index), reading.text[reading.end(index) :][:3]
    known = {party for word, whose in reading.roster.given.items() if word[0] == letter for party in whose}
    before_name = joins(reading, index + 1) and reading.words[index + 1][0].isupper()
    if letter in ("a", "i") or before_name or not reading.roster.is_protected(known):
        return None
    gap = reading.gaps[index]
    cued = (reading.folded(index - 1) in _CUES and gap == " ") or gap.endswith(("& ", '"', "\u201c"))
    stopped = re.match(r"\.,? ?[a-z\"'\u2018\u201c,]", after) is not None
    closed = re.match(r"[ ,.;:)?!\"'\u2019\u201d]|$", after) is not None
    return known if cued and (stopped or closed) else None


def leads(reading: Reading, index: int) -> bool:
    """An initial before a name: `K. Marchbank`, `E Garside`, not the article or the pronoun."""
    last = index
    while last - index < _MOST_INITIALS and joins(reading, last + 1) and reading.kind(last + 1) == "I":
        last += 1
    if not joins(reading, last + 1):
        return False
    following = last + 1
    while (
        reading.kind(following) == ""
        and reading.folded(following) in v.PARTICLES
        and joins(reading, following + 1)
        and following - last < _MOST_INITIALS
    ):
        following += 1
    if reading.kind(following) not in ("L", "P", "G") and not _is_word_surname(reading, following):
        return False
    letter = reading.folded(last)
    if letter in ("a", "i") and "." not in reading.gaps[following]:
        return bool(reading.roster.letters.get(letter, set()) & meanings(reading, following))
    return not reading.words[following][0].islower()


def _is_word_surname(reading: Reading, index: int) -> bool:
    """`E Early`, not `B Hall`."""
    sense = reading.senses[index]
    if sense is None or sense.shape is not Shape.TITLE or sense.word in v.FUNCTION | v.SECTOR | v.PLACES:
        return False
    return sense.word in word_surnames() and sense.word not in v.STREETS | v.HOMES


def letter_after_title(reading: Reading, index: int) -> bool:
    """`Mrs C`, `mr A-K`."""
    return reading.folded(index - 1) in v.PLAIN_TITLES and reading.titled(index)


def trails(reading: Reading, index: int, start: int) -> bool:
    """An initial after a given name: `Alma P`, `Reuben A`; or between two names; or tied by a hyphen."""
    if reading.gaps[index + 1][:1].isdigit():
        return False  # the letter of a number: `MOSS A1234BC`
    if tight(reading, index) or reading.kind(index - 1) == "I":
        return True
    if joins(reading, index + 1) and reading.kind(index + 1) in ("L", "P", "I"):
        return True
    before = frozenset.union(*(meanings(reading, i) for i in range(start, index)))
    letter = reading.folded(index)
    if before & reading.roster.letters.get(letter, set()):
        return True
    return letter not in ("a", "i") and reading.kind(index - 1) == "G" and not before


def meanings(reading: Reading, index: int) -> frozenset[int]:
    """Parties that a word may mean by itself, a letter any with such an initial."""
    sense = reading.senses[index]
    if sense is None:
        return frozenset()
    if sense.shape is Shape.INITIAL:
        return frozenset(reading.roster.letters.get(sense.word, ()))
    return sense.listed.parties if sense.listed is not None else frozenset()


def meanings_of_word(reading: Reading, index: int) -> frozenset[int]:
    """Parties with this very word in their names, however short it is (`Maisie jo`)."""
    return frozenset(reading.roster.words.get(reading.folded(index), ()))


def find_small(reading: Reading) -> Iterator[tuple[Span, frozenset[int]]]:
    """What small letters hide: `mrs c`, `aunty flicks`."""
    for match in reading.matches(_SMALL, _SMALL_LEADS):
        place, parties = _small_mention(match, reading.roster)
        if place is not None:
            yield Span(*place, SpanKind.PERSON if parties else SpanKind.STRANGER), parties


def _small_mention(match: re.Match[str], roster: Roster) -> tuple[tuple[int, int] | None, frozenset[int]]:
    """Where the name in a match stands, if there is one, and the parties that it may mean."""
    letter, word, name = match["letter"], match["word"], match["name"]
    if letter:
        return match.span("letter"), frozenset(roster.letters.get(letter[0].lower(), ()))
    if word:
        named = word.islower() and not set(word.split("-")) & (v.FUNCTION | v.SPEECH)
        return (match.span("word"), _whose(roster, word)) if named else (None, frozenset())
    if not _is_small_name(name):
        return None, frozenset()
    plural = name not in given_names() and name.removesuffix("s") in given_names()
    return (match.start("name"), match.end("name") - plural), _whose(roster, name)


def _is_small_name(name: str) -> bool:
    """A given name, or a word that is no word."""
    return name in given_names() or name.removesuffix("s") in given_names() or not is_ordinary(name)


def _whose(roster: Roster, word: str) -> frozenset[int]:
    """The parties that such a word may mean, a misspelling included."""
    sets = [roster.look_up(each, guess=True) for each in words_of(word)]
    return frozenset.intersection(*(each.parties if each else frozenset() for each in sets))
