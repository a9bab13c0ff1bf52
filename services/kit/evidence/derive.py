"""Derived values: what may stand in place of an original, so that the sender can check it.

A generalised value is a pure, versioned function of the original. A masked text is the original with spans
replaced by a fixed mark and nothing inserted. A function never changes its meaning: a new meaning is a new
version.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final

from services.kit.evidence.errors import NotDerivableError, UnknownFunctionError
from services.kit.evidence.values import JsonValue

DATE_TO_YEAR: Final = "date-to-year/1"
POSTCODE_TO_DISTRICT: Final = "postcode-to-district/1"
MASK: Final = "mask/1"

GLYPH: Final = "\u2588"
MARK: Final = GLYPH * 5
"""Stands for any withheld span, whatever its length: the length of a name is a clue to it."""

_DATE = re.compile(r"([0-9]{4})(?:-[0-9]{2}){0,2}")
_POSTCODE = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?) ?[0-9][A-Z]{2}")
_DISTRICT = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]?")


def date_to_year(value: JsonValue) -> str:
    """`2026-11-23`, `2026-11` or `2026` to `2026`. NotDerivableError for anything else."""
    match = _DATE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise NotDerivableError("not_a_date")
    return match[1]


def postcode_to_district(value: JsonValue) -> str:
    """A United Kingdom postcode, or a district, to its district in capitals: `zz1 4ab` to `ZZ1`.

    The outward code without the sector. NotDerivableError for anything else: what cannot be read with
    certainty is not released in part.
    """
    text = value.strip().upper() if isinstance(value, str) else ""
    if _DISTRICT.fullmatch(text):
        return text
    match = _POSTCODE.fullmatch(text)
    if match is None:
        raise NotDerivableError("not_a_postcode")
    return match[1]


FUNCTIONS: Final[Mapping[str, Callable[[JsonValue], JsonValue]]] = MappingProxyType(
    {DATE_TO_YEAR: date_to_year, POSTCODE_TO_DISTRICT: postcode_to_district}
)
"""The generalisations by name and version."""


def derive(function: str, value: JsonValue) -> JsonValue:
    """Applies a generalisation.

    Raises:
        UnknownFunctionError: no generalisation has this name; `mask/1` is none, having spans of its own.
        NotDerivableError: the value is not of the form that it takes.
    """
    if function not in FUNCTIONS:
        raise UnknownFunctionError("unknown_function")
    return FUNCTIONS[function](value)


def apply_mask(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Replaces spans by the mark, merging those that overlap or touch.

    Args:
        text: the original.
        spans: start and end of each, in code points, end excluded; at least one.

    Raises:
        NotDerivableError: no span, a span empty or outside the text, or a text that contains the mark's
            glyph, so that a reader could not tell what was withheld.
    """
    if GLYPH in text:
        raise NotDerivableError("mark_in_original")
    kept, position = [], 0
    for start, end in _merged(spans, len(text)):
        kept.append(text[position:start])
        position = end
    return MARK.join([*kept, text[position:]])


def is_masking(original: JsonValue, masked: JsonValue) -> bool:
    """Whether a text is the original with spans replaced by the mark, at least one, and nothing inserted.

    The pieces between marks must stand in the original in their order, the first at its start, the last at
    its end, and at least one character must be gone at each mark. Taking each piece at its earliest place is
    enough: a later one only leaves less room for the rest.
    """
    if not isinstance(original, str) or not isinstance(masked, str) or GLYPH in original:
        return False
    first, *middle = masked.split(MARK)
    if not middle or not original.startswith(first):
        return False
    last = middle.pop()
    position: int | None = len(first)
    for piece in middle:
        position = _after(original, piece, position)
    return position is not None and original.endswith(last) and len(original) - len(last) > position


def is_derived(function: str, original: JsonValue, value: JsonValue) -> bool:
    """Whether a value is what this function, or a masking, makes of the original; no, if it is unknown."""
    if function == MASK:
        return is_masking(original, value)
    try:
        made = derive(function, original)
    except (UnknownFunctionError, NotDerivableError):
        return False
    return type(made) is type(value) and made == value


def _after(original: str, piece: str, position: int | None) -> int | None:
    """Where a piece ends at its earliest place with a gap before it. Marks never touch: no piece is empty."""
    if position is None or not piece:
        return None
    start = original.find(piece, position + 1)
    return None if start < 0 else start + len(piece)


def _merged(spans: Iterable[tuple[int, int]], length: int) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if not 0 <= start < end <= length:
            raise NotDerivableError("bad_span")
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    if not merged:
        raise NotDerivableError("no_span")
    return merged
