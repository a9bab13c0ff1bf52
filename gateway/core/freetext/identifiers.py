"""Identifiers and contact details by format and check digit, in one pass over the text.

Formats: NHS number (NHS Data Dictionary, modulus 11), PNC id and CRO number (check letter modulus 23), prison
number, CRN, National Insurance number, vehicle registration (current, prefix and suffix), passport, driver
number, UPN, postcode, telephone number. A value of the right format is masked even where its check digit is
wrong, unless the format alone says too little: a slip of the pen must not disclose it.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from gateway.core.freetext.model import Span, SpanKind
from gateway.core.freetext.scanning import Scan

_IDENTIFIER: Final = "IDENTIFIER"
_SEPARATOR: Final = r"[ \n\u00a0.\-\u2010-\u2013]"
_PATTERNS: Final = {
    "driver": r"[A-Z9]{5}[ ]?\d{6}[ ]?[A-Z9]{2}\d[A-Z]{2}",
    "pnc": r"(?:\d{4}|\d{2})/\s?\d{1,7}\s?[A-HJ-NP-RT-Z]",
    "cro": r"(?:SF\s?\d{2}/\s?\d{1,6}|\d{1,6}/\s?\d{2})\s?[A-HJ-NP-RT-Z]",
    "nino": r"[A-Z]{2}[\s.-]?\d{2}[\s.-]?\d{2}[\s.-]?\d{2}[\s.-]?[A-D]",
    "prison": r"[A-Z]\d{4}[ ]?[A-Z]{2}",
    "upn": r"[A-Z]\d{11}[0-9A-Z]",
    "crn": r"[A-Z][ ]?\d{6}",
    "postcode": r"(?:GIR[ ]?0AA|[A-Z]{1,2}\d[A-Z\d]?[ \u00a0]{0,2}\n?\d[A-Z]{2})",
    "plate": r"[A-Z]{2} ?\d{2}[\s-]?[A-Z]{3}|[A-Z]\d{1,3}[ -]?[A-Z]{3}"
    r"|[A-Z]{3}[ -]?\d{1,3}[A-Z]|[A-Z]{2,3}Z[ ]?\d{2,4}",
    "phone": rf"(?:\+|00)44(?:{_SEPARATOR}?\(?\d\)?){{9,11}}"
    r"|\(?0[ ]?\d(?:[ \n\u00a0.()/\-\u2010-\u2013]{0,3}\d){7,9}|7\d{3}[ -]?\d{3}[ -]?\d{3}",
    "international": rf"\+\d{{1,3}}(?:{_SEPARATOR}?\(?\d\)?){{6,12}}",
    "nhs": rf"\d{{3}}{_SEPARATOR}?\d{{3}}{_SEPARATOR}?\d{{4}}",
    "passport": r"\d{9}|\d{3} \d{3} \d{3}",
}
_KINDS: Final = {"postcode": SpanKind.POSTCODE, "phone": SpanKind.PHONE, "international": SpanKind.PHONE}
_START: Final = r"(?<![^\W_])(?<![/.+]\d)(?=[A-Za-z]{0,5}[ \n-]?\d|\+\d|\(\+?[0\d]|[Ss][Ff] ?\d|[Gg][Ii][Rr])"
_END: Final = r"(?![^\W_])"
_NUMBERS: Final = re.compile(
    rf"{_START}(?:" + "|".join(f"(?P<{name}>{each}){_END}" for name, each in _PATTERNS.items()) + ")",
    re.IGNORECASE,
)
_LETTERS: Final = re.compile(r"(?<![^\W_])[A-Za-z]{1,5}[ \n-]?\Z")
_FARTHEST: Final = 7
"""How far before its first digit the letters of a number are looked for."""
_SMALL_WORD: Final = re.compile(
    r"(?:no|to|at|in|on|of|by|is|was|and|the|for|age|aged|day|about|over|s|ss|p|x|v|y|yr|m|st|l|room|cat|tier|from|mid)"
    r"[ -]?\d",
    re.IGNORECASE,
)
_ORDINAL: Final = re.compile(r"\d\s?(?:st|nd|rd|th|pm|am)$")
_CUED: Final = re.compile(
    r"(?:passport|driving licen[cs]e|licen[cs]e no|ID card|BRP|visa|account(?: no| number)?|acc(?:t)? no"
    r"|sort code"
    r"|NHS|N\.H\.S|UPN|hospital no|MRN|ViSOR|URN|IMEI|roll no)\b"
    r"[^\w\n]*(?:(?:nos?|number|num|ref|is|was|held)\b[.:]?[^\w\n]*){0,4}"
    r"((?=[A-Z0-9/ -]{0,16}\d)(?-i:[A-Z]{0,3})[ ]?\d[\dA-Z/-]*(?:[ -]\d[\dA-Z/-]*){0,5})",
    re.IGNORECASE,
)
_CUES: Final = (
    "passport", "driving licen", "licence no", "license no", "id card", "brp", "visa", "account", "acc no",
    "acct no",    "sort code", "nhs", "n.h.s", "upn", "hospital no", "mrn", "visor", "urn", "imei", "roll no",
)  # fmt: skip
_NHS_WEIGHTS: Final = range(10, 1, -1)
_NHS_MODULUS: Final = 11
_MIN_CUED: Final = 6


def find_numbers(scan: Scan) -> Iterator[Span]:
    """Identifiers, postcodes and telephone numbers of a text, in no order."""
    for match in _candidates(scan):
        loose = match[0][0] == "(" and ")" not in match[0]
        kind = _KINDS.get(match.lastgroup or "", SpanKind.IDENTIFIER)
        yield Span(match.start() + loose, match.end(), kind)
    for match in scan.matches(_CUED, _CUES):
        if sum(letter.isdigit() for letter in match[1]) >= _MIN_CUED:
            yield Span(match.start(1), match.end(1), SpanKind.IDENTIFIER)


def _candidates(scan: Scan) -> Iterator[re.Match[str]]:
    """What has the form of a number, tried only where a number may begin: digits and letters before them."""
    text, reached = scan.text, 0
    for digits in scan.digits:
        for start in _beginnings(text, digits) if digits >= reached else ():
            match = _NUMBERS.match(text, start) if start >= reached else None
            if match and _holds(match.lastgroup or "", match[0], text, start):
                yield match
                reached = match.end()
                break


def _beginnings(text: str, digits: int) -> Iterator[int]:
    """Where a number with these digits may begin: with letters, with a plus or a bracket, with the digits."""
    letters = _LETTERS.search(text, max(0, digits - _FARTHEST), digits)
    if letters:
        yield letters.start()
    if text[max(0, digits - 2) : digits] == "(+":
        yield digits - 2
    if text[max(0, digits - 1) : digits] in ("+", "("):
        yield digits - 1
    yield digits


def is_nhs_number(digits: str) -> bool:
    """Whether ten digits are an NHS number: the weighted sum of all ten is nought modulo 11."""
    total = sum(int(digit) * weight for digit, weight in zip(digits, _NHS_WEIGHTS, strict=False))
    return (-total) % _NHS_MODULUS == int(digits[9])


def find_tails(text: str, phones: Iterable[str]) -> Iterator[Span]:
    """The last six digits of known telephone numbers, as people write a local number."""
    for tail in {squeeze(phone)[-6:] for phone in phones}:
        for match in re.finditer(rf"\b{tail[:3]}[ -]?{tail[3:]}\b", text) if len(tail) == 6 else ():  # noqa: PLR2004
            yield Span(match.start(), match.end(), SpanKind.PHONE)


def squeeze(value: str) -> str:
    """A value without what people put between its signs: capitals and digits alone."""
    return re.sub(r"[^0-9A-Z]", "", value.upper())


def _holds(name: str, value: str, text: str, start: int) -> bool:
    """What the format alone does not settle."""
    if name == "nhs":
        return is_nhs_number(squeeze(value)) or "nhs" in text[max(0, start - 24) : start].lower()
    if name in ("postcode", "plate"):
        small = _SMALL_WORD.match(value) and not value[:3].isupper()
        return not small and not _ORDINAL.search(value) and (value.upper() == value or _has_form(name, value))
    if name == "crn":
        return value[0].isupper() or text[max(0, start - 8) : start].lower().rstrip(" :.").endswith("crn")
    return name != "phone" or value[0] == "7" or _is_phone(value)


def _has_form(name: str, value: str) -> bool:
    """Small letters need more: a postcode of five signs or more, a plate of the current form."""
    if name == "postcode":
        return re.search(r"\d(?!mg|ml|kg|km|cm|mm)[a-z]{2}$", value.lower()) is not None
    return re.fullmatch(r"[a-z]{2}\d{2} ?[a-z]{3}", value) is not None


def _is_phone(value: str) -> bool:
    digits = squeeze(value)
    return len(digits) >= (11 if digits.startswith(("07", "00")) else 10)
