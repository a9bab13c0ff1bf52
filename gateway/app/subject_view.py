"""Questions to the subject register about people of the own area.

Each is a record, with who asked and what for, before it is answered.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from publicprotection.exchange.v1 import header_pb2
from publicprotection.oversight.v1 import subject_service_pb2

from gateway.app.log_queries import list_reader
from gateway.app.ports import Store
from gateway.app.records import RecordType, record
from gateway.app.scopes import subject_scope
from gateway.app.seen import find_seen, is_seen, organisations_seen, require_seen
from gateway.app.subject_acts import Act, UnknownSubjectError, commit_act, open_work
from gateway.app.subject_indexes import blind_identifier, blind_trace
from gateway.app.subject_people import Person, find_persons, show_persons, stamp
from gateway.app.subject_rows import LinkRow, TraceRow
from gateway.app.summaries import name_of
from gateway.app.tools import Tools, Work
from gateway.core.subjects.linking import Contradiction, pair_of
from gateway.core.subjects.matching import SCORES, Basis, basis_of
from gateway.core.subjects.people import Birth, GivenName, StatedIdentifier, compared
from gateway.core.subjects.traces import TraceKind, traces_of_name
from services.kit.access.actor import Actor

DEFAULT_PAGE: Final = 50
_MOST_TRACES: Final = 500
_MOST_MATCHES: Final = 50

Match = subject_service_pb2.SubjectMatch


class SubjectView:
    """Answers questions to the register.

    Args:
        store: where the register is, and where the question is recorded.
        tools: the means of the process.
    """

    def __init__(self, store: Store, tools: Tools) -> None:
        self._store = store
        self._tools = tools

    async def find(self, actor: Actor, request: subject_service_pb2.FindSubjectsRequest) -> list[Match]:
        """Whom identifiers, or a name and a date of birth, may mean; the strongest first.

        Args:
            actor: who asks.
            request: validated.
        """
        async with open_work(self._store, self._tools) as work:
            local_to = request.local_to or actor.organisation
            bases = await _by_name(work, request) | await _by_identifiers(work, request, local_to)
            return await _answer(work, Act(actor, request.acting.reason), request.purpose, "SUBJECT", bases)

    async def show(
        self, actor: Actor, request: subject_service_pb2.GetSubjectRequest
    ) -> subject_service_pb2.Subject:
        """Who a made-up id stands for.

        Raises:
            UnknownSubjectError: there is no such subject, or none in the area.
        """
        async with open_work(self._store, self._tools) as work:
            person = await require_seen(work, actor, request.subject)
            shown = await show_persons(work, [person])
            await _record(work, Act(actor, request.acting.reason), request.purpose, "SUBJECT", [person])
            return shown[person.id]

    async def candidates(
        self, actor: Actor, request: subject_service_pb2.ListCandidatesRequest
    ) -> list[Match]:
        """Who else may be the same person, the strongest first.

        Raises:
            UnknownSubjectError: there is no such subject, or none in the area.
        """
        async with open_work(self._store, self._tools) as work:
            person = await require_seen(work, actor, request.subject)
            bases = await _alike(work, person)
            return await _answer(
                work, Act(actor, request.acting.reason), request.purpose, "CANDIDATES", bases, person
            )

    async def conflicts(
        self, actor: Actor, request: subject_service_pb2.ListConflictsRequest
    ) -> list[subject_service_pb2.SubjectConflict]:
        """Links that wait for a person, oldest first.

        Raises:
            UnknownSubjectError: there is no conflict in the area by the id after which the page begins.
        """
        async with open_work(self._store, self._tools) as work:
            after = await _position(work, actor, request.after_conflict)
            seen, size = organisations_seen(work, actor), request.page_size or DEFAULT_PAGE
            rows = await work.unit.subjects.held_links(after, size, seen)
            persons = await find_persons(work, {entry for row in rows for entry in row.pair})
            act = Act(actor, request.acting.reason)
            await _record(work, act, request.purpose, "CONFLICTS", persons.values())
            shown = await show_persons(work, persons.values())
            return [_conflict(row, persons, shown) for row in rows]


async def _by_identifiers(
    work: Work, request: subject_service_pb2.FindSubjectsRequest, local_to: str
) -> dict[str, Basis]:
    indexes = [
        blind_identifier(
            work.tools.key_store, StatedIdentifier(each.system, each.value, compared(each.value)), local_to
        )
        for each in request.identifiers
    ]
    return dict.fromkeys((await work.unit.subjects.known(indexes)).values(), Basis.IDENTIFIER)


async def _by_name(work: Work, request: subject_service_pb2.FindSubjectsRequest) -> dict[str, Basis]:
    name, date = request.name, request.date_of_birth
    if not (name.family and name.given and date.year):
        return {}
    traces = traces_of_name(GivenName(name.given, name.family), Birth(date.year, date.month, date.day))
    indexes = [blind_trace(work.tools.key_store, trace) for trace in traces]
    return _bases(await work.unit.subjects.traced(indexes, _MOST_TRACES))


async def _alike(work: Work, person: Person) -> dict[str, Basis]:
    """Others with a trace of a person, unless something stands between the two already."""
    own = await work.unit.subjects.traces(person.ids)
    indexes = {row.blind_index for row in own if row.kind is not TraceKind.BIRTH}
    bases = _bases(await work.unit.subjects.traced(sorted(indexes), _MOST_TRACES))
    others = await find_persons(work, sorted(set(bases) - set(person.ids)))
    judged = {row.pair for row in await work.unit.subjects.links_among([*person.ids, *_ids(others)])}
    return {
        entry: bases[entry]
        for entry, other in others.items()
        if judged.isdisjoint(pair_of(one, two) for one in person.ids for two in other.ids)
    }


def _ids(persons: Mapping[str, Person]) -> set[str]:
    return {entry for person in persons.values() for entry in person.ids}


def _bases(rows: Iterable[TraceRow]) -> dict[str, Basis]:
    """From entry to the strongest basis on which it was found."""
    kinds: dict[str, list[TraceKind]] = {}
    for row in rows:
        kinds.setdefault(row.subject_id, []).append(row.kind)
    found = {entry: basis_of(each) for entry, each in kinds.items()}
    return {entry: basis for entry, basis in found.items() if basis is not None}


async def _answer(  # noqa: PLR0913, PLR0917  # a question, and what was found
    work: Work, act: Act, purpose: int, queried: str, bases: Mapping[str, Basis], about: Person | None = None
) -> list[Match]:
    persons = await find_seen(work, act.actor, sorted(bases))
    best: dict[str, tuple[Basis, Person]] = {}
    for entry, person in persons.items():
        had = best.get(person.id)
        if had is None or SCORES[bases[entry]] > SCORES[had[0]]:
            best[person.id] = (bases[entry], person)
    ranked = sorted(best.values(), key=lambda each: (-SCORES[each[0]], each[1].id))[:_MOST_MATCHES]
    shown = await show_persons(work, (person for _, person in ranked))
    asked = [about] if about else []
    await _record(work, act, purpose, queried, [*asked, *(person for _, person in ranked)])
    return [_match(basis, shown[person.id]) for basis, person in ranked]


def _match(basis: Basis, subject: subject_service_pb2.Subject) -> Match:
    number = subject_service_pb2.MatchBasis.Value(f"MATCH_BASIS_{basis}")
    return Match(subject=subject, basis=number, score=SCORES[basis])


async def _record(work: Work, act: Act, purpose: int, queried: str, found: Iterable[Person]) -> None:
    """What was asked for is the caller's own text and stays out; whom it showed goes in."""
    persons: Sequence[Person] = list({person.id: person for person in found}.values())
    named: dict[str, Any] = await commit_act(work, act, subject_scope(persons[0].id) if persons else None)
    await record(
        work,
        RecordType.SUBJECT_QUERY,
        subjects=sorted(person.id for person in persons),
        about=[entry for person in persons for entry in person.ids],
        purpose=name_of(header_pb2.Purpose.DESCRIPTOR, purpose),
        queried=queried,
        texts_opened=bool(persons),
        listed_under=list_reader(work, act),
        **named,
    )


async def _position(work: Work, actor: Actor, conflict_id: str) -> int:
    if not conflict_id:
        return 0
    row = await work.unit.subjects.find_link(conflict_id)
    if not await is_seen(work, actor, row) or row is None:
        raise UnknownSubjectError
    return row.position


def _conflict(
    row: LinkRow, persons: Mapping[str, Person], shown: Mapping[str, subject_service_pb2.Subject]
) -> subject_service_pb2.SubjectConflict:
    reason = row.contradiction or Contradiction.SAID_TO_DIFFER
    return subject_service_pb2.SubjectConflict(
        conflict_id=row.link_id,
        first=shown[persons[row.first_id].id],
        second=shown[persons[row.second_id].id],
        reason=subject_service_pb2.ConflictReason.Value(f"CONFLICT_REASON_{reason}"),
        exchange_id=row.exchange_id or "",
        found_at=stamp(row.made_at),
    )
