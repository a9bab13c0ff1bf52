"""Masking a text for a recipient: what must go, and what stays because the recipient may know it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from gateway.core.freetext.addresses import (
    AddressForms,
    collect_forms,
    find_listed,
    is_other_house,
    read_numbers,
)
from gateway.core.freetext.births import find_births
from gateway.core.freetext.contacts import find_contacts
from gateway.core.freetext.identifiers import find_numbers, find_tails, squeeze
from gateway.core.freetext.model import PartyNames, Span, SpanKind
from gateway.core.freetext.persons import find_persons
from gateway.core.freetext.places import find_places
from gateway.core.freetext.reading import Reading, Sense
from gateway.core.freetext.roster import Roster, build_roster
from gateway.core.freetext.runs import chain
from gateway.core.freetext.scanning import Scan
from gateway.core.freetext.zones import drop_places
from services.kit.evidence.derive import apply_mask

_LOCAL: Final = frozenset({SpanKind.ADDRESS, SpanKind.PLACE, SpanKind.POSTCODE})
_BRIDGE: Final = re.compile(r"[\s,]+|\s+(?:on|at|in|off)\s+")
_TOUCH: Final = re.compile(r"\s+|[-\u2010\u2011]\s*\n\s*")
_TURNED: Final = re.compile(r", ?|/")
_PERSONS: Final = frozenset({SpanKind.PERSON, SpanKind.STRANGER})
_HANDLE_LEFT: Final = re.compile(r"(?<![\w.])(?:[a-z0-9]+[._])+\Z")
_HANDLE_RIGHT: Final = re.compile(r"(?:[._][a-z0-9]\w*)+|\d{2,}\b")
_MIN_DISTRICT: Final = 3
_WEIGHTS: Final = {SpanKind.STRANGER: 0, SpanKind.PLACE: 1, SpanKind.POSTCODE: 2}


@dataclass(slots=True)
class Case:
    """The parties of one case, made ready once for all texts of it.

    Attributes:
        protected: whom this recipient must not learn of.
        kept: whom it may know.
    """

    protected: tuple[PartyNames, ...]
    kept: tuple[PartyNames, ...]
    roster: Roster = field(init=False)
    forms: AddressForms = field(init=False)
    kept_forms: AddressForms = field(init=False)
    values: frozenset[str] = field(init=False)
    _senses: dict[str, Sense | None] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Makes the forms of all names and addresses."""
        self.roster = build_roster(self.protected, self.kept)
        self.forms, self.kept_forms = collect_forms(self.protected), collect_forms(self.kept)
        self.forms.towns |= self.kept_forms.towns
        self.roster.towns = self.forms.towns
        self.values = _values(self.kept) - _values(self.protected)

    def find(self, text: str, *, places_stay: bool = False) -> tuple[Span, ...]:
        """The spans of a text that must be masked, in order, none touching another."""
        found = self._find(text)
        return merge(text, drop_places(text, found) if places_stay else found)

    def _find(self, text: str) -> list[Span]:
        starts = frozenset((*self.forms.bases, *self.kept_forms.bases))
        reading = Reading(text, self.roster, self._senses, starts)
        scan = Scan(text)
        mentions = list(find_persons(reading))
        hidden = [span for span, parties in mentions if not self._may_stay(parties)]
        staying = [span for span, parties in mentions if self._may_stay(parties)]
        numbers = [*find_numbers(scan), *find_contacts(scan)]
        births = [day for party in self.protected for day in party.births]
        return [
            *(_widen(text, span) for span in hidden),
            *(each for each in numbers if squeeze(text[each.start : each.end]) not in self.values),
            *find_tails(text, (phone for party in self.protected for phone in party.phones)),
            *find_births(scan, births, (*(span for span, _ in mentions), *numbers)),
            *self._find_locations(reading, scan, staying),
        ]

    def _may_stay(self, parties: frozenset[int]) -> bool:
        return bool(parties) and not self.roster.is_protected(parties)

    def _find_locations(self, reading: Reading, scan: Scan, staying: list[Span]) -> Iterator[Span]:
        numbers = read_numbers(scan)
        listed = find_listed(reading, self.forms, numbers, known=False)
        protected = [_chained(reading, each, self.forms) for each in listed]
        kept = [
            _chained(reading, each, self.kept_forms)
            for each in find_listed(reading, self.kept_forms, numbers, known=True)
            if not is_other_house(reading.text[each.start : each.end], self.kept_forms)
        ]
        yield from protected
        for place in find_places(reading, self.forms):
            inside = [
                each for each in (*kept, *staying) if each.start <= place.start and place.end <= each.end
            ]
            if not inside:
                yield place
        yield from _find_districts(reading.text, self.forms)


