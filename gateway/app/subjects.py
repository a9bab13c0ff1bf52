"""The subject register during an exchange: whom a document names, and what it adds to what is known of them.

The same calls are made in the same order whether somebody is known or not, and whether or not anything goes:
an exchange that is refused links nobody and describes nobody, and that does not show (design section 5).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain

from gateway.app.arrivals import Exchange
from gateway.app.describing import Party, describe_people, find_beside, read_known_parties, state_people
from gateway.app.linking import find_links
from gateway.app.subject_indexes import blind_identifier, blind_trace
from gateway.app.subject_rows import EntryRow, Learnt, LinkRow, MentionRow, ReachedRow, TraceRow
from gateway.app.telling import find_told
from gateway.app.tools import Work
from gateway.core.model import KnownParty, Outcome, Ruling
from gateway.core.owners import read_owners
from gateway.core.subjects.linking import Known
from gateway.core.subjects.people import StatedPerson, read_people
from gateway.core.subjects.traces import traces_of


@dataclass(frozen=True, slots=True)
class Found:
    """Whom an exchange names, as the register has them.

    Attributes:
        subject_id: the entry of the subject of its case; made for this exchange where it names none.
        parties: everybody named, with their entries.
        fresh: entries that are not in the register yet.
        people: from entry to the person that it is one of.
        links: those there are among all entries concerned.
        known_parties: whom earlier exchanges named beside the subject of the case.
        texts: ids of the descriptions of those.
    """

    subject_id: str
    parties: tuple[Party, ...]
    fresh: tuple[EntryRow, ...]
    people: Mapping[str, Known]
    links: tuple[LinkRow, ...]
    known_parties: tuple[KnownParty, ...]
    texts: frozenset[bytes]

    def mentions(self, exchange_id: str) -> tuple[MentionRow, ...]:
        """Rows for everybody named, each once in each part that they have."""
        cases = {entry for party in self.parties if party.person.is_case for entry in party.entries}
        named = {(entry, party.person.about) for party in self.parties for entry in party.entries}
        rows = [MentionRow(entry, exchange_id, about, entry in cases) for entry, about in sorted(named)]
        if self.subject_id in {row.subject_id for row in rows}:
            return tuple(rows)
        return (MentionRow(self.subject_id, exchange_id, "", is_case=True), *rows)


async def find_people(work: Work, exchange: Exchange) -> Found:
    """Finds whom an exchange names. Writes nothing: a preview asks the same."""
    owners = read_owners(exchange.header, exchange.sender)
    people = read_people(exchange.document, exchange.leaves, owners)
    finder = _Finder(work, exchange.sender)
    reached = await work.unit.subjects.recognised(finder.indexes(people))
    links = await work.unit.subjects.links_among(sorted({row.entry.subject_id for row in reached}))
    finder.learn(row.entry for row in reached)
    parties = tuple(finder.party(person) for person in people)
    answered = [] if _case_of(parties) else await _answered(work, exchange)
    subject_id = _case_of(parties) or (answered[0].seed if answered else finder.make())
    cases, said = _cases(parties, reached, answered), _said(parties, reached)
    known_parties, texts = await read_known_parties(work, cases, said)
    return Found(
        subject_id=subject_id,
        parties=parties,
        fresh=tuple(finder.fresh),
        people=_people(reached, finder.fresh),
        links=tuple(links),
        known_parties=known_parties,
        texts=texts,
    )


async def register_people(work: Work, exchange_id: str, found: Found) -> None:
    """Puts on record whom an exchange names, so that it can be found, whatever is decided."""
    await work.unit.subjects.add(found.fresh, found.mentions(exchange_id))


async def learn_people(work: Work, exchange: Exchange, found: Found, rulings: Collection[Ruling]) -> None:
    """Adds what the document says of people, and whom that was told, unless every recipient was refused.

    Args:
        work: the unit of work.
        exchange: decided.
        found: by `find_people`, and registered.
        rulings: for its recipients.
    """
    taken = any(ruling.outcome is not Outcome.REFUSED for ruling in rulings)
    links = await find_links(work, exchange, found.parties, found.people, found.links) if taken else ()
    texts = state_people(work, found.parties, found.subject_id)
    descriptions = await describe_people(work, texts, found.texts)
    learnt = Learnt(
        traces=_traces(work, found.parties) if descriptions else (),
        links=links,
        descriptions=descriptions,
        case_texts=find_beside(found.parties, found.subject_id, texts),
        told=find_told(exchange, texts, rulings),
    )
    await work.unit.subjects.learn(learnt if taken else Learnt())


async def tell_people(work: Work, exchange: Exchange, found: Found, rulings: Iterable[Ruling]) -> None:
    """Notes whom a later decision told of people whom the register describes already."""
    texts = state_people(work, found.parties, found.subject_id)
    told = (row for row in find_told(exchange, texts, rulings) if row.text_id in found.texts)
    await work.unit.subjects.learn(Learnt(told=tuple(told)))


class _Finder:
    """Gives people their entries, making those that are missing."""

    def __init__(self, work: Work, sender: str) -> None:
        self._work = work
        self._sender = sender
        self.fresh: list[EntryRow] = []
        self._known: dict[bytes, str] = {}

    def indexes(self, people: Iterable[StatedPerson]) -> list[bytes]:
        """The blind indexes of all identifiers, each once."""
        return list(dict.fromkeys(chain.from_iterable(map(self._indexes, people))))

    def learn(self, entries: Iterable[EntryRow]) -> None:
        """Notes entries that there are."""
        self._known.update({row.blind_index: row.subject_id for row in entries if row.blind_index})

    def party(self, person: StatedPerson) -> Party:
        """A person with entries, the first by system and number first; none for who is a mere name."""
        entries = [self._entry(index, system) for index, system in self._indexes(person).items()]
        full = person.birth is not None and bool(person.birth.day) and bool(person.names)
        if not entries and (person.is_case or full):
            entries = [self.make()]
        return Party(person, tuple(entries))

    def make(self, system: int = 0, index: bytes | None = None) -> str:
        """A new entry."""
        row = EntryRow(self._work.tools.new_id(), self._work.at, system, index)
        self.fresh.append(row)
        return row.subject_id

    def _entry(self, index: bytes, system: int) -> str:
        if index not in self._known:
            self._known[index] = self.make(system, index)
        return self._known[index]

    def _indexes(self, person: StatedPerson) -> dict[bytes, int]:
        """From blind index to system, in an order that is the same however the document lists them."""
        key_store = self._work.tools.key_store
        ordered = sorted(person.identifiers, key=lambda each: (each.system, each.value))
        return {blind_identifier(key_store, each, self._sender): each.system for each in ordered}


async def _answered(work: Work, exchange: Exchange) -> list[ReachedRow]:
    """The subject of the exchange that a document answers which names none; a stranger is not believed.

    An exchange that there is not, and one of others, take the same calls: an id can be tried.
    """
    asked = exchange.header.in_reply_to
    if not asked:
        return []
    row = await work.unit.register.find(asked)
    went_to = {each.organisation for each in await work.unit.deliveries.of_exchanges([asked])}
    known = row is not None and exchange.sender in went_to | {row.sender}
    return await work.unit.subjects.reached([row.subject_id if row is not None and known else ""])


def _cases(
    parties: Iterable[Party], reached: Iterable[ReachedRow], answered: Iterable[ReachedRow]
) -> list[str]:
    """All entries of the subject of the case, and of those whom a conflict leaves open to be the same."""
    seeds = {entry for party in parties if party.person.is_case for entry in party.entries}
    rows = [*(row for row in reached if row.seed in seeds), *answered]
    return sorted({row.entry.subject_id for row in rows})


def _said(parties: Iterable[Party], reached: Iterable[ReachedRow]) -> dict[str, str]:
    """From entry to whose data it is, as the document in hand says."""
    about = {entry: party.person.about for party in parties for entry in party.entries}
    return {row.entry.subject_id: about[row.seed] for row in reached}


def _case_of(parties: Iterable[Party]) -> str | None:
    return next((party.entries[0] for party in parties if party.person.is_case), None)


def _people(reached: Iterable[ReachedRow], fresh: Iterable[EntryRow]) -> dict[str, Known]:
    """From entry to the person that it is one of; a new entry is a person of its own."""
    people = {row.subject_id: Known({row.subject_id: row.system}) for row in fresh}
    for row in reached:
        one = Known({row.entry.subject_id: row.entry.system}, row.births)
        people[row.seed] = people[row.seed].join(one) if row.seed in people else one
    return people


def _traces(work: Work, parties: Iterable[Party]) -> tuple[TraceRow, ...]:
    """Under the first entry alone: whether the others are the same person may have to wait."""
    found = {
        (blind_trace(work.tools.key_store, trace), party.entries[0], trace.kind)
        for party in parties
        if party.entries
        for trace in traces_of(party.person)
    }
    return tuple(TraceRow(*each) for each in sorted(found))
