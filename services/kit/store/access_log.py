"""Writes refusals of access into the store of an agency's process."""

from functools import partial

from services.kit.access.refusals import RefusalNotes, Tally
from services.kit.clock import Clock
from services.kit.identifiers import NewId
from services.kit.store.engine import Store
from services.kit.store.errors import StoreError
from services.kit.store.refusals import Refusals, StoredRefusal


def note_refusals(store: Store, clock: Clock, ids: NewId) -> RefusalNotes:
    """What keeps refusals until they are in the store; its `run` is a task of the process."""
    table = Refusals(store.vault)

    async def write(tallies: list[Tally]) -> None:
        added = [_describe(ids(), tally) for tally in tallies]
        await store.write(partial(table.add, added=added))

    return RefusalNotes(write, clock, (StoreError,))


def _describe(refusal_id: str, tally: Tally) -> StoredRefusal:
    refusal, actor = tally.refusal, tally.refusal.actor
    person = None if actor is None else actor.person
    return StoredRefusal(
        refusal_id=refusal_id,
        since=tally.since,
        until=tally.until,
        count=tally.count,
        organisation=refusal.organisation,
        method=refusal.method,
        reason=refusal.reason,
        client="" if actor is None else actor.system.client,
        person="" if person is None else person.name,
        job="" if person is None else person.job,
    )
