"""Addresses of listed parties, in whole and in part, and what extends any address to the left and right."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from gateway.core.freetext import vocabulary as v
from gateway.core.freetext.folding import words_of
from gateway.core.freetext.lexicon import harmless_names, is_ordinary
from gateway.core.freetext.model import PartyNames, Span, SpanKind
from gateway.core.freetext.reading import Reading, Shape
from gateway.core.freetext.scanning import Scan

_MIN_HEAD: Final = 3
_REACH: Final = 60
_MOST_UNITS: Final = 3
_HOUR: Final = re.compile(r"(?:[01]\d|2[0-3])[0-5]\d")
_POSTCODE: Final = re.compile(r"[A-Z]{1,2}\d[A-Z\d]? ?\d?[A-Z]{0,2}", re.IGNORECASE)
_NUMBER: Final = r"(?:\d{1,4}(?:\s?[A-Za-z])?(?:\s?[-/\u2013]\s?\d{1,4}[A-Za-z]?)?)"
_UNIT: Final = (
    r"(?:flat|room|unit|apartment|apt|pitch|plot|bedsit|studio|maisonette|berth|caravan|block|house"
    r"|no|number|nos|rm)"
)
_LEVEL: Final = r"(?:top|basement|ground|first|second|third|upper|lower|garden)"
_FLOOR: Final = (
    rf"(?:{_LEVEL}[ -](?:floor[ -])?(?:flat|back|front|rear|left|right|room)|(?:back|front) {_LEVEL} floor)"
)
LEFT: Final = re.compile(
    rf"(?:the (?:caravan|flat|house|farm|cottage|room|annexe|bungalow|boat|houseboat|narrowboat|barge|bedsit"
    rf"|place|flats|shop|yard|lodge|cabin|chalet|static|mobile home|stables|pub|lock-up|garage)"
    rf"(?: (?:at|on|above|over|behind|opposite|by) |, ))?"
    rf"(?:{_FLOOR},?\s+)?(?:\b{_UNIT}\.?\s?(?:\d{{1,4}}[A-Za-z]?\b|(?-i:[A-Z])\b),?\s+)?"
    rf"(?:(?<![\d/.:])\b{_NUMBER},?\s+)?$",
    re.IGNORECASE,
)
RIGHT: Final = re.compile(rf"(?:,\s+(?:{_UNIT})(?:\s?\d{{1,4}}[A-Za-z]?|\s(?-i:[A-Z]))\b)", re.IGNORECASE)
_HOUSE_CUE: Final = re.compile(
    r"(?:\b(?P<at>(?:at|o/s|addr(?:ess)? now|outside|from|opposite|behind|in) )"
    r"(?P<no>(?:no\.? ?|number |num )?)"
    r"|(?P<near>[,=(] ?|\b(?-i:[A-Z])[a-z]+ (?:of|at|@) )(?P<nearno>(?:no\.? ?|number )?)"
    r"|(?P<cue>(?:number|no\.?) ))$",
    re.IGNORECASE,
)
_HOUSE: Final = re.compile(
    r"(?<=[ .(=])\d{1,4}[a-z]?"
    r"(?![\w:/%]|[.,-]\d|\s\d|\s(?:am|pm|hrs?|hours|weeks?|days?|years?|months?"
    r"|mins?|minutes|mg|ml|kg|yrs|yo|wks|miles?|metres?|m|percent|per|to|and|times|occasions|others?|of|st|nd|rd|th"
    r"|january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug"
    r"|sept?|oct|nov|dec|children|people|men|women|tablets|units|pints|cans|grams?|calls|texts|messages)\b)",
    re.IGNORECASE,
)
_FLAT: Final = re.compile(
    rf"\b(?:flat|apartment|apt|maisonette|bedsit|room|rm|pitch)\.?\s?(\d{{1,3}}[a-z]?|[A-F])\b"
    rf"(?! miles| min)|\b{_FLOOR}\b",
    re.IGNORECASE,
)


_UNITS: Final = (
    "flat", "apartment", "apt", "maisonette", "bedsit", "room", "rm", "pitch", "top", "basement", "ground",
    "first", "second", "third", "upper", "lower", "garden", "back", "front",
)  # fmt: skip
_SHORTENED: Final = re.compile(rf"\b(?:{'|'.join(v.SHORT_STREETS)})\Z", re.IGNORECASE)


@dataclass(slots=True)
class AddressForms:
    """What the addresses of one side's parties may be cut down to.

    Attributes:
        bases: first word to runs of folded words: streets and houses without numbers, whole and shortened.
        numbers: house numbers, folded.
        units: flats, rooms and pitches, folded (`flat 3`).
        towns: towns, each as folded words.
        districts: outward codes of postcodes.
    """

    bases: dict[str, set[tuple[str, ...]]] = field(default_factory=dict)
    numbers: set[str] = field(default_factory=set)
    units: set[str] = field(default_factory=set)
    towns: set[tuple[str, ...]] = field(default_factory=set)
    districts: set[str] = field(default_factory=set)


def collect_forms(parties: Sequence[PartyNames]) -> AddressForms:
    """The forms of all addresses of these parties."""
    forms = AddressForms()
    for party in parties:
        forms.towns.update(words_of(town) for town in party.towns)
        for address in party.addresses:
            _add_address(forms, [part.strip() for part in re.split(r"[,\n]", address) if part.strip()])
    return forms


def _add_address(forms: AddressForms, parts: list[str]) -> None:
    if parts and _POSTCODE.fullmatch(parts[-1]):
        forms.districts.add(re.sub(r"\s?\d[A-Z]{2}$", "", parts.pop().upper()))
    if len(parts) > 1 and not re.search(r"\d", parts[-1]):
        forms.towns.add(words_of(parts.pop()))
    for part in map(partial(_split_unit, forms), parts):
        unit = re.match(rf"{_UNIT}\.?\s?(\w{{1,4}})$|{_FLOOR}$", part, re.IGNORECASE)
        if unit:
            forms.units.add(" ".join(re.findall(r"\w+", part.lower())))
            continue
        number = re.match(rf"{_NUMBER}(?=\s)", part)
        if number:
            forms.numbers.add(number[0].lower())
        _add_base(forms, words_of(part[number.end() :] if number else part))


def _split_unit(forms: AddressForms, part: str) -> str:
    """`Flat 12 Hollow Court` without its flat, which is remembered."""
    unit = re.match(rf"({_UNIT}\.?\s?\d{{1,4}}[A-Za-z]?)\s+(?=\D)", part, re.IGNORECASE)
    if unit:
        forms.units.add(" ".join(re.findall(r"\w+", unit[1].lower())))
    return part[unit.end() :] if unit else part


def is_other_house(found: str, forms: AddressForms) -> bool:
    """Whether an address has the number of no listed house: a neighbour's."""
    number = re.match(rf"({_NUMBER}),?\s", found)
    return number is not None and bool(forms.numbers) and number[1].lower() not in forms.numbers


