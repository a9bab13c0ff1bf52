"""Places that a text is about, such as an exclusion zone: what is found in it and may stay all the same."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from gateway.core.freetext.model import Span, SpanKind

_PLACES: Final = frozenset({SpanKind.ADDRESS, SpanKind.PLACE, SpanKind.POSTCODE})
_INTO: Final = re.compile(
    r"\b(?:enter|entering|in|into|inside|within|outside"
    r"|(?:area|town|village|city|parts?|boundary|borough|parish|centre|district) of)"
    r"(?:\s+the\s+(?:area|town|village|city|borough|parish|district)s?\s+of)?\s+\Z",
    re.IGNORECASE,
)
_NEXT: Final = re.compile(r"(?:,|,?\s+(?:and|or|nor))\s+")
_OWN: Final = re.compile(r"['\u2019]")


def drop_places(text: str, spans: Iterable[Span]) -> tuple[Span, ...]:
    """The spans without those that are places.

    A name that nobody listed is a place where the text says so: *not to enter Quarley or Wyke*. Whoever is
    listed is never taken for one, nor is what the text says to be somebody's (*in Tarrant's company*).
    """
    found = sorted(spans)
    places = [each for each in found if each.kind in _PLACES]
    strangers = [rest for each in found if each.kind is SpanKind.STRANGER for rest in _outside(each, places)]
    others = (each for each in found if each.kind not in _PLACES | {SpanKind.STRANGER})
    return (*others, *_find_people(text, strangers, {each.end for each in places}))


def _outside(span: Span, places: list[Span]) -> Iterator[Span]:
    """What of a span lies in no place."""
    start = span.start
    for place in places:
        if place.start < span.end and start < place.end:
            if start < place.start:
                yield Span(start, place.start, span.kind)
            start = place.end
    if start < span.end:
        yield Span(start, span.end, span.kind)


def _find_people(text: str, strangers: Iterable[Span], ends: set[int]) -> Iterator[Span]:
    for span in strangers:
        if _is_place(text, span, ends):
            ends.add(span.end)
        else:
            yield span


def _is_place(text: str, span: Span, ends: set[int]) -> bool:
    """Right after a word such as *enter*, or one more name after a place."""
    if _OWN.match(text, span.end):
        return False
    single = " " not in text[span.start : span.end].strip()
    joined = single and any(_NEXT.fullmatch(text, end, span.start) for end in ends)
    return joined or _INTO.search(text, max(0, span.start - 60), span.start) is not None
