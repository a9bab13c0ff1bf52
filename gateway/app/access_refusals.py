"""Calls that were not let in, on record: which organisation tried what, and why it was refused."""

from collections.abc import Iterable
from typing import Any

from gateway.app.key_ports import KeyStoreUnavailableError
from gateway.app.ports import Store, StoreUnavailableError
from gateway.app.records import RecordType, commit_under, record
from gateway.app.scopes import act_scope
from gateway.app.subject_acts import open_work
from gateway.app.tools import Tools, Work
from services.kit.access.actor import Person
from services.kit.access.refusals import RefusalNotes, Tally


def note_refusals(store: Store, tools: Tools) -> RefusalNotes:
    """What keeps refusals until they are on record; its `run` is a task of the process."""

    async def write(tallies: list[Tally]) -> None:
        await record_refusals(store, tools, tallies)

    return RefusalNotes(write, tools.clock, (StoreUnavailableError, KeyStoreUnavailableError))


async def record_refusals(store: Store, tools: Tools, tallies: Iterable[Tally]) -> None:
    """Records refusals, one record for each kind.

    Raises:
        StoreUnavailableError, KeyStoreUnavailableError: none was recorded.
    """
    async with open_work(store, tools) as work:
        for tally in tallies:
            await _record(work, tally)


async def _record(work: Work, tally: Tally) -> None:
    refusal = tally.refusal
    actor = refusal.actor
    who = {} if actor is None else {"client": actor.system.client}
    if actor is not None and actor.person is not None:
        who |= await _commit_person(work, actor.person)
    await record(
        work,
        RecordType.ACCESS_REFUSED,
        organisation=refusal.organisation,
        method=refusal.method,
        reason=refusal.reason,
        refusals=tally.count,
        since=tally.since.isoformat(timespec="milliseconds"),
        **who,
    )


async def _commit_person(work: Work, person: Person) -> dict[str, Any]:
    scope = work.tools.new_id()
    author = {"name": person.name, "role": person.job}
    return {
        "author_commitment": await commit_under(work, act_scope(scope), scope, "author", author),
        "scope": scope,
    }
