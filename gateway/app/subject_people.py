"""People as the register has them now, for whoever corrects it: entries, what was said of them, links."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from google.protobuf.timestamp_pb2 import Timestamp
from publicprotection.common.v1 import date_pb2, person_pb2
from publicprotection.oversight.v1 import subject_service_pb2

from gateway.app.describing import Description, read_descriptions
from gateway.app.subject_acts import read_act
from gateway.app.subject_rows import EntryRow, LinkRow
from gateway.app.tools import Work
from gateway.core.subjects.linking import LinkState
from gateway.core.subjects.people import Birth


@dataclass(frozen=True, slots=True)
class Person:
    """One person: all entries that links in force join, oldest first."""

    entries: tuple[EntryRow, ...]

    @property
    def id(self) -> str:
        """The made-up id: that of the oldest entry."""
        return self.entries[0].subject_id

    @property
    def ids(self) -> tuple[str, ...]:
        """The made-up ids of all entries."""
        return tuple(entry.subject_id for entry in self.entries)


async def find_persons(work: Work, subject_ids: Collection[str]) -> dict[str, Person]:
    """The person of each of these entries that there is."""
    rows = await work.unit.subjects.reached(subject_ids)
    by_seed = groupby(rows, lambda row: row.seed)
    return {seed: Person(tuple(row.entry for row in same)) for seed, same in by_seed}


async def show_persons(work: Work, persons: Iterable[Person]) -> dict[str, subject_service_pb2.Subject]:
    """What the register knows of people, by their ids; names and identifiers are decrypted.

    Raises:
        UnreadableError: what was kept was altered or moved.
    """
    wanted = list({person.id: person for person in persons}.values())
    ids = [entry for person in wanted for entry in person.ids]
    said = await read_descriptions(work, await work.unit.subjects.descriptions(ids))
    links = [row for row in await work.unit.subjects.links_among(ids) if row.state is LinkState.IN_FORCE]
    acts = {row.made_in: await read_act(work, row.made_in) for row in links if row.made_in}
    return {person.id: _show(person, said, links, acts) for person in wanted}


def _show(
    person: Person,
    said: Sequence[Description],
    links: Sequence[LinkRow],
    acts: Mapping[str, subject_service_pb2.Acted],
) -> subject_service_pb2.Subject:
    own = set(person.ids)
    return subject_service_pb2.Subject(
        subject=person.id,
        entries=[_entry(entry) for entry in person.entries],
        descriptions=[_description(each) for each in said if each.party_id in own],
        links=[_link(row, acts) for row in links if own.issuperset(row.pair)],
    )


def _entry(row: EntryRow) -> subject_service_pb2.SubjectEntry:
    view = subject_service_pb2.SubjectEntry(entry=row.subject_id, since=stamp(row.created_at))
    # The number of the contract's enumeration.
    setattr(view, "system", row.system)  # noqa: B010
    return view


def _description(said: Description) -> subject_service_pb2.SubjectDescription:
    return subject_service_pb2.SubjectDescription(
        name=said.names.name,
        aliases=said.names.aliases,
        date_of_birth=_date(said.birth),
        identifiers=[_identifier(system, value) for system, value in said.identifiers],
    )


def _date(birth: Birth | None) -> date_pb2.Date | None:
    if birth is None:
        return None
    return date_pb2.Date(year=birth.year, month=birth.month or None, day=birth.day or None)


def _identifier(system: int, value: str) -> person_pb2.Identifier:
    view = person_pb2.Identifier(value=value)
    setattr(view, "system", system)  # noqa: B010  # as above
    return view


def _link(row: LinkRow, acts: Mapping[str, subject_service_pb2.Acted]) -> subject_service_pb2.SubjectLink:
    return subject_service_pb2.SubjectLink(
        link_id=row.link_id,
        first=row.first_id,
        second=row.second_id,
        exchange_id=row.exchange_id or "",
        said_by=acts.get(row.made_in or ""),
        since=stamp(row.made_at),
    )


def stamp(moment: datetime) -> Timestamp:
    """A moment as a protobuf timestamp."""
    made = Timestamp()
    made.FromDatetime(moment)
    return made
