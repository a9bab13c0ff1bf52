"""Links on the word of one sealed document: made, or held for a person where something contradicts them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from publicprotection.common.v1 import person_pb2

from gateway.app.arrivals import Exchange
from gateway.app.describing import Party
from gateway.app.records import RecordType, record
from gateway.app.subject_indexes import blind_trace
from gateway.app.subject_rows import LinkRow
from gateway.app.tools import Work
from gateway.core.subjects.linking import Known, Linker, LinkState, pair_of
from gateway.core.subjects.traces import TraceKind, traces_of

DOCUMENT: Final = "DOCUMENT"
PERSON: Final = "PERSON"
"""What a link rests on."""

_SYSTEMS: Final = person_pb2.IdentifierSystem.DESCRIPTOR.values_by_number
_PREFIX: Final = "IDENTIFIER_SYSTEM_"


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
    linker = Linker(people, ((row.pair, row.state) for row in links))
    found = tuple(row for party in parties for row in _link(work, exchange.exchange_id, party, linker))
    for row in found:
        await _record(work, exchange, row, people)
    return found


def _link(work: Work, exchange_id: str, party: Party, linker: Linker) -> Iterator[LinkRow]:
    """From a person's first entry to each of the others."""
    for trace in traces_of(party.person) if party.entries else ():
        if trace.kind is TraceKind.BIRTH:
            linker.note_birth(party.entries[0], blind_trace(work.tools.key_store, trace))
    for other in party.entries[1:]:
        stated = linker.judge(party.entries[0], other)
        if stated is not None:
            first, second = pair_of(party.entries[0], other)
            yield LinkRow(
                work.tools.new_id(), first, second, stated.state, exchange_id, stated.contradiction, work.at
            )


async def _record(work: Work, exchange: Exchange, row: LinkRow, people: Mapping[str, Known]) -> None:
    numbers = {people[entry].systems[entry] for entry in row.pair}
    members: dict[str, Any] = {
        "sender": exchange.sender,
        "subjects": list(row.pair),
        "systems": sorted(_SYSTEMS[number].name.removeprefix(_PREFIX) for number in numbers),
    }
    if row.state is LinkState.HELD:
        kind, members["conflict"] = RecordType.SUBJECT_CONFLICT, row.link_id
    else:
        kind, members["link"], members["evidence"] = RecordType.SUBJECT_LINKED, row.link_id, DOCUMENT
    await record(work, kind, exchange=exchange.exchange_id, **members)
