"""Texts with places in them: what differs from one thread to the next that is told in the same words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_MINUTE_US: Final = 60_000_000
_PARTS: Final = re.compile(
    r"((?<![0-9a-f])(?:[0-9a-f]{64}|[0-9a-f]{32})(?![0-9a-f])"
    r"|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00))"
)
_HASH_DIGITS: Final = 64
_ID_DIGITS: Final = 32

Pieces = tuple[str | int, ...]
"""A text: as it is, and numbers of places."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A time in a text: microseconds since 1970, how many digits of a second it shows, and how it ends."""

    us: int
    digits: int
    ending: str

    def write(self, shift: "Shift") -> str:
        """As it is written so much later."""
        moment = _EPOCH + timedelta(microseconds=shift.of(self.us))
        text = moment.strftime("%Y-%m-%dT%H:%M:%S")
        fraction = f".{moment.microsecond:06}"[: self.digits + 1] if self.digits else ""
        return f"{text}{fraction}{self.ending}"


@dataclass(frozen=True, slots=True)
class Shift:
    """By how many microseconds a thread is moved: whole weeks, and a little where the time is not round.

    Days of the week stay what they are, and limits that end at a full hour still do.
    """

    weeks_us: int
    little_us: int

    def of(self, us: int) -> int:
        """A time, moved."""
        return us + self.weeks_us + (self.little_us if us % _MINUTE_US else 0)


@dataclass
class Places:
    """The places of one thread's texts.

    Attributes:
        known: hexadecimal hashes that differ from thread to thread, by what they are: `record`, `text`,
            `person`, `seal`; other hashes are the same for all.
        people: made-up ids of subjects.
        ids: places of ids; each thread has its own.
        hashes: places of hashes that nobody can compute again, such as of a seal that is gone.
        times: places of times.
    """

    known: dict[str, str]
    people: frozenset[str]
    count: int = 0
    by_text: dict[str, int] = field(default_factory=dict)
    ids: list[int] = field(default_factory=list)
    hashes: list[int] = field(default_factory=list)
    times: list[tuple[int, Moment]] = field(default_factory=list)

    def split(self, text: str) -> str | Pieces:
        """A text with its places; the text itself if it has none."""
        pieces: list[str | int] = []
        for number, part in enumerate(_PARTS.split(text)):
            place = self._place(part) if number % 2 else None
            if place is not None:
                pieces.append(place)
            elif part and pieces and isinstance(pieces[-1], str):
                pieces[-1] += part
            elif part:
                pieces.append(part)
        return text if len(pieces) == 1 and isinstance(pieces[0], str) else tuple(pieces)

    def place(self, text: str) -> int:
        """The place of an id or hash."""
        if text not in self.by_text:
            self.by_text[text] = self.count
            self.count += 1
            if len(text) == _ID_DIGITS and text not in self.people:
                self.ids.append(self.by_text[text])
            elif self.known.get(text) == "seal":
                self.hashes.append(self.by_text[text])
        return self.by_text[text]

    def _place(self, text: str) -> int | None:
        if "T" in text:
            return self._time(text)
        if len(text) == _HASH_DIGITS and text not in self.known:
            return None
        return self.place(text)

    def _time(self, text: str) -> int:
        if text not in self.by_text:
            self.by_text[text] = self.count
            self.times.append((self.count, _read(text)))
            self.count += 1
        return self.by_text[text]


def fill(pieces: str | Pieces, values: Sequence[Any]) -> str:
    """The text, with values in its places."""
    if isinstance(pieces, str):
        return pieces
    return "".join([piece if isinstance(piece, str) else values[piece] for piece in pieces])


def _read(text: str) -> Moment:
    ending = "Z" if text.endswith("Z") else "+00:00"
    seconds, _, fraction = text.removesuffix(ending).partition(".")
    at = datetime.fromisoformat(f"{seconds}+00:00")
    us = (at - _EPOCH) // _MICROSECOND + int(fraction.ljust(6, "0")[:6] or 0)
    return Moment(us, len(fraction), ending)
