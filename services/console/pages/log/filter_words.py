"""What an export of the register was narrowed by, in words."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from services.console import words

_UNKNOWN: Final = "UNKNOWN"


def filter_lines(rows: Any) -> list[str]:
    """Each condition and what it asks for: `Organisation: Kent Police, Kent Probation`.

    Args:
        rows: the member `filters` of a record: lists of a condition and its codes.
    """
    return [_line([str(each) for each in row]) for row in rows]


def _line(row: list[str]) -> str:
    name, *codes = row
    said = _WORDS.get(name, words.code)
    told = (words.code(each) if each == _UNKNOWN else said(each) for each in codes)
    return f"{words.code(name)}: {', '.join(told)}"


_WORDS: Final[Mapping[str, Callable[[str], str]]] = {
    "ORGANISATION": words.organisation,
    "DOCUMENT": words.document,
    "RULE": str,
    "MARKING": lambda code: code.replace("_", "-", 1).replace("_", " "),
}
"""By condition: what its codes are called where plain words of the code are not enough."""
