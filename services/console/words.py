"""What codes, times and ids are called on pages: filters for templates, and functions of the same names."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from flask import current_app
from google.protobuf.descriptor import EnumDescriptor
from google.protobuf.timestamp_pb2 import Timestamp
from publicprotection.common.v1.date_pb2 import Date
from publicprotection.common.v1.organisation_pb2 import Marking
from publicprotection.exchange.v1.header_pb2 import Purpose

from services.console.directory import Directory
from services.kit.access.actor import Role
from services.kit.words import abbreviations, category_words, date_words, plain
from services.kit.words import enum_words as value_words

LONDON: Final = ZoneInfo("Europe/London")
DIRECTORY: Final = "directory"
NOTHING: Final = "Not stated"
ROLES: Final = {
    Role.PRACTITIONER: "Practitioner",
    Role.SUPERVISOR: "Supervisor",
    Role.MAPPA_COORDINATOR: "MAPPA co-ordinator",
    Role.MEETING_CHAIR: "Meeting chair",
    Role.DATA_PROTECTION_OFFICER: "Data protection officer",
    Role.AUDITOR: "Auditor",
    Role.AGREEMENT_SIGNATORY: "Signatory of agreements",
    Role.RULEBOOK_APPROVER: "Approver of the rulebook",
    Role.OPERATOR: "Operator",
}

_CAPITALS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_MINUTE_S: Final = 60
_HOUR_S: Final = 60 * _MINUTE_S
_DAY_S: Final = 24 * _HOUR_S
_NOON: Final = 12

Moment = Timestamp | datetime
"""What states a time: as messages have it, or as Python does, aware."""


def moment(at: Moment | None) -> str:
    """A time as people write it: `22 November 2026, 3:17pm`, in London."""
    local = _localise(at)
    return NOTHING if local is None else f"{day(local)}, {_clock(local)}"


def deadline(at: Moment | None) -> str:
    """When time is over. Midnight belongs to two days: what ends with a day is told by that day."""
    local = _localise(at)
    if local is None or local.time() != time():
        return moment(at)
    return f"End of {day(local - timedelta(seconds=1))}"


def day(at: Moment | date | Date | None) -> str:
    """A date as people write it: `22 November 2026`; of an incomplete one as much as there is."""
    if isinstance(at, Date):
        return date_words(at.year, at.month, at.day) if at.year else NOTHING
    local = _localise(at) if isinstance(at, Timestamp | datetime | None) else at
    return NOTHING if local is None else date_words(local.year, local.month, local.day)


def ago(at: Moment | None, now: datetime | None = None) -> str:
    """How long since, or until: `3 hours ago`, `in 2 days`."""
    local = _localise(at)
    if local is None:
        return NOTHING
    seconds = ((now or datetime.now(UTC)) - local).total_seconds()
    length = _length(abs(seconds))
    if not length:
        return "just now"
    return f"{length} ago" if seconds > 0 else f"in {length}"


def stamp(at: Moment | None) -> str:
    """A time for machines: the `datetime` of a `<time>`."""
    local = _localise(at)
    return "" if local is None else local.isoformat(timespec="seconds")


def organisation(name: str) -> str:
    """What the directory calls an organisation; its id if it knows none."""
    known: Directory = current_app.extensions[DIRECTORY]
    return known.name_of(name)


def desk(organisation_id: str, name: str) -> str:
    """What the directory calls a desk of an organisation; its id if it knows none."""
    known: Directory = current_app.extensions[DIRECTORY]
    return known.desk_of(organisation_id, name)


def enum_words(value: int, enum: Any) -> str:
    """A value of an enumeration in plain words: `Release on licence`.

    Args:
        value: its number.
        enum: the generated enumeration, such as `Purpose`, or its descriptor.
    """
    described: EnumDescriptor = getattr(enum, "DESCRIPTOR", enum)
    if value not in described.values_by_number or not value:
        return NOTHING
    return sentence(value_words(described, value))


def code(name: str) -> str:
    """A code in plain words: `NOT_YET_ANSWERED` becomes `Not yet answered`."""
    return sentence(plain(name)) if name else NOTHING


def document(type_name: str) -> str:
    """A type of document in plain words: `publicprotection.documents.v1.Referral` becomes `Referral`."""
    return sentence(_CAPITALS.sub(" ", type_name.rpartition(".")[2])) if type_name else NOTHING


def category(name: str) -> str:
    """A category of information in plain words: `SUBJECT_OFFENCE` becomes `the person's offences`."""
    return category_words(name)


def purpose(value: int) -> str:
    """A purpose in plain words."""
    return enum_words(value, Purpose)


def marking(value: int) -> str:
    """A protective marking, as it is written on paper: `OFFICIAL-SENSITIVE`."""
    words = Marking.Name(value).removeprefix("MARKING_") if value in Marking.values() and value else ""  # type: ignore[arg-type]  # looked up beside it
    return words.replace("_", "-", 1).replace("_", " ") or NOTHING


def role(held: Role | str) -> str:
    """What somebody acts as."""
    return ROLES.get(Role(held), code(str(held))) if held in set(Role) else code(str(held))


def job(name: str) -> str:
    """A job, as the identity provider has it: `COMMUNITY_OFFENDER_MANAGER`."""
    return code(name)


def count_of(number: int, one: str, many: str = "") -> str:
    """`1 exchange`, `2 exchanges`, `no exchanges`."""
    if number == 1:
        return f"1 {one}"
    return f"{number:,} {many or one + 's'}" if number else f"no {many or one + 's'}"


def sentence(words: str) -> str:
    """Sentence case, with abbreviations in capitals."""
    known = abbreviations()
    parts = [known.get(part.lower(), part.lower() if part.istitle() else part) for part in words.split()]
    text = " ".join(parts)
    return text[:1].upper() + text[1:]


def opening(words: str) -> str:
    """The same words with a capital in front, as a sentence or a cell begins."""
    return words[:1].upper() + words[1:]


FILTERS: Final = {
    "ago": ago, "category": category, "code": code, "day": day, "deadline": deadline, "desk": desk,
    "document": document,
    "enum_words": enum_words, "job": job, "marking": marking, "moment": moment,
    "opening": opening, "organisation": organisation, "purpose": purpose, "role": role, "stamp": stamp,
    "count_of": count_of,
}  # fmt: skip


def _localise(at: Moment | None) -> datetime | None:
    if at is None or (isinstance(at, Timestamp) and not at.seconds):
        return None
    aware = at.ToDatetime(tzinfo=UTC) if isinstance(at, Timestamp) else at
    return aware.astimezone(LONDON)


def _clock(at: datetime) -> str:
    if at.minute == 0 and at.hour in (0, _NOON):
        return "midday" if at.hour else "midnight"
    half = "am" if at.hour < _NOON else "pm"
    return f"{at.hour % _NOON or _NOON}:{at.minute:02}{half}"


def _length(seconds: float) -> str:
    for size, unit in ((_DAY_S, "day"), (_HOUR_S, "hour"), (_MINUTE_S, "minute")):
        if seconds >= size:
            number = int(seconds // size)
            return f"{number} {unit}" + ("" if number == 1 else "s")
    return ""
