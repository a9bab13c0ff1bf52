"""Links on the word of one sealed document: made, or held for a person where something contradicts them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from publicprotection.common.v1 import person_pb2

from gateway.app.arrivals import Exchange
from gateway.app.describing import Party
from gateway.app.records import RecordType, record
from gateway.app.subject_indexes import blind_trace
from gateway.app.subject_rows import LinkRow
from gateway.app.tools import Work
from gateway.core.subjects.linking import SAID_APART, Known, LinkState, Pair, contradiction, pair_of
from gateway.core.subjects.traces import TraceKind, traces_of

_SYSTEMS: Final = person_pb2.IdentifierSystem.DESCRIPTOR.values_by_number
_PREFIX: Final = "IDENTIFIER_SYSTEM_"
DOCUMENT: Final = "DOCUMENT"
PERSON: Final = "PERSON"


async def find_links(
    work: Work,
    exchange: Exchange,
    parties: Iterable[Party],
    people: Mapping[str, Known],
    links: Iterable[LinkRow],
) -> tuple[LinkRow, ...]:
    """The links that a document states and that are new, each with its record.

    Args:
        work: the unit of work.
        exchange: whose document it is.
        parties: whom it names.
        people: from entry to the person that it is one of so far.
        links: those on record among all entries concerned.
    """
    linker = _Linker(work, exchange.exchange_id, people, links)
    found = tuple(_chain(linker, parties))
    for row in found:
        await _record(work, exchange, row, linker)
    return found


def _chain(linker: "_Linker", parties: Iterable[Party]) -> Iterator[LinkRow]:
    """From each person's first entry to each of the others."""
    for party in parties:
        linker.note_birth(party)
        for other in party.entries[1:]:
            yield from linker.link(party.entries[0], other)


class _Linker:
    """Judges one pair after the other, each in the light of those before."""

    def __init__(
        self, work: Work, exchange_id: str, people: Mapping[str, Known], links: Iterable[LinkRow]
    ) -> None:
        self._work = work
        self._exchange_id = exchange_id
        self._people = dict(people)
        self._states: dict[Pair, set[LinkState]] = {}
        for row in links:
            self._states.setdefault(row.pair, set()).add(row.state)

    def note_birth(self, party: Party) -> None:
        """Counts the date of birth that the document itself states as known of the person."""
        for trace in traces_of(party.person) if party.entries else ():
            if trace.kind is TraceKind.BIRTH:
                birth = blind_trace(self._work.tools.key_store, trace)
                self._put(self._people[party.entries[0]].with_birth(birth))

    def link(self, one: str, other: str) -> Iterator[LinkRow]:
        """The link between two entries, unless it is there, or a person has refused that very one."""
        pair = pair_of(one, other)
        states = self._states.setdefault(pair, set())
        if one == other or states & {LinkState.IN_FORCE, LinkState.HELD, LinkState.REFUSED}:
            return
        reason = contradiction(self._people[one], self._people[other], self._apart())
        state = LinkState.HELD if reason else LinkState.IN_FORCE
        states.add(state)
        if state is LinkState.IN_FORCE:
            self._put(self._people[one].join(self._people[other]))
        link_id, at = self._work.tools.new_id(), self._work.at
        yield LinkRow(link_id, *pair, state, self._exchange_id, reason, at)

    def systems_of(self, pair: Pair) -> list[str]:
        """Names of the systems of the two entries."""
        numbers = {self._people[entry].systems[entry] for entry in pair}
        return sorted(_SYSTEMS[number].name.removeprefix(_PREFIX) for number in numbers)

    def _put(self, known: Known) -> None:
        self._people.update(dict.fromkeys(known.entries, known))

    def _apart(self) -> list[Pair]:
        return [pair for pair, states in self._states.items() if states & SAID_APART]


async def _record(work: Work, exchange: Exchange, row: LinkRow, linker: _Linker) -> None:
    members = {"sender": exchange.sender, "subjects": list(row.pair), "systems": linker.systems_of(row.pair)}
    if row.state is LinkState.HELD:
        kind, more = RecordType.SUBJECT_CONFLICT, {"conflict": row.link_id}
    else:
        kind, more = RecordType.SUBJECT_LINKED, {"link": row.link_id, "evidence": DOCUMENT}
    await record(work, kind, exchange=exchange.exchange_id, **members, **more)
