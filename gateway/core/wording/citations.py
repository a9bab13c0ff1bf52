"""Paragraphs as they are cited, read so that they can be found: a work, and a paragraph or a range."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

Number = tuple[tuple[int, str], ...]
"""`13b.26` as ((13, "b"), (26, ""))."""

_NUMBER: Final = r"\d+[a-zA-Z]{0,2}(?:\.\d+[a-z]?)*(?![\w.]*\w)"
_TOKEN: Final = re.compile(
    rf"(?P<work>[A-Z][A-Za-z0-9']*[A-Za-z'](?:\d{{3}})?(?: (?:[A-Z][A-Za-z']+|and|of)(?![\w.]))*"
    rf"(?: (?:18|19|20)\d\d(?![\w.]))?)"
    rf"|(?P<first>{_NUMBER})(?: ?(?:to|and|-|\u2013) ?(?P<last>{_NUMBER}))?"
)
_ASKED: Final = re.compile(
    rf"(?P<work>.*?)\s*(?:\bss?\.?|\barticles?|\bparagraphs?|\bparas?\.?|\bchapters?)?\s*"
    rf"(?:(?<![A-Za-z\d])(?P<first>{_NUMBER})(?:\s*(?:to|-|\u2013)\s*(?P<last>{_NUMBER}))?)?(?:\(.*\))?",
    re.IGNORECASE,
)
_SUBSECTION: Final = re.compile(r"\((?:\d+|[a-z]|line \d+)\)")
_YEAR: Final = re.compile(r"(?:18|19|20)\d\d")
_UNITS: Final = frozenset({"article", "part", "parts", "sch", "appendix"})


@dataclass(frozen=True, slots=True)
class Citation:
    """One paragraph, or all from one to another; of a work, in lower case, empty where none is named.

    `first` and `last` are empty for the work as a whole.
    """

    work: str
    first: Number
    last: Number

    def meets(self, other: "Citation") -> bool:
        """Whether what is asked for (this) has a paragraph in common with what is cited."""
        if not other.work.startswith(self.work):
            return False
        return not self.first or (
            _is_at_most(other.first, self.last) and _is_at_most(self.first, other.last) and bool(other.first)
        )


def read_citations(paragraph: str) -> tuple[Citation, ...]:
    """Every work and paragraph that a text cites; a number alone is of the work named before it."""
    return tuple(_read(paragraph))


def read_asked(text: str) -> Citation | None:
    """What somebody asks for, such as `mappa 21.20 to 21.30`, `21` or `DPA 2018 s.67`; None if unreadable."""
    found = _ASKED.fullmatch(text.strip())
    if found is None or not text.strip():
        return None
    work = " ".join(found["work"].casefold().split())
    if found["first"] and _YEAR.fullmatch(found["first"]) and not found["last"]:
        return Citation(f"{work} {found['first']}".strip(), (), ())
    if not found["first"]:
        return Citation(work, (), ())
    return Citation(work, *_span(found["first"], found["last"]))


def _read(paragraph: str) -> Iterator[Citation]:
    work = ""
    for found in _TOKEN.finditer(_SUBSECTION.sub("", paragraph)):
        if found["work"]:
            words = [each for each in found["work"].split() if each.casefold() not in _UNITS]
            work = " ".join(words).casefold() or work
            yield Citation(work, (), ())
        else:
            yield Citation(work, *_span(found["first"], found["last"]))


def _span(first: str, last: str | None) -> tuple[Number, Number]:
    low = _number(first)
    high = low if last is None else _number(last)
    if len(high) < len(low):  # 21.20-30
        high = (*low[: len(low) - len(high)], *high)
    return low, high


def _number(text: str) -> Number:
    found = (re.fullmatch(r"(\d+)(\w*)", part) for part in text.casefold().split("."))
    return tuple((int(each[1]), each[2]) for each in found if each)


def _is_at_most(low: Number, high: Number) -> bool:
    """Whether a paragraph is not after another: 21.28 is not after 21, which is the whole chapter."""
    return low[: len(high)] <= high
