"""Persons in a text: the listed in every form, and strangers by what a name looks like."""

from collections.abc import Iterator
from typing import Final

from gateway.core.freetext import vocabulary as v
from gateway.core.freetext.ambiguous import opens_as_name
from gateway.core.freetext.context import reads_as_name, turns
from gateway.core.freetext.initials import (
    find_small,
    leads,
    letter_after_title,
    meanings,
    meanings_of_word,
    read_initials,
    trails,
)
from gateway.core.freetext.joining import joins, tight
from gateway.core.freetext.judging import judge
from gateway.core.freetext.lexicon import PARTS, is_ordinary, pet_forms, word_surnames
from gateway.core.freetext.locality import is_institution, is_listed_town, is_town
from gateway.core.freetext.model import Span, SpanKind
from gateway.core.freetext.naming import is_given_name_here
from gateway.core.freetext.reading import Reading, Sense, Shape

_NO_NAME: Final = v.FUNCTION | v.SECTOR | v.ACRONYMS | v.TITLES | v.MONTHS | v.INSTITUTIONS
_NO_FAMILY: Final = v.FUNCTION | v.SPEECH | v.SECTOR
_BEFORE: Final = v.KIN | v.ROLES
_HOUSES: Final = v.STREETS | v.HOMES
_JOINING: Final = v.PARTICLES - {"o", "e"}
_CAPITAL_NAME: Final = 3


def find_persons(reading: Reading) -> Iterator[tuple[Span, frozenset[int]]]:
    """Mentions of persons, each with the parties that it may mean; a stranger's has none.

    A run of words is judged as one: `Pauline Field` is not the kept `Field`.
    """
    learned = _learn(reading)
    yield from find_small(reading)
    index, count = 0, len(reading.words)
    while index < count:
        if reading.senses[index] is None:
            index += 1
            continue
        last, found = _mention(reading, index, learned)
        if found is not None:
            yield found
        index = last + 1


def _learn(reading: Reading) -> frozenset[str]:
    """Words seen beside a given name or a title: strangers' family names, met again alone further on."""
    learned = set()
    for index, sense in enumerate(reading.senses):
        if sense is not None and sense.shape is Shape.TITLE and sense.kind in "OP":
            beside = (
                joins(reading, index) and reading.kind(index - 1) == "G" and reads_as_name(reading, index - 1)
            )
            called = sense.kind == "O" and is_given_name_here(reading, index)
            if sense.word not in _NO_FAMILY and (beside or called or reading.titled(index)):
                learned.add(sense.word)
    return frozenset(learned)


def _mention(
    reading: Reading, start: int, learned: frozenset[str]
) -> tuple[int, tuple[Span, frozenset[int]] | None]:
    """The mention that begins at a word, and the index of the last word looked at."""
    phrase = _phrase(reading, start)
    if phrase is not None:
        return phrase
    if _is_letters(reading, start) and (initials := read_initials(reading, start)) is not None:
        return initials
    last = start
    if not _begins(reading, start, learned):
        return start, None
    while _continues(reading, last + 1, start, learned):
        last += 1
    while last > start and _is_loose(reading, last):
        last -= 1
    if _turned(reading, last + 1):
        last += 1
        while _continues(reading, last + 1, last, learned):
            last += 1
    if all(reading.kind(i) in ("I", "", "A") for i in range(start, last + 1)) and not reading.titled(start):
        return last, None
    return last, judge(reading, start, last)


def _is_letters(reading: Reading, index: int) -> bool:
    """One capital, or a word of capitals that may be initials."""
    sense = reading.senses[index]
    if sense is None or sense.kind in ("I", "A"):
        return sense is not None
    return sense.shape is Shape.CAPITALS and sense.kind in ("O", "S") and len(sense.word) <= _CAPITAL_NAME


