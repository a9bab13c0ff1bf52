"""A filter of the register as an address has it: codes, made-up ids and days; never a name or a text."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from google.protobuf.timestamp_pb2 import Timestamp
from publicprotection.common.v1.organisation_pb2 import Marking
from publicprotection.exchange.v1.header_pb2 import Purpose, Urgency
from publicprotection.oversight.v1 import register_service_pb2 as pb2

from services.console.form_fields import day_after
from services.console.words import LONDON, day, document, enum_words, marking, organisation

MADE_UP: Final = re.compile(r"(?=[A-Za-z._:-]*\d)[A-Za-z0-9._:-]{16,64}")
"""Ids of exchanges and people: long, and with a digit. What does not look so is not put into an address."""

RULE: Final = re.compile(r"(?=[A-Za-z._/]*[0-9-])[A-Za-z0-9][A-Za-z0-9._/-]{0,63}")
_BODY: Final = re.compile(r"[a-z][a-z0-9-]{1,62}")
_DOCUMENT: Final = re.compile(r"[A-Z][A-Za-z0-9]{1,62}")
_MOST: Final = 10
_YES: Final = "yes"

Query = dict[str, list[str]]
"""Names and values of an address's question."""

RESULTS: Final = {
    pb2.EXCHANGE_RESULT_RELEASED: ("Released", "green"),
    pb2.EXCHANGE_RESULT_RELEASED_IN_PART: ("Released in part", "turquoise"),
    pb2.EXCHANGE_RESULT_HELD: ("Held", "yellow"),
    pb2.EXCHANGE_RESULT_REFUSED: ("Refused", "red"),
    pb2.EXCHANGE_RESULT_RECALLED: ("Recalled", "grey"),
}
"""By result: its words, and the colour of its tag."""

PARTS: Final = {
    pb2.EXCHANGE_PART_UNSPECIFIED: "Sent or received",
    pb2.EXCHANGE_PART_SENDER: "Sent by",
    pb2.EXCHANGE_PART_RECIPIENT: "Sent to",
}


@dataclass(frozen=True, slots=True)
class Chip:
    """One condition of a filter, as it is shown above the list.

    Attributes:
        field: what it is about.
        text: what is asked for.
        without: the question of the same filter without it.
    """

    field: str
    text: str
    without: Query


@dataclass(frozen=True, slots=True)
class _Many:
    """A field of a filter that may have several values.

    Attributes:
        name: in an address.
        field: of the filter.
        title: what it is called.
        words: of a value.
        admits: whether a value that somebody put into an address may be asked for.
        number: whether it is a number of an enumeration.
    """

    name: str
    field: str
    title: str
    words: Callable[[Any], str]
    admits: Callable[[str], bool]
    number: bool = False


def _among(enum: Any) -> Callable[[str], bool]:
    known = {str(number) for number in enum.values() if number}
    return known.__contains__


