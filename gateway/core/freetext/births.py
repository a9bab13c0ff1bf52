"""Dates of birth: dates beside a word for birth, a name or an identifier, and those known to be a party's.

Other dates are left: the day of an event is what a narrative is about.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from gateway.core.freetext.model import Span, SpanKind
from gateway.core.freetext.scanning import Scan

_MONTHS: Final = (
    "jan(?:uary)?", "feb(?:ruary)?", "mar(?:ch)?", "apr(?:il)?", "may", "june?", "july?", "aug(?:ust)?",
    "sept?(?:ember)?", "oct(?:ober)?", "nov(?:ember)?", "dec(?:ember)?",
)  # fmt: skip
_MONTH: Final = "|".join(_MONTHS)
_DATE: Final = re.compile(
    r"(?<![\w/.])(?:(?P<day>\d{1,2})(?P<sep>[./\- ])(?P<month>\d{1,2})(?P=sep)(?P<year>\d{4}|\d{2})"
    rf"|(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?(?: of)?[ -]?"
    rf"(?P<month2>{_MONTH})[, -]{{0,2}}(?P<year2>\d{{4}}|\d{{2}})"
    rf"|(?P<month3>{_MONTH}) (?P<day3>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<year3>\d{{4}})"
    r"|(?P<year4>(?:19|20)\d{2})-(?P<month4>\d{2})-(?P<day4>\d{2}))(?![\w/])",
    re.IGNORECASE,
)
_MONTH_FIRST: Final = re.compile(rf"(?:{_MONTH}) \Z", re.IGNORECASE)
_LONGEST: Final = len("september ")
_CUE: Final = re.compile(
    r"(?:\bd\.?\s?o\.?\s?bs?\b\.?|\bborn\b|\bdate of birth\b|\bbirth ?da(?:y|te)\b|\bb\.)[^\n;]{0,24}$"
    r"|\b(?:yrs?|y/?o|years old|boy|girl|son|daughter|baby|child)[ ,(]{1,3}$",
    re.IGNORECASE,
)
_BESIDE: Final = re.compile(r"^(?:['\u2019]?s)?\s?[,:(;/\-\u2013]{0,2}\s?$")
_LABEL: Final = re.compile(r"^[\s,:;()/\-\u2013]{0,3}(?:(?:NHS|PNC|CRO|NI|NINO|CRN)(?: no\.?)?[: ]{0,2})?$")
_PERSONS: Final = (SpanKind.PERSON, SpanKind.STRANGER)
_CENTURY: Final = 2000
_REACH: Final = 40
_FULL_YEAR: Final = 4


def find_births(scan: Scan, births: Iterable[tuple[int, int, int]], beside: Iterable[Span]) -> Iterator[Span]:
    """Dates of birth in a text.

    Args:
        scan: the text.
        births: dates known to be a protected party's, as (year, month, day).
        beside: mentions of persons and identifiers: a full date touching one is taken for a birth.
    """
    text, found = scan.text, list(_dates(scan))
    known, spans = set(births), sorted(beside) if found else []
    for match in found:
        if (
            _CUE.search(text, max(0, match.start() - _REACH), match.start())
            or _value(match) in known
            or _touches(text, match, spans)
        ):
            yield Span(match.start(), match.end(), SpanKind.BIRTH)


def _dates(scan: Scan) -> Iterator[re.Match[str]]:
    """Dates of a text, in order: they begin with digits, or with a month before them."""
    text, reached = scan.text, 0
    for digits in scan.digits:
        month = _MONTH_FIRST.search(text, max(0, digits - _LONGEST), digits)
        for start in (month.start(), digits) if month else (digits,):
            match = _DATE.match(text, start) if start >= reached else None
            if match:
                yield match
                reached = match.end()
                break


def _touches(text: str, match: re.Match[str], spans: list[Span]) -> bool:
    """Whether the date stands beside an identifier, or, as births are written, right after a name."""
    full = _is_full(text, match) or _value(match)[0] < _CENTURY
    for each in spans:
        person = each.kind in _PERSONS
        before = 0 <= match.start() - each.end <= 5 and _BESIDE.match(text[each.end : match.start()])  # noqa: PLR2004
        after = 0 <= each.start - match.end() <= 8 and _LABEL.match(text[match.end() : each.start])  # noqa: PLR2004
        if (before and (full or not person)) or (after and not person):
            return True
    return False


def _is_full(text: str, match: re.Match[str]) -> bool:
    """A year of four digits, or the whole date in brackets: `(08.02.90)` right after a name."""
    bracketed = text[: match.start()].endswith("(") and text[match.end() :][:1] in (")", ",", ";")
    return bracketed or len(_part(match, "year")) == _FULL_YEAR


def _value(match: re.Match[str]) -> tuple[int, int, int]:
    year, month = _part(match, "year"), _part(match, "month")
    number = int(month) if month.isdigit() else _month_number(month)
    century = 0 if len(year) > 2 else (1900 if int(year) > 30 else 2000)  # noqa: PLR2004 - as people write years
    return int(year) + century, number, int(_part(match, "day"))


def _part(match: re.Match[str], name: str) -> str:
    return next(value for key, value in match.groupdict().items() if key.rstrip("234") == name and value)


def _month_number(name: str) -> int:
    return next(i for i, each in enumerate(_MONTHS, 1) if re.fullmatch(each, name, re.IGNORECASE))