def _begins(reading: Reading, index: int, learned: frozenset[str]) -> bool:  # noqa: PLR0911 - a list of cases
    sense, kind = reading.senses[index], reading.kind(index)
    if sense is None:
        return False
    if kind in ("L", "G"):
        return reads_as_name(reading, index)
    if sense.word in learned and sense.shape is not Shape.INITIAL:
        return not reading.opens(index) or not sense.ordinary or opens_as_name(reading, index)
    if kind == "I":
        return leads(reading, index) or letter_after_title(reading, index)
    if kind == "P":
        return (
            not is_listed_town(reading, index)
            and not is_town(reading, index)
            and not is_institution(reading, index)
        )
    if kind in ("O", "A", "S", "T") and _named_by_title(reading, index):
        return True
    hyphenated = (
        tight(reading, index + 1) and "-" in reading.gaps[index + 1] and reading.kind(index + 1) in ("L", "P")
    )
    named = hyphenated or (sense.word in pet_forms() and _is_person(reading, index))
    if kind != "O" or sense.shape is not Shape.TITLE:
        return False
    if is_given_name_here(reading, index):
        return True
    return named and (not reading.opens(index) or _is_introduced(reading, index))


def _is_introduced(reading: Reading, index: int) -> bool:
    """Whether a kin word or a role and a colon introduce a name: `Dad: Art Bell`."""
    return reading.gaps[index] == ": " and reading.folded(index - 1) in _BEFORE


def _is_person(reading: Reading, index: int) -> bool:
    """A pet form that is a word as well, where a person stands: `Cliff Dhaliwal`, `Art's`, `uncle Art`."""
    after = reading.text[reading.close(index) :][:2]
    before = reading.folded(index - 1)
    kin = before in v.KIN or before.removesuffix("s") in v.KIN
    return kin or after in ("'s", "\u2019s") or _before_family(reading, index + 1)


def _before_family(reading: Reading, index: int) -> bool:
    return (
        reading.kind(index) == "P"
        and reading.gaps[index] in (" ", "\n")
        and not is_institution(reading, index)
    )


def _continues(reading: Reading, index: int, start: int, learned: frozenset[str]) -> bool:  # noqa: PLR0911 - a list of cases
    if not joins(reading, index) or _is_new_line(reading, index):
        return False
    sense, kind = reading.senses[index], reading.kind(index)
    if sense is None and meanings_of_word(reading, index) & meanings(reading, index - 1):
        return True
    if sense is None and _is_small_end(reading, index):
        return True
    if sense is None:
        return reading.folded(index) in _JOINING and reading.kind(index + 1) in (
            "P", "L", "G",
        ) and joins(reading, index + 1)  # fmt: skip
    if sense.shape is Shape.SMALL:
        return kind == "L" and _continues_small(reading, index, sense)
    if kind in ("L", "G", "P"):
        return True
    if kind == "I":
        return trails(reading, index, start)
    if kind in ("S", "T") and _is_proper_family(reading, index):
        return True
    if kind == "A":
        return (
            reading.words[index - 1].isupper()
            and len(sense.word) >= _CAPITAL_NAME
            and sense.word not in v.ACRONYMS
        )
    family = kind == "O" and _is_family(reading, index)
    return family or (kind in ("O", "S") and tight(reading, index)) or sense.word in learned


def _continues_small(reading: Reading, index: int, sense: Sense) -> bool:
    """Not in `Mrs Moss will stay`, though her son is Will."""
    if sense.ordinary and reading.words[index - 1][0].isupper() and not tight(reading, index):
        return False
    same = meanings(reading, index) & meanings(reading, index - 1)
    return bool(same) or reads_as_name(reading, index) or tight(reading, index)


def _is_loose(reading: Reading, index: int) -> bool:
    """Particles and possessives do not end a name."""
    return reading.senses[index] is None and not _is_small_end(reading, index)


def _is_new_line(reading: Reading, index: int) -> bool:
    """A word that opens a line is not the end of another's name: `Ann Moss` and below it `Present`."""
    if "\n" not in reading.gaps[index] or not reading.opens(index):
        return False
    return not meanings(reading, index) & meanings(reading, index - 1)


def _turned(reading: Reading, index: int) -> bool:
    """`Field, Hope`: the given name of the person whose family name stands before the comma."""
    return index < len(reading.words) and reading.gaps[index] in (", ", ",\n") and turns(reading, index)