def mask_text(
    text: str, protected: Sequence[PartyNames], kept: Sequence[PartyNames], *, places_stay: bool = False
) -> tuple[Span, ...]:
    """What must be masked in a text for a recipient.

    Args:
        text: the original, of any length.
        protected: parties whom the recipient must not learn of.
        kept: parties whom it may know. A mention that may mean either is masked.
        places_stay: whether addresses, postcodes and places stay, whosever they are.

    Returns:
        Spans in order, none overlapping or touching: names, homes, identifying places, identifiers and
        contact details of the protected and of everybody whom the structured part does not name.
    """
    return _case(tuple(protected), tuple(kept)).find(text, places_stay=places_stay)


def redact(text: str, spans: Iterable[Span]) -> str:
    """The text with each span replaced by the mark; the text itself if there is none."""
    places = [(span.start, span.end) for span in spans]
    return apply_mask(text, places) if places else text


def merge(text: str, spans: Iterable[Span]) -> tuple[Span, ...]:
    """Spans in order, those that overlap, touch or are parts of one address made one."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and _one(text, merged[-1], span):
            last = merged[-1]
            merged[-1] = Span(last.start, max(last.end, span.end), max(last, span, key=_weight).kind)
        elif span.start < span.end:
            merged.append(span)
    return tuple(merged)


def _weight(span: Span) -> tuple[int, int]:
    """What a merged span is called by: what is surely of a listed party before what only may be, then length.

    Whether a span is masked for a recipient depends on its kind: a protected name is none the less protected
    for touching a longer one that nobody listed.
    """
    return _WEIGHTS.get(span.kind, len(_WEIGHTS)), span.end - span.start


def _one(text: str, left: Span, right: Span) -> bool:
    if right.start <= left.end:
        return True
    between = text[left.end : right.start]
    local = left.kind in _LOCAL and right.kind in _LOCAL - {SpanKind.POSTCODE}
    if right.kind in _PERSONS and _TURNED.fullmatch(between):
        return text[left.start : left.end].isupper()  # `MOSS, Alma`, `MOSS/ALMA`: family name first
    if between == ", " and left.kind is SpanKind.STRANGER and right.kind in _LOCAL:
        return " " not in text[left.start : left.end]  # a house by its name: `Larkmoor, Finch Lane`
    if between == " & " and left.kind is right.kind is SpanKind.STRANGER:
        return True  # a firm: `Venables & Quigley`
    return (_BRIDGE if local else _TOUCH).fullmatch(between) is not None


def _widen(text: str, span: Span) -> Span:
    """A name inside a handle, such as `moss.alma.92`, is masked with all of the handle."""
    left, right = (
        _HANDLE_LEFT.search(text, max(0, span.start - 40), span.start),
        _HANDLE_RIGHT.match(text, span.end),
    )
    start = left.start() if left else span.start
    return Span(start, right.end() if right else span.end, span.kind)


def _chained(reading: Reading, span: Span, forms: AddressForms) -> Span:
    return Span(span.start, chain(reading, span.end, forms), span.kind)


def _find_districts(text: str, forms: AddressForms) -> Iterator[Span]:
    for district in forms.districts:
        if len(district) >= _MIN_DISTRICT:
            for match in re.finditer(rf"\b{re.escape(district)}\b", text, re.IGNORECASE):
                yield Span(match.start(), match.end(), SpanKind.POSTCODE)


def _values(parties: Iterable[PartyNames]) -> frozenset[str]:
    return frozenset(squeeze(value) for party in parties for value in (*party.phones, *party.identifiers))


@lru_cache(maxsize=16)  # few: it holds names in memory
def _case(protected: tuple[PartyNames, ...], kept: tuple[PartyNames, ...]) -> Case:
    return Case(protected, kept)
