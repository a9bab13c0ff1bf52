"""Writes to a terminal: wrapped to its width, indented, with colour only where somebody looks."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from enum import Enum
from typing import Final, TextIO

_WIDEST: Final = 100
_NARROWEST: Final = 60
_RESET: Final = "\x1b[0m"


class Style(Enum):
    """How a piece of text stands out."""

    PLAIN = ""
    BOLD = "\x1b[1m"
    FAINT = "\x1b[2m"
    GOOD = "\x1b[32m"
    WAITS = "\x1b[33m"
    BAD = "\x1b[31m"
    TITLE = "\x1b[1;36m"


class Terminal:
    """One stream of text.

    Args:
        stream: Where to; colour is used only if it is a terminal and `NO_COLOR` is not set.
    """

    def __init__(self, stream: TextIO = sys.stdout) -> None:
        self._stream: Final = stream
        self._coloured: Final = stream.isatty() and "NO_COLOR" not in os.environ
        columns = shutil.get_terminal_size((_WIDEST, 24)).columns if stream.isatty() else _WIDEST
        self.width: Final = max(_NARROWEST, min(_WIDEST, columns))

    def blank(self) -> None:
        """An empty line."""
        self._print("")

    def rule(self, character: str = "─") -> None:
        """A line across."""
        self._print(self._paint(character * self.width, Style.FAINT))

    def line(self, text: str, style: Style = Style.PLAIN, *, indent: int = 0) -> None:
        """One paragraph, wrapped."""
        for part in self._wrap(text, " " * indent, " " * indent):
            self._print(self._paint(part, style))

    def entry(self, label: str, text: str, style: Style = Style.PLAIN, *, indent: int, column: int) -> None:
        """A label, and at a column further right a paragraph."""
        lead = " " * indent + label.ljust(column - indent - 1) + " "
        parts = self._wrap(text, " " * len(lead), " " * len(lead)) or [""]
        self._print(self._paint(lead, Style.FAINT) + self._paint(parts[0][len(lead) :], style))
        for part in parts[1:]:
            self._print(self._paint(part, style))

    def ends(self, left: str, right: str, *, left_style: Style, right_style: Style, indent: int = 0) -> None:
        """Two texts at both ends of a line; the left one wraps if both do not fit."""
        room = self.width - indent - len(right) - 4
        parts = textwrap.wrap(left, room) or [""]
        for part in parts[:-1]:
            self._print(" " * indent + self._paint(part, left_style))
        parts[-1] = "  " + parts[-1] if len(parts) > 1 else parts[-1]
        gap = " " * (self.width - indent - len(parts[-1]) - len(right))
        self._print(" " * indent + self._paint(parts[-1], left_style) + gap + self._paint(right, right_style))

    def raw(self, text: str, style: Style = Style.PLAIN, *, indent: int = 0) -> None:
        """One line that must not be wrapped, such as a command."""
        self._print(" " * indent + self._paint(text, style))

    def _wrap(self, text: str, first: str, then: str) -> list[str]:
        return textwrap.wrap(
            text,
            self.width,
            initial_indent=first,
            subsequent_indent=then,
            break_on_hyphens=False,
            break_long_words=False,
        )

    def _paint(self, text: str, style: Style) -> str:
        return f"{style.value}{text}{_RESET}" if self._coloured and style.value and text else text

    def _print(self, text: str) -> None:
        print(text, file=self._stream, flush=True)
