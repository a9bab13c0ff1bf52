"""Of people, exchanges and legal holds, those that whoever acts sees: what concerns the area, and no other.

The same calls are made whether something is not there or is another area's, so that neither answer nor time
tells the two apart.
"""

from collections.abc import Collection, Mapping, Sequence

from gateway.app.retention_rows import LegalHoldRow
from gateway.app.sight import sight_of
from gateway.app.subject_acts import UnknownSubjectError
from gateway.app.subject_people import Person, find_persons
from gateway.app.subject_rows import LinkRow
from gateway.app.tools import Work
from services.kit.access.actor import Actor


def organisations_seen(work: Work, actor: Actor) -> frozenset[str]:
    """Whose exchanges, and the people named there, somebody sees; none for a scope that shows no people."""
    sight = sight_of(actor, work.tools.directory)
    return (sight.organisations or frozenset()) if sight.people else frozenset()


async def keep_exchanges(work: Work, actor: Actor, exchange_ids: Collection[str]) -> set[str]:
    """Of these exchanges, those that somebody sees."""
    return await work.unit.register.concerning(exchange_ids, organisations_seen(work, actor))


async def keep_persons(work: Work, actor: Actor, persons: Mapping[str, Person]) -> dict[str, Person]:
    """Of these people, by entry, those whom an exchange names that somebody sees, by whichever entry."""
    entries = {entry for person in persons.values() for entry in person.ids}
    seen = await work.unit.subjects.concerning(entries, organisations_seen(work, actor))
    return {entry: person for entry, person in persons.items() if not seen.isdisjoint(person.ids)}


async def find_seen(work: Work, actor: Actor, subject_ids: Collection[str]) -> dict[str, Person]:
    """The person of each of these entries that there is and that somebody sees."""
    return await keep_persons(work, actor, await find_persons(work, subject_ids))


async def require_seen(work: Work, actor: Actor, subject_id: str) -> Person:
    """The person of an entry; UnknownSubjectError if there is none, or none that is seen."""
    found = (await find_seen(work, actor, [subject_id])).get(subject_id)
    if found is None:
        raise UnknownSubjectError
    return found


async def is_seen(work: Work, actor: Actor, row: LinkRow | None) -> bool:
    """Whether there is a link and it was found in an exchange that somebody sees."""
    found_in = [] if row is None or row.exchange_id is None else [row.exchange_id]
    return bool(await keep_exchanges(work, actor, found_in))


async def keep_holds(work: Work, actor: Actor, rows: Sequence[LegalHoldRow]) -> list[LegalHoldRow]:
    """Of these legal holds, those on people or exchanges that somebody sees."""
    people = await find_seen(work, actor, [row.subject_id for row in rows if row.subject_id is not None])
    exchange_ids = [row.exchange_id for row in rows if row.exchange_id is not None]
    exchanges = await keep_exchanges(work, actor, exchange_ids)
    return [row for row in rows if row.subject_id in people or row.exchange_id in exchanges]
