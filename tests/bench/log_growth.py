"""How many entries a second are appended, and whether that changes as the log grows."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from gateway.app.digests import blind_subject, listing_of
from gateway.app.records import RecordType, record
from gateway.app.subject_acts import open_work
from services.kit.directory import GATEWAY
from tests.bench.log_filling import Filler, Template, time_of
from tests.support.databases import Database, NewDatabase
from tests.support.gateway import Gateway, Parties, Sealed, open_gateway

_SECONDS: Final = 4.0
_OF_THE_RECORD: Final = frozenset({"v", "type", "verb", "at", "nonce", "retention"})


@dataclass(frozen=True, slots=True)
class Growth:
    """Entries a second: made, committed and put under a signed checkpoint.

    Attributes:
        size: of the log before.
        few: fifty in one transaction, as the intake takes them, each followed by a checkpoint.
        many: a thousand.
    """

    size: int
    few: float
    many: float


@dataclass(frozen=True, slots=True)
class Grown:
    """A log that is filled step by step.

    Attributes:
        subject: made-up id of somebody whom one record of ten thousand is about.
    """

    parties: Parties
    folder: Path
    database: Database
    filler: Filler
    subject: str
    codes: dict[str, Any]

    def fill(self, size: int) -> None:
        """Makes it as long as that."""
        self.filler.fill(self.database, size)
        self.parties.clock.moment = time_of(size)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Gateway]:
        """The gateway on it; its sequencer has verified the tree."""
        async with open_gateway(self.parties, self.folder, databases=lambda _: self.database) as gateway:
            yield gateway

    async def measure(self) -> Growth:
        """Appends for a while."""
        async with self.open() as gateway:
            async with gateway.store.reading() as unit:
                head = await unit.tree.head()
            size = 0 if head is None else head.size
            return Growth(size, await self._rate(gateway, 50), await self._rate(gateway, 1000))

    async def _rate(self, gateway: Gateway, batch: int) -> float:
        count, begun = 0, perf_counter()
        while perf_counter() < begun + _SECONDS:
            # Together, as the intake does.
            async with open_work(gateway.store, gateway.tools) as work, work.unit.together():
                for _ in range(batch):
                    somebody = gateway.tools.new_id()
                    await record(work, RecordType.RECEIPT, about=(somebody,), **self.codes)
            count += await gateway.sequencer.sequence_batch()
        # Nobody else is there: what one commit queued, one checkpoint covers.
        return count / (perf_counter() - begun)


async def begin(parties: Parties, folder: Path, databases: NewDatabase) -> Grown:
    """A log with the few records of one exchange and its receipt, from which all others are copied."""
    database = databases(folder / "gateway.db")
    async with open_gateway(parties, folder, databases=lambda _: database) as gateway:
        sealed = gateway.step("release-notice")
        await gateway.take(sealed.arrival)
        recipient = parties.of_kind("POLICE")
        _, [(delivery, _)] = await gateway.received(recipient)
        await gateway.take(gateway.receipt(recipient, delivery))
        await gateway.sequencer.sequence_batch()
        rows = await gateway.records()
        subject = await _subject(gateway, sealed)
        filler = Filler(
            [Template.of(row) for row in {row.type: row for row in rows}.values()],
            parties.signing[GATEWAY],
            blind_subject(gateway.tools.key_store, subject),
            listing_of(recipient),
        )
    [receipt] = [json.loads(row.entry or "") for row in rows if row.type == "RECEIPT"]
    codes = {name: value for name, value in receipt.items() if name not in _OF_THE_RECORD}
    return Grown(parties, folder, database, filler, subject, codes)


async def _subject(gateway: Gateway, sealed: Sealed) -> str:
    async with gateway.store.reading() as unit:
        mentioned = await unit.subjects.mentioned(sealed.exchange_id)
    return next(each.subject_id for each in mentioned if each.is_case)