def _like(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda value: pattern.fullmatch(value) is not None


_FIELDS: Final = (
    _Many("organisation", "organisations", "Agency", organisation, _like(_BODY)),
    _Many("document", "document_types", "Document", document, _like(_DOCUMENT)),
    _Many("result", "results", "Outcome", lambda n: RESULTS[n][0], _among(pb2.ExchangeResult), number=True),
    _Many("purpose", "purposes", "Purpose", lambda n: enum_words(n, Purpose), _among(Purpose), number=True),
    _Many("urgency", "urgencies", "Urgency", lambda n: enum_words(n, Urgency), _among(Urgency), number=True),
    _Many("marking", "markings", "Marking", marking, _among(Marking), number=True),
    _Many("rule", "rules", "Rule or clause", str, _like(RULE)),
)
_ONE: Final = (("case", "subject", "Case"), ("thread", "thread", "Conversation of"))
_FLAGS: Final = (
    ("victim", "victim_information", "Victim information"),
    ("waiting", "not_acknowledged", "Not acknowledged"),
)


def read_query(asked: Mapping[str, Any]) -> pb2.RegisterFilter:
    """The filter of an address; what is no code, id or day is left out.

    Args:
        asked: Flask's `request.args`, or `to_dict` of a query.
    """
    found = pb2.RegisterFilter()
    for each in _FIELDS:
        values = dict.fromkeys(value for value in _all(asked, each.name) if each.admits(value))
        getattr(found, each.field).extend([int(v) if each.number else v for v in values][:_MOST])
    for name, field, _ in _ONE:
        setattr(found, field, next((v for v in _all(asked, name) if MADE_UP.fullmatch(v)), ""))
    for name, field, _ in _FLAGS:
        setattr(found, field, _YES in _all(asked, name))
    if "part" in asked and _all(asked, "part")[0] in {"1", "2"}:
        found.part = int(_all(asked, "part")[0])  # type: ignore[assignment]  # a number of the enumeration
    _read_period(found, asked)
    return found


def write_query(asked: pb2.RegisterFilter) -> Query:
    """The question of an address that asks for this; the same filter comes of it."""
    query: Query = {}
    for each in _FIELDS:
        if values := [str(value) for value in getattr(asked, each.field)]:
            query[each.name] = values
    if asked.organisations and asked.part:
        query["part"] = [str(asked.part)]
    for name, field, _ in _ONE:
        if value := getattr(asked, field):
            query[name] = [value]
    query |= {name: [_YES] for name, field, _ in _FLAGS if getattr(asked, field)}
    if (first := first_day(asked)) is not None:
        query["since"] = [first.isoformat()]
    if (last := last_day(asked)) is not None:
        query["until"] = [last.isoformat()]
    return query


def is_read_whole(asked: Mapping[str, Any]) -> bool:
    """Whether `read_query` leaves nothing of an address out: otherwise a list is wider than was asked for."""
    read = write_query(read_query(asked))
    names = [each.name for each in _FIELDS] + [name for name, *_ in (*_ONE, *_FLAGS)] + ["since", "until"]
    return all(set(_all(asked, name)) - {""} <= set(read.get(name, ())) for name in names)


def set_days(asked: pb2.RegisterFilter, first: date | None, last: date | None) -> None:
    """Asks for what was decided on these days and between them, in London."""
    if first is not None:
        asked.since.CopyFrom(_begins(first))
    if last is not None:
        asked.until.CopyFrom(_begins(day_after(last)))


def first_day(asked: pb2.RegisterFilter) -> date | None:
    """The first day asked for."""
    return asked.since.ToDatetime(tzinfo=UTC).astimezone(LONDON).date() if asked.HasField("since") else None


def last_day(asked: pb2.RegisterFilter) -> date | None:
    """The last day asked for."""
    if not asked.HasField("until"):
        return None
    return (asked.until.ToDatetime(tzinfo=UTC) - timedelta(seconds=1)).astimezone(LONDON).date()


def chips_of(asked: pb2.RegisterFilter) -> list[Chip]:
    """What a filter asks for, each with the way to leave it out."""
    return [*_chips_of_many(asked), *_chips_of_one(asked)]


def _chips_of_many(asked: pb2.RegisterFilter) -> Iterator[Chip]:
    for each in _FIELDS:
        title = PARTS[asked.part] if each.name == "organisation" else each.title
        for value in getattr(asked, each.field):
            yield Chip(title, each.words(value), _without(asked, each.name, str(value)))


def _chips_of_one(asked: pb2.RegisterFilter) -> Iterator[Chip]:
    for name, field, title in _ONE:
        if value := getattr(asked, field):
            yield Chip(title, value[:8], _without(asked, name))
    for name, field, title in _FLAGS:
        if getattr(asked, field):
            yield Chip("Only", title, _without(asked, name))
    for name, title, at in (("since", "From", first_day(asked)), ("until", "Until", last_day(asked))):
        if at is not None:
            yield Chip(title, day(at), _without(asked, name))


def _without(asked: pb2.RegisterFilter, name: str, value: str = "") -> Query:
    query = write_query(asked)
    left = [each for each in query.pop(name, []) if value and each != value]
    if left:
        query[name] = left
    elif name == "organisation":
        query.pop("part", None)
    return query


def _all(asked: Mapping[str, Any], name: str) -> Sequence[str]:
    getlist = getattr(asked, "getlist", None)
    values: Sequence[str] = getlist(name) if getlist is not None else asked.get(name, [])
    return values


def _read_period(found: pb2.RegisterFilter, asked: Mapping[str, Any]) -> None:
    first, last = (_day(_all(asked, name)) for name in ("since", "until"))
    set_days(found, first, last)


def _day(values: Sequence[str]) -> date | None:
    try:
        return date.fromisoformat(values[0]) if values else None
    except ValueError:
        return None


def _begins(at: date) -> Timestamp:
    made = Timestamp()
    made.FromDatetime(datetime.combine(at, time(), LONDON).astimezone(UTC))
    return made
