"""What a member of a log entry may look like: codes, ids, hashes, times; never what somebody wrote."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

_CODE: Final = re.compile(r"[A-Za-z0-9_.:/#@()+*-]{1,200}")
# Codes of several agreements stand in one member, with commas between.
_CODES_IN_ONE: Final = re.compile(r"[A-Za-z0-9_.:/#@()+*-]{1,200}(, [A-Za-z0-9_.:/#@()+*-]{1,200}){0,99}")
_HASH: Final = re.compile(r"[0-9a-f]{64}")
_NONCE: Final = re.compile(r"[0-9a-f]{32}")
_MOST: Final = 5000


class Shape(StrEnum):
    """The shapes that members have, as canonical JSON."""

    CODE = "code"
    """A code, an id, or `organisation/desk`: no spaces, at most 200 characters."""
    CODES = "codes"
    """A list of codes."""
    ROWS = "rows"
    """A list of lists of codes."""
    REFERENCE = "reference"
    """A list of codes, each of which may be several with commas between."""
    HASH = "hash"
    """SHA-256, 64 hexadecimal digits: of something that is kept elsewhere, or a salted commitment."""
    HASHES = "hashes"
    """A list of hashes."""
    NONCE = "nonce"
    """128 random bits, 32 hexadecimal digits."""
    TIME = "time"
    """A moment, ISO 8601 with offset."""
    NUMBER = "number"
    """A whole number, not negative."""
    YES_NO = "yes or no"
    """true or false."""


def fits(shape: Shape, value: Any) -> bool:
    """Whether a value is of a shape."""
    return _CHECKS[shape](value)


def _is_code(value: Any) -> bool:
    return isinstance(value, str) and _CODE.fullmatch(value) is not None


def _is_hash(value: Any) -> bool:
    return isinstance(value, str) and _HASH.fullmatch(value) is not None


def _is_time(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _is_list(value: Any, check: Callable[[Any], bool]) -> bool:
    return isinstance(value, list) and len(value) <= _MOST and all(map(check, value))


_CHECKS: Final[Mapping[Shape, Callable[[Any], bool]]] = {
    Shape.CODE: _is_code,
    Shape.CODES: lambda value: _is_list(value, _is_code),
    Shape.ROWS: lambda value: _is_list(value, lambda row: _is_list(row, _is_code)),
    Shape.REFERENCE: lambda value: _is_list(
        value, lambda each: isinstance(each, str) and _CODES_IN_ONE.fullmatch(each) is not None
    ),
    Shape.HASH: _is_hash,
    Shape.HASHES: lambda value: _is_list(value, _is_hash),
    Shape.NONCE: lambda value: isinstance(value, str) and _NONCE.fullmatch(value) is not None,
    Shape.TIME: _is_time,
    Shape.NUMBER: lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= 0,
    Shape.YES_NO: lambda value: isinstance(value, bool),
}
