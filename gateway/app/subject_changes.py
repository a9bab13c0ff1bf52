"""Corrections of the subject register by a named person, of the own area.

Nothing is deleted: links change their state. A person's word outweighs what documents state: what a person
parted is not linked again by a document, and what a person links needs no document. Each is a record.
"""

from collections.abc import Iterable
from typing import Any

from publicprotection.oversight.v1 import subject_service_pb2

from gateway.app.linking import PERSON
from gateway.app.ports import Store
from gateway.app.records import RecordType, record
from gateway.app.scopes import link_scope
from gateway.app.seen import is_seen, require_seen
from gateway.app.subject_acts import Act, SettledError, UnknownSubjectError, commit_act, open_work
from gateway.app.subject_people import Person, show_persons
from gateway.app.subject_rows import LinkRow
from gateway.app.tools import Tools, Work
from gateway.core.subjects.linking import LinkState, crossing, pair_of

_SAME = subject_service_pb2.CONFLICT_VERDICT_SAME_PERSON


class SubjectDesk:
    """Corrects the register.

    Args:
        store: where the register is.
        tools: the means of the process.
    """

    def __init__(self, store: Store, tools: Tools) -> None:
        self._store = store
        self._tools = tools

    async def confirm(self, act: Act, subject: str, candidate: str) -> subject_service_pb2.Subject:
        """Links two subjects on a person's word; returns the one that they are now.

        Raises:
            UnknownSubjectError: there is no such subject, or none in the area.
            SettledError: they are one already.
        """
        async with open_work(self._store, self._tools) as work:
            row = await _judge(work, act, subject, candidate, LinkState.IN_FORCE)
            person = await require_seen(work, act.actor, row.first_id)
            return (await show_persons(work, [person]))[person.id]

    async def reject(self, act: Act, subject: str, candidate: str) -> None:
        """Puts on record that two subjects are different people.

        Raises:
            UnknownSubjectError: there is no such subject, or none in the area.
            SettledError: they are one by now: part them.
        """
        async with open_work(self._store, self._tools) as work:
            await _judge(work, act, subject, candidate, LinkState.REFUSED)

    async def resolve(self, act: Act, conflict_id: str, verdict: int) -> None:
        """Decides a conflict.

        Raises:
            UnknownSubjectError: there is no such conflict, or none in the area.
            SettledError: it was decided before.
        """
        async with open_work(self._store, self._tools) as work:
            row = await work.unit.subjects.find_link(conflict_id)
            if not await is_seen(work, act.actor, row) or row is None or row.contradiction is None:
                raise UnknownSubjectError
            if row.state is not LinkState.HELD:
                raise SettledError
            await _settle(work, act, row, LinkState.IN_FORCE if verdict == _SAME else LinkState.REFUSED)

    async def unlink(self, act: Act, subject: str, apart: Iterable[str]) -> int:
        """Parts entries from the rest of a subject; returns how many links it undid.

        Raises:
            UnknownSubjectError: there is no such subject, or an entry is not one of theirs.
            SettledError: nothing would be left of the subject.
        """
        async with open_work(self._store, self._tools) as work:
            person, parted = await require_seen(work, act.actor, subject), frozenset(apart)
            if not parted.issubset(person.ids):
                raise UnknownSubjectError
            if len(parted) == len(person.ids):
                raise SettledError
            rows = await _undone(work, person, parted)
            for row in rows:
                await _undo(work, act, row)
            return len(rows)


async def _judge(work: Work, act: Act, subject: str, candidate: str, state: LinkState) -> LinkRow:
    """A new link on a person's word; conflicts between the same two people are decided with it."""
    one = await require_seen(work, act.actor, subject)
    other = await require_seen(work, act.actor, candidate)
    if one.id == other.id:
        raise SettledError
    for row in await _held_between(work, one, other):
        await _settle(work, act, row, state)
    link_id = work.tools.new_id()
    said = await commit_act(work, act, link_scope(link_id))
    row = LinkRow(link_id, *pair_of(subject, candidate), state, None, None, work.at, made_in=said["scope"])
    await work.unit.subjects.add_link(row)
    kind = RecordType.CANDIDATE_REJECTED
    if state is LinkState.IN_FORCE:
        kind = RecordType.CANDIDATE_CONFIRMED
        await _record_link(work, row, said, candidate=link_id)
    await record(work, kind, subjects=list(row.pair), candidate=link_id, **said)
    return row


async def _held_between(work: Work, one: Person, other: Person) -> list[LinkRow]:
    rows = await work.unit.subjects.links_among([*one.ids, *other.ids])
    own = set(one.ids)
    return [
        row for row in rows if row.state is LinkState.HELD and (row.first_id in own) != (row.second_id in own)
    ]


async def _settle(work: Work, act: Act, row: LinkRow, state: LinkState) -> None:
    said = await commit_act(work, act, link_scope(row.link_id))
    await work.unit.subjects.settle_link(row.link_id, state, work.at, said["scope"])
    await record(
        work,
        RecordType.CONFLICT_RESOLVED,
        exchange=row.exchange_id,
        subjects=list(row.pair),
        conflict=row.link_id,
        verdict="SAME_PERSON" if state is LinkState.IN_FORCE else "DIFFERENT_PEOPLE",
        **said,
    )
    if state is LinkState.IN_FORCE:
        await _record_link(work, row, said, conflict=row.link_id)


async def _record_link(work: Work, row: LinkRow, said: dict[str, Any], **what: str) -> None:
    """The combination itself (DPA 2018 s.62(1)(e)), beside the decision that it rests on."""
    await record(
        work,
        RecordType.SUBJECT_LINKED,
        subjects=list(row.pair),
        evidence=PERSON,
        link=row.link_id,
        **what,
        **said,
    )


async def _undone(work: Work, person: Person, parted: frozenset[str]) -> list[LinkRow]:
    rows = await work.unit.subjects.links_among(person.ids)
    in_force = [row for row in rows if row.state is LinkState.IN_FORCE]
    cut = set(crossing((row.pair for row in in_force), parted))
    return [row for row in in_force if row.pair in cut]


async def _undo(work: Work, act: Act, row: LinkRow) -> None:
    said = await commit_act(work, act, link_scope(row.link_id))
    await work.unit.subjects.settle_link(row.link_id, LinkState.UNDONE, work.at, said["scope"])
    await record(
        work,
        RecordType.SUBJECT_UNLINKED,
        exchange=row.exchange_id,
        subjects=list(row.pair),
        link=row.link_id,
        **said,
    )
