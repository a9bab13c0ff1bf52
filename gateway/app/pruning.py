"""Pruning: what is past its retention class is deleted, and that it was is a record.

Entries lose their bodies; their leaf hashes and indexes stay, and the tree verifies. Texts go with their keys
and salts. A legal hold, an open hold or an undelivered packet keeps an exchange whole.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import structlog

from gateway.app.destroying import destroy_doomed, doom, forget_exchanges, forget_people
from gateway.app.erasing import waits
from gateway.app.key_ports import KeyStoreUnavailableError
from gateway.app.ports import Store, StoreUnavailableError
from gateway.app.records import RecordType, entry_of, record
from gateway.app.rows import RecordRow
from gateway.app.standing_holds import StandingHolds, standing_holds
from gateway.app.subject_acts import open_work
from gateway.app.tools import Tools, Work
from gateway.core.retention_model import RetentionClass
from gateway.core.retention_periods import cutoff

_log = structlog.get_logger(__name__)
# Scopes of keys that protect more than what is pruned: erased with whom they are about.
_OTHERS: Final = ("subject:", "link:")


@dataclass(frozen=True, slots=True)
class _Page:
    """A page of what is due: where it ended, and how many of its records were pruned."""

    last: str | int | None
    pruned: int


class Pruner:
    """Prunes.

    Args:
        store: where the records are.
        tools: the means of the process; retention classes are those in force at each run.
        interval_s: from one run to the next.
        batch: exchanges, or records, in one transaction.
    """

    def __init__(self, store: Store, tools: Tools, *, interval_s: float, batch: int = 100) -> None:
        self._store = store
        self._tools = tools
        self._interval_s = interval_s
        self._batch = batch

    async def run(self) -> None:
        """Prunes until cancelled: at once, since an erasure may have been interrupted, and at intervals."""
        while True:
            try:
                await self.prune()
            except (StoreUnavailableError, KeyStoreUnavailableError) as error:
                _log.error("pruning_waits", component=type(error).__name__)
            await asyncio.sleep(self._interval_s)

    async def prune(self) -> int:
        """Prunes all that is due now; how many records that were.

        None while the directory is out of date: nothing brings back what a clock that is wrong by years had
        deleted, and such a clock is ahead of the directory too.

        Raises:
            StoreUnavailableError, KeyStoreUnavailableError: the rest is still to be done.
        """
        await destroy_doomed(self._store, self._tools)
        if self._tools.directory.is_stale(self._tools.clock.now()):
            _log.error("pruning_waits", reason="DIRECTORY_STALE")
            return 0
        count = 0
        for each in self._tools.retention.classes:
            if each.is_pruned:
                count += await self._prune_class(each)
        return count

    async def _prune_class(self, kept: RetentionClass) -> int:
        prune = _prune_exchanges if kept.starts == "EXCHANGE" else _prune_records
        last: Any = "" if kept.starts == "EXCHANGE" else 0
        count = 0
        while True:
            async with open_work(self._store, self._tools) as work:
                page = await prune(work, kept, last, self._batch)
            await destroy_doomed(self._store, self._tools)
            count += page.pruned
            if page.last is None:
                return count
            last = page.last


async def _prune_exchanges(work: Work, kept: RetentionClass, after: str, limit: int) -> _Page:
    before = cutoff(work.at, kept.years)
    due = await work.unit.expiry.exchanges(kept.id, before, after, limit)
    holds = await standing_holds(work)
    ids = [row.exchange_id for row in due if row.exchange_id is not None]
    free = [each for each in ids if await _is_free(work, holds, each)]
    if not free:
        return _Page(ids[-1] if ids else None, 0)
    rows = [row for row in await work.unit.expiry.of_exchanges(kept.id, free) if row.leaf_index is not None]
    people = await _only_named_in(work, free)
    scopes = await forget_exchanges(work, free)
    scopes += await forget_people(work, people) if people else []
    await _finish(work, kept, before, rows, scopes)
    return _Page(ids[-1], len(rows))


async def _is_free(work: Work, holds: StandingHolds, exchange_id: str) -> bool:
    if await holds.on_exchange(work, exchange_id) is not None or await waits(work, exchange_id):
        return False
    return not await work.unit.expiry.undelivered(exchange_id)


async def _only_named_in(work: Work, exchange_ids: Sequence[str]) -> list[str]:
    """Entries of people whom no other exchange names: nothing is left for which to know them."""
    going, seeds = set(exchange_ids), set[str]()
    for exchange_id in exchange_ids:
        seeds |= {row.subject_id for row in await work.unit.subjects.mentioned(exchange_id)}
    people: dict[str, set[str]] = {}
    for row in await work.unit.subjects.reached(seeds) if seeds else ():
        people.setdefault(row.seed, set()).add(row.entry.subject_id)
    gone: set[str] = set()
    for person in people.values():
        if going.issuperset(await work.unit.expiry.named(person)):
            gone |= person
    return sorted(gone)


async def _prune_records(work: Work, kept: RetentionClass, after: int, limit: int) -> _Page:
    before = cutoff(work.at, kept.years)
    due = await work.unit.expiry.records(kept.id, before, after, limit)
    held = await (await standing_holds(work)).positions(work)
    rows = [row for row in due if row.position not in held]
    places = {place for row in rows for place in _places(entry_of(row))}
    scopes = await work.unit.expiry.drop_texts(places) if places else set[str]()
    await _finish(work, kept, before, rows, [each for each in scopes if not each.startswith(_OTHERS)])
    return _Page(due[-1].position if due else None, len(rows))


def _places(entry: Mapping[str, Any]) -> list[str]:
    """Where the texts of a record that stands alone are kept: under what it did, or under the preview."""
    named = [entry.get("scope")]
    if entry["type"] == RecordType.PREVIEW:
        named.append(entry["exchange"])
    return [each for each in named if each is not None]


async def _finish(
    work: Work, kept: RetentionClass, before: datetime, rows: Sequence[RecordRow], scopes: Sequence[str]
) -> None:
    """Deletes the bodies, notes the keys to destroy, and records it: by class and range, naming nobody."""
    if not rows:
        return
    await work.unit.expiry.prune([row.position for row in rows])
    indexes = [row.leaf_index for row in rows if row.leaf_index is not None]
    await record(
        work,
        RecordType.RECORDS_PRUNED,
        item=kept.id,
        records=len(rows),
        first_index=min(indexes),
        last_index=max(indexes),
        until=before.isoformat(),
        **await doom(work, scopes),
    )
