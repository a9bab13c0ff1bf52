"""Queries of the log: whom and what they ask about, and their own record, written before any answer.

DPA 2018 section 62(4) says what for; section 62(2) wants justification, time and person on record.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from google.protobuf.timestamp_pb2 import Timestamp
from publicprotection.oversight.v1 import disclosure_log_service_pb2 as log_pb2

from gateway.app.digests import blind_reader, blind_subject
from gateway.app.listings import listing_for
from gateway.app.log_rows import LogFilter
from gateway.app.records import RecordType, record
from gateway.app.scopes import subject_scope
from gateway.app.sight import Sight
from gateway.app.subject_acts import Act, commit_act
from gateway.app.subject_indexes import blind_identifier
from gateway.app.subject_people import find_persons
from gateway.app.tools import Work
from gateway.core.log.specs import SPECS
from gateway.core.subjects.people import StatedIdentifier, compared

UNKNOWN: Final = "UNKNOWN"
_NOBODY: Final = ((b"",),)
"""A listing that lists nothing."""

_STRANGER: Final = ""
"""An entry that nobody has: looked for where nobody is known, so that looking is the same either way."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, as far as it may stand on record, and what answers it.

    Attributes:
        wanted: the records asked for; of them an organisation sees only what it may.
        codes: members of the query's own record.
        people: made-up ids of whom it is about.
    """

    wanted: LogFilter
    codes: dict[str, Any] = field(default_factory=dict)
    people: tuple[str, ...] = ()


def list_seen(sight: Sight, types: Sequence[str] = ()) -> tuple[tuple[bytes, ...], ...]:
    """The listings to which somebody is limited; none for whole entries, which are looked through."""
    if sight.whole:
        return ()
    return (tuple(listing_for(each, types) for each in sorted(sight.organisations or ())) or (b"",),)


def list_reader(work: Work, act: Act) -> tuple[bytes]:
    """Under which a query is listed for whoever looks for what a person asked."""
    name = act.actor.require_person().name
    return (blind_reader(work.tools.key_store, act.organisation, name),)


async def record_query(
    work: Work, act: Act, purpose: log_pb2.LogPurpose.ValueType, question: Question
) -> None:
    """Records a query."""
    people = question.people
    await record(
        work,
        RecordType.LOG_QUERY,
        purpose=log_pb2.LogPurpose.Name(purpose).removeprefix("LOG_PURPOSE_"),
        subjects=people,
        listed_under=list_reader(work, act),
        **question.codes,
        **await commit_act(work, act, subject_scope(people[0]) if people else None),
    )


async def ask_list(
    work: Work, organisation: str, sight: Sight, request: log_pb2.ListRecordsRequest
) -> Question:
    """What a request for a page asks."""
    people = await find_people_asked(work, organisation, request.subject)
    narrowed = request.HasField("subject")
    types = tuple(each for each in request.types if each in SPECS)
    listed = [*([_keys(work, people)] if narrowed else []), *_of_organisation(request.organisation, types)]
    wanted = LogFilter(
        exchange_id=request.exchange_id or None,
        listed=(*listed, *list_seen(sight, types)),
        since=_moment(request, "since"),
        until=_moment(request, "until"),
        types=types or (UNKNOWN,) * bool(request.types),
        after_index=request.after_index if request.HasField("after_index") else None,
        after_position=request.after_position,
        newest=request.newest_first,
        before_index=request.before_index if request.HasField("before_index") else None,
    )
    codes = {
        "queried": _kind_of(request, narrowed=narrowed),
        "queried_exchange": await known_exchange(work, request.exchange_id),
        "queried_organisation": name_asked(work, request.organisation),
        "queried_types": list(types) or None,
        "queried_from": _iso(wanted.since),
        "queried_until": _iso(wanted.until),
        "after": _beside(wanted),
        "page_size": request.page_size or None,
    }
    return Question(wanted, codes, people)


async def find_people_asked(
    work: Work, organisation: str, reference: log_pb2.SubjectReference
) -> tuple[str, ...]:
    """Made-up ids of all entries of whom a reference means; none if nobody is known by it.

    The same calls are made whether anybody is known or not.
    """
    if not (reference.subject or reference.identifiers):
        return ()
    entries = {reference.subject} if reference.subject else set[str]()
    indexes = [
        blind_identifier(
            work.tools.key_store,
            StatedIdentifier(each.system, each.value, compared(each.value)),
            organisation,
        )
        for each in reference.identifiers
    ]
    entries |= set((await work.unit.subjects.known(indexes)).values()) if indexes else set()
    persons = await find_persons(work, sorted(entries) or [_STRANGER])
    return tuple(sorted({entry for person in persons.values() for entry in person.ids}))


async def known_exchange(work: Work, asked: str) -> str | None:
    """An exchange's id for the record: what was asked for is the caller's own text unless it names one."""
    if not asked:
        return None
    return asked if await work.unit.submissions.find(asked) is not None else UNKNOWN


def list_people(work: Work, people: Iterable[str]) -> tuple[tuple[bytes, ...], ...]:
    """The listing of records about people."""
    return (_keys(work, people),)


def _keys(work: Work, people: Iterable[str]) -> tuple[bytes, ...]:
    return tuple(blind_subject(work.tools.key_store, each) for each in people) or _NOBODY[0]


def _of_organisation(organisation: str, types: Sequence[str]) -> list[tuple[bytes, ...]]:
    return [(listing_for(organisation, types),)] if organisation else []


def _beside(wanted: LogFilter) -> str | None:
    """The index next to which a page begins."""
    index = wanted.before_index if wanted.newest else wanted.after_index
    return None if index is None else str(index)


def name_asked(work: Work, asked: str) -> str | None:
    """An organisation's id for the record: what was asked for is the caller's text unless it names one."""
    if not asked:
        return None
    return asked if work.tools.directory.organisation(asked) is not None else UNKNOWN


def _kind_of(request: log_pb2.ListRecordsRequest, *, narrowed: bool) -> str:
    asked = {
        "SUBJECT": narrowed,
        "EXCHANGE": bool(request.exchange_id),
        "ORGANISATION": bool(request.organisation),
        "PERIOD": request.HasField("since") or request.HasField("until"),
        "TYPE": bool(request.types),
    }
    return next((kind for kind, given in asked.items() if given), "ALL")


def _moment(request: log_pb2.ListRecordsRequest, name: str) -> datetime | None:
    if not request.HasField(name):  # type: ignore[arg-type]  # one of its two times
        return None
    return moment_of(getattr(request, name))


def moment_of(stamp: Timestamp) -> datetime:
    """A protobuf timestamp as an aware time."""
    return stamp.ToDatetime(UTC)


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
