"""A document in plain words: what stands in each field that is there, whatever its type.

`describe` gives a label and a text for each; `outline` gives what has parts as lines within a line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC
from typing import Any, Final
from zoneinfo import ZoneInfo

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from services.kit.words import date_words, enum_words, plain

Labelled = tuple[str, str]

_LONDON: Final = ZoneInfo("Europe/London")
_NOON: Final = 12
_CODED: Final = frozenset({"role", "owner_role", "countersigned_role", "job", "roles"})
"""Fields of text in which a code may stand by itself, such as a job."""

_CODE: Final = re.compile(r"[A-Z]{5,}|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")  # initials are shorter, and stay
_LONG_CODE: Final = re.compile(r"[A-Z]{2,}(?:_[A-Z0-9]+)+")


@dataclass(frozen=True, slots=True)
class Line:
    """One field of a document.

    Attributes:
        label: what it is called, in plain words.
        texts: what it says, one for each element; empty where it has parts.
        parts: the lines within it, for each element.
    """

    label: str
    texts: tuple[str, ...] = ()
    parts: tuple[tuple[Line, ...], ...] = ()


def outline(document: Message) -> tuple[Line, ...]:
    """The fields that are there, in the order of the contract; what has no words of its own, by its parts."""
    return tuple(_outline_field(field, value) for field, value in document.ListFields())


def _outline_field(field: FieldDescriptor, value: Any) -> Line:
    items = tuple(value) if field.is_repeated else (value,)
    if field.message_type is None or field.message_type.name in _WRITERS:
        return Line(plain(field.name), texts=tuple(_text(field, item) for item in items))
    return Line(plain(field.name), parts=tuple(outline(item) for item in items))


def describe(document: Message) -> list[Labelled]:
    """Label and text for each field that is there; a repeated field gives a line for each element."""
    return [line for field, value in document.ListFields() for line in _lines(field, value)]


def _lines(field: FieldDescriptor, value: Any) -> Iterator[Labelled]:
    if not field.is_repeated or field.message_type is None:
        yield plain(field.name), _texts(field, value)
        return
    for number, item in enumerate(value):
        yield plain(field.name) if number == 0 else "", _text(field, item)


def _text(field: FieldDescriptor, value: Any) -> str:
    if field.message_type is not None:
        return _message(value)
    if field.enum_type is not None:
        return enum_words(field.enum_type, value)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return _string(field.name, value) if isinstance(value, str) else str(value)


def _string(name: str, value: str) -> str:
    """A text as it stands; a code, such as a job, in plain words."""
    known = _CODE.fullmatch(value) if name in _CODED else _LONG_CODE.fullmatch(value)
    return plain(value) if known else value


def _message(message: Message) -> str:
    write = _WRITERS.get(message.DESCRIPTOR.name)
    return write(message) if write else _parts(message)


def _parts(message: Any, *left_out: str) -> str:
    """Every field of a message in one sentence, as far as it has no writer of its own."""
    texts = [
        f"{plain(field.name).lower()}: {_texts(field, value)}"
        for field, value in message.ListFields()
        if field.name not in left_out
    ]
    return _clauses(texts)


def _texts(field: FieldDescriptor, value: Any) -> str:
    return _sentence(_text(field, item) for item in value) if field.is_repeated else _text(field, value)


def _date(date: Any) -> str:
    return date_words(date.year, date.month, date.day)


def _moment(stamp: Any) -> str:
    """A time as people write it, in London: `22 November 2026, 3:17pm`."""
    local = stamp.ToDatetime(tzinfo=UTC).astimezone(_LONDON)
    hour = f"{local.hour % _NOON or _NOON}:{local.minute:02}{'am' if local.hour < _NOON else 'pm'}"
    hour = {"12:00am": "midnight", "12:00pm": "midday"}.get(hour, hour)
    return f"{date_words(local.year, local.month, local.day)}, {hour}"


def _name(name: Any) -> str:
    return f"{name.given} {name.family}".strip()


def _identifier(identifier: Any) -> str:
    system = _text(identifier.DESCRIPTOR.fields_by_name["system"], identifier.system)
    verified = f" (checked by {identifier.verified_by})" if identifier.verified_by else ""
    return f"{system} {identifier.value}{verified}"


def _address(address: Any) -> str:
    return _sentence([*address.lines, f"{address.town} {address.postcode}".strip(), address.local_authority])


def _person(person: Any) -> str:
    """Name first, then what else is known."""
    born = f"born {_date(person.date_of_birth)}" if person.HasField("date_of_birth") else ""
    known = f"also known as {_sentence(person.aliases)}" if person.aliases else ""
    lives = f"at {_address(person.address)}" if person.HasField("address") else ""
    rings = f"telephone {person.telephone}" if person.telephone else ""
    rest = _parts(person, "name", "aliases", "date_of_birth", "identifiers", "address", "telephone")
    return _sentence(
        [_name(person.name), known, born, *map(_identifier, person.identifiers), lives, rings, rest]
    )


def _linked_person(linked: Any) -> str:
    who = _person(linked.person) if linked.HasField("person") else ""
    return _clauses([who, linked.relationship, _parts(linked, "person", "relationship")])


def _restriction(restriction: Any) -> str:
    kind = _text(restriction.DESCRIPTOR.fields_by_name["kind"], restriction.kind)
    since = f"from {_date(restriction.start)}" if restriction.HasField("start") else ""
    until = f"until {_date(restriction.end)}" if restriction.HasField("end") else ""
    work = "affects employment" if restriction.affects_employment else ""
    return _sentence([f"{kind}: {restriction.terms}", f"{since} {until}".strip(), work])


def _offence(offence: Any) -> str:
    when = _date(offence.date) if offence.HasField("date") else ""
    return _sentence([offence.description, when, offence.sentence])


def _rating(rating: Any) -> str:
    fields = rating.DESCRIPTOR.fields_by_name
    rated = f"{_text(fields['group'], rating.group)}: {_text(fields['level'], rating.level).lower()}"
    return f"{rated}. {rating.nature}" if rating.nature else rated


def _sentence(parts: Iterable[str]) -> str:
    return ", ".join(part for part in parts if part)


def _clauses(parts: Iterable[str]) -> str:
    return "; ".join(part.rstrip(".") for part in parts if part)


_WRITERS: Final[dict[str, Callable[[Any], str]]] = {
    "Date": _date,
    "Timestamp": _moment,
    "PersonName": _name,
    "Identifier": _identifier,
    "Address": _address,
    "Person": _person,
    "LinkedPerson": _linked_person,
    "Restriction": _restriction,
    "Offence": _offence,
    "RiskRating": _rating,
}