def _add_base(forms: AddressForms, words: tuple[str, ...]) -> None:
    """The words of a street or house, and the same without `the` and without `Street`."""
    words = tuple(v.SHORT_STREETS.get(word, word) if i else word for i, word in enumerate(words))
    shorter = words[1:] if words[:1] == ("the",) else words
    cut = shorter[:-1] if len(shorter) > 1 and shorter[-1] in v.STREETS | v.HOMES else shorter
    several = (words, shorter, cut)
    for each in (*several, *map(_without_apostrophe, several), *map(_with_apostrophe, several)):
        if each and (len(each) > 1 or len(each[0]) > 2):  # noqa: PLR2004
            forms.bases.setdefault(each[0], set()).add(each)


def _without_apostrophe(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(re.sub(r"(?<=\w) s(?= |$)", "s", " ".join(words)).split())


def _with_apostrophe(words: tuple[str, ...]) -> tuple[str, ...]:
    head, *rest = words or ("",)
    return (head[:-1], "s", *rest) if rest and head[-1:] == "s" and len(head) > _MIN_HEAD else words


@dataclass(frozen=True, slots=True)
class Numbers:
    """What looks like the number of a house, with its cue, or like a flat, in a text."""

    houses: tuple[tuple[re.Match[str], re.Match[str]], ...]
    flats: tuple[re.Match[str], ...]


def read_numbers(scan: Scan) -> Numbers:
    """The house numbers and flats of a text, looked for once for the parties of both sides."""
    houses = []
    for digits in scan.digits:
        match = _HOUSE.match(scan.text, digits)
        cue = _HOUSE_CUE.search(scan.text, max(0, digits - 20), digits) if match else None
        if match and cue:
            houses.append((match, cue))
    return Numbers(tuple(houses), tuple(scan.matches(_FLAT, _UNITS)))


def find_listed(reading: Reading, forms: AddressForms, numbers: Numbers, *, known: bool) -> Iterator[Span]:
    """Places where a listed address stands, in whole or cut down to street, house or flat.

    Args:
        reading: the text.
        forms: what the addresses may be cut down to.
        numbers: the text's house numbers and flats.
        known: the recipient may know them, so `Juniper Court` is not the listed `Juniper Row`.
    """
    for index, sense in enumerate(reading.senses):
        if sense is not None and sense.address and sense.word in forms.bases:
            last = _match_base(reading, index, forms)
            if last is not None and not (known and _is_street(reading, last + 1)):
                last += _is_street(reading, last + 1)
                yield extend(reading.text, reading.starts[index], reading.close(last))
    yield from _find_numbers(numbers, forms)


def _match_base(reading: Reading, index: int, forms: AddressForms) -> int | None:
    for words in sorted(forms.bases[reading.folded(index)], key=len, reverse=True):
        last = index + len(words) - 1
        fits = last < len(reading.words) and all(
            _same(reading, index + i, word) for i, word in enumerate(words)
        )
        if fits and (len(words) > 1 or _stands_alone(reading, index)):
            return last
    return None


def _same(reading: Reading, index: int, word: str) -> bool:
    folded = reading.folded(index)
    return folded == word or v.SHORT_STREETS.get(folded) == word


def _is_street(reading: Reading, index: int) -> bool:
    """Whether a word with a capital, parted by a space, ends the name of a street."""
    folded = reading.folded(index)
    if not folded or not reading.gaps[index].isspace() or not reading.words[index][0].isupper():
        return False
    return folded in v.STREETS or folded in v.SHORT_STREETS or folded in v.HOMES


def _stands_alone(reading: Reading, index: int) -> bool:
    """One word of an address gives it away if it is no ordinary word, or has a capital of its own."""
    sense, word = reading.senses[index], reading.folded(index)
    if sense is None or _is_street(reading, index + 1):
        return sense is not None
    if is_ordinary(word) or word in harmless_names():
        opens = reading.opens(index) and not reading.gaps[index].strip(" ").isdigit()
        return sense.shape is not Shape.SMALL and not opens and word not in v.FUNCTION
    return True


def _find_numbers(numbers: Numbers, forms: AddressForms) -> Iterator[Span]:
    for match, cue in numbers.houses:
        if _is_house(match[0].lower(), cue, forms):
            start = cue.start("no") if cue["no"] else cue.start("nearno") if cue["nearno"] else match.start()
            yield Span(cue.start("cue") if cue["cue"] else start, match.end(), SpanKind.ADDRESS)
    for match in numbers.flats:
        flat = not match[0].lower().startswith("room")
        if flat or " ".join(re.findall(r"\w+", match[0].lower())) in forms.units:
            yield Span(match.start(), match.end(), SpanKind.ADDRESS)


def _is_house(number: str, cue: re.Match[str], forms: AddressForms) -> bool:
    """A listed house's number; any after `at number` or with a letter after `at`."""
    known = number in forms.numbers and (len(number) > 1 or bool(cue["cue"] or cue["no"]))
    lettered = number[-1].isalpha() and not number.endswith("m") and (cue["at"] or "").lower() == "at "
    if cue["near"] and number[-1].isalpha() and any(number[:-1] == each[:-1] for each in forms.numbers):
        return True  # another flat of a listed house
    if cue["near"]:
        after_name = not cue["near"].startswith((",", "=", "(")) and len(number) > 1
        after_name &= not _HOUR.fullmatch(number)
        return number in forms.numbers or bool(cue["nearno"]) or after_name
    return known or lettered or bool(cue["no"] and (cue["at"] or "").lower() != "in ")


def extend(text: str, start: int, end: int) -> Span:
    """An address with the number, flat or floor before it and the pitch or flat after it."""
    begin = start
    for _ in range(_MOST_UNITS):
        left = LEFT.search(text, max(0, begin - _REACH), begin)
        begin = left.start() if left else begin
    right = RIGHT.match(text, end)
    stopped = text[end : end + 1] == "." and _SHORTENED.search(text[start:end]) is not None
    end = right.end() if right else end + stopped
    return Span(begin, end, SpanKind.ADDRESS)
