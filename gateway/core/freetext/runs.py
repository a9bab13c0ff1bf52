"""Runs of words with capitals, and the parts of an address after a comma."""

import re
from bisect import bisect_left
from typing import Final

from gateway.core.freetext import vocabulary as v
from gateway.core.freetext.addresses import RIGHT, AddressForms
from gateway.core.freetext.joining import joins
from gateway.core.freetext.lexicon import PARTS
from gateway.core.freetext.reading import Reading, Shape

_CONNECTORS: Final = frozenset({"and", "of", "y", "yr", "na", "r", "the", "le", "la", "upon"})
_WATERS: Final = frozenset({"sea", "water", "trent", "tees", "tyne", "tweed", "wye", "solent", "marsh"})
_LONGEST_RUN, _MOST_PARTS = 16, 8
"""More than any name of a place has words, and any address parts: a text of nothing else takes no longer."""
_LINK: Final = re.compile(r"\s&\s|['\u2019] ")
_CHAIN: Final = re.compile(r",\s+|\s+(?:on|at|in|off)\s+(?:the\s+)?")
_HOUSE_NUMBER: Final = re.compile(r"(?<![\d/.:])(?:\d{1,3}[/-])?\d{1,4}[A-Za-z]?,? $")
_ALL_PLACES: Final = v.STREETS | v.HOMES | v.PLACES


def chain(reading: Reading, end: int, towns: AddressForms) -> int:
    """Where an address that ends here really ends, the house, village or street after a comma included."""
    for _ in range(_MOST_PARTS):
        right = RIGHT.match(reading.text, end)
        end = right.end() if right else end
        link = _CHAIN.match(reading.text, end)
        index = bisect_left(reading.starts, link.end()) if link else len(reading.starts)
        index = past_letter(reading, index)
        if link is None or index >= len(reading.starts) or reading.senses[index] is None:
            return end
        further = _chained(reading, index, link, towns)
        if further is None:
            return end
        end = further
    return end


def past_letter(reading: Reading, index: int) -> int:
    """The word after a letter that belongs to a number, as in `17B Osier Dale`; else the word itself."""
    lettered = index < len(reading.words) and len(reading.words[index]) == 1
    return index + 1 if lettered and reading.gaps[index][-1:].isdigit() else index


def is_numbered(reading: Reading, index: int) -> bool:
    """Whether the number of a house stands right before a word."""
    start = reading.starts[index]
    return _HOUSE_NUMBER.search(reading.text, max(0, start - 12), start) is not None


def _chained(reading: Reading, index: int, link: re.Match[str], towns: AddressForms) -> int | None:
    """Where the next part of an address ends, if what follows the link is one."""
    gap = reading.text[link.end() : reading.starts[index]]
    sense = reading.senses[index]
    if sense is None or sense.shape is Shape.SMALL or (gap and not re.fullmatch(r"\d{1,4}[A-Za-z]? ", gap)):
        return None
    last = run_end(reading, index)
    place = reading.folded(last) in _ALL_PLACES or reading.folded(last) in v.SHORT_STREETS
    if place and not is_institution(reading, index, last):
        return reading.close(last)
    street = link[0] == " on " and last == index and reading.kind(index) == "P"  # `Foyer on Friargate`
    if not (street or link[0].startswith(",")) or is_institution(reading, index, last):
        return None
    run = tuple(reading.folded(i) for i in range(index, last + 1))
    kinds = {reading.kind(i) for i in range(index, last + 1)} - {""}
    return (
        reading.close(last)
        if run in towns.towns or (kinds <= {"P", "S", "O"} and _is_village(run, kinds) and not is_date(run))
        else None
    )


def _is_village(run: tuple[str, ...], kinds: set[str]) -> bool:
    """A name that is no word, or one word that plays no part in such texts."""
    return bool(kinds & {"P", "S"}) or (len(run) == 1 and not PARTS.intersection(run))


def is_date(run: tuple[str, ...]) -> bool:
    """Whether a run of words is a date or a day."""
    return bool(v.MONTHS.intersection(run)) or any(word.endswith("day") for word in run)


def run_end(reading: Reading, index: int) -> int:
    """The last word of a run of capitals, small connectors inside it."""
    last = index
    while last + 1 < len(reading.words) and last - index < _LONGEST_RUN:
        following = last + 1
        if not _linked(reading, following):
            return last
        sense = reading.senses[following]
        if (sense is not None and sense.shape is not Shape.SMALL) or (
            reading.folded(following) == "s"
            and reading.gaps[following] in "'\u2019"
            and reading.kind(following + 1)
            and last - index < 6  # noqa: PLR2004 - a length, said in the docstring or plain from the line
        ):
            last = following
        elif (beyond := _connected(reading, following)) is not None:
            last = beyond
        else:
            return last
    return last


def _connected(reading: Reading, index: int) -> int | None:
    """The capital after one or two small connectors: `Nant y Wern`, `Our Lady of the Harbour`."""
    for capital in (index + 1, index + 2):
        tied = reading.gaps[index] == "-"  # `Carrow-on-Sea`
        tied = tied or (reading.folded(index) == "on" and reading.folded(index + 1) in _WATERS)
        small = tied or all(reading.folded(i) in _CONNECTORS for i in range(index, capital))
        if (
            small
            and all(_linked(reading, i) for i in range(index + 1, capital + 1))
            and has_capital(reading, capital)
        ):
            return capital
    return None


def _linked(reading: Reading, index: int) -> bool:
    return joins(reading, index) or (
        index < len(reading.words) and _LINK.fullmatch(reading.gaps[index]) is not None
    )


def has_capital(reading: Reading, index: int) -> bool:
    """Whether a word exists and has a capital."""
    return index < len(reading.words) and reading.words[index][0].isupper()


def _crowned(reading: Reading, last: int) -> frozenset[str]:
    """`Crown Bakery` is none of the Crown's."""
    shop = reading.folded(last) in _ALL_PLACES and reading.folded(last) not in ("court", "centre")
    return frozenset({"crown"}) if shop else frozenset()


def is_institution(reading: Reading, first: int, last: int) -> bool:
    """Prisons, hospitals, forces, courts and the like."""
    words = {reading.folded(i) for i in range(first, last + 1)}
    after = reading.folded(last + 1) if joins(reading, last + 1) else ""
    if "mother" in words and "baby" in words:
        return False
    if words & v.INSTITUTIONS - _crowned(reading, last) or reading.folded(first - 1) in (
        "hmp",
        "yoi",
        "hmyoi",
    ):
        return True
    court = reading.folded(last) in ("court", "centre", "courts") and words & v.COURTS
    return bool(court) or after in {
        "hospital",
        "infirmary",
        "prison",
        "police",
        "council",
        "magistrates",
        "constabulary",
        "ward",
    }