def _is_small_end(reading: Reading, index: int) -> bool:
    """A family name or its initial in small letters after a given name: `edward threlkeld`, `reuben p`."""
    before, word = reading.senses[index - 1], reading.folded(index)
    if before is None or before.shape is not Shape.SMALL or reading.gaps[index] not in (" ", "\n"):
        return False
    if len(word) == 1 and word not in ("a", "i"):
        return bool(meanings(reading, index - 1) & reading.roster.letters.get(word, set()))
    return before.given and len(word) > _CAPITAL_NAME and not is_ordinary(word)


def _is_proper_family(reading: Reading, index: int) -> bool:
    """A town or an office as a family name after a given name: `Tobias York`, `Ann Judge`."""
    sense = reading.senses[index]
    if sense is None or sense.shape is not Shape.TITLE or reading.gaps[index] not in (" ", "\n"):
        return False
    plain = sense.word not in v.MONTHS and not sense.word.endswith("day")
    before = reading.senses[index - 1]
    given = before is not None and (before.kind == "G" or (before.kind == "L" and before.given))
    return plain and given and not is_institution(reading, index)


def _is_family(reading: Reading, index: int) -> bool:
    """An ordinary word with a capital right after a given name or initial, such as `Tobias Grange`."""
    sense, before = reading.senses[index], reading.kind(index - 1)
    if sense is None or sense.shape is not Shape.TITLE:
        return False
    if sense.word in _NO_FAMILY and (
        sense.word in v.FUNCTION | v.SPEECH or sense.word not in word_surnames()
    ):
        return False
    if before in ("P", "O") and reading.gaps[index] in (" ", "\n"):
        named = sense.word in word_surnames() or (before == "P" and sense.word not in PARTS | v.MONTHS)
        return named and sense.word not in _HOUSES
    return before in ("G", "I") or (before == "L" and sense.word not in _HOUSES)


def _phrase(reading: Reading, start: int) -> tuple[int, tuple[Span, frozenset[int]]] | None:
    """An alias of several words, such as `Nana Dee`, with its kin word."""
    sense = reading.senses[start]
    if sense is None or not sense.phrase:
        return None
    for words, party in reading.roster.phrases[sense.word]:
        last = start + len(words) - 1
        plural = reading.folded(last) == f"{words[-1]}s"
        same = all(reading.folded(start + i) == word for i, word in enumerate(words[:-1]))
        if same and (plural or reading.folded(last) == words[-1]):
            span = Span(reading.starts[start], reading.close(last) - plural, SpanKind.PERSON)
            return last, (span, frozenset({party}))
    return None


def _named_by_title(reading: Reading, index: int) -> bool:
    """Any word with a capital right after a title or a role: `DS Long`, `prisoner Cope`."""
    sense = reading.senses[index]
    if sense is None or (sense.shape is Shape.CAPITALS and len(sense.word) < _CAPITAL_NAME):
        return False
    if reading.titled(index) and sense.shape is Shape.TITLE and _is_strong(reading, index - 1):
        return sense.word not in v.FUNCTION or reading.folded(index - 1) in v.PLAIN_TITLES
    if sense.word in _NO_NAME:
        return False
    if reading.titled(index):
        plain = reading.folded(index - 1) in v.PLAIN_TITLES or reading.words[index - 1][0].isupper()
        return plain and not (sense.kind == "A" and reading.words[index - 1].isupper() and sense.ordinary)
    before = reading.folded(index - 1)
    return (
        (sense.kind == "O" or (sense.kind == "S" and sense.word in word_surnames()))
        and reading.gaps[index].isspace()
        and before in _BEFORE
        and reading.words[index - 1].islower()
    )


def _is_strong(reading: Reading, index: int) -> bool:
    """A title that nothing but a name follows: `Mr March`, `DC Judge`, not `SW Team`."""
    word = reading.folded(index)
    return word in v.PLAIN_TITLES or (word in v.RANKS and reading.words[index][0].isupper())
