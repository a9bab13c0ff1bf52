"""Decisions in the store: read, and changed by further events; what is sent for one is committed with it."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime
from functools import partial
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from services.kit.calendar import local_day
from services.kit.disclosures.decisions import Decision, Kind
from services.kit.exchange.participant import Participant
from services.kit.exchange.records import Records
from services.kit.rpc.errors import ConflictError, NotFoundError, RequestReusedError
from services.kit.store.disclosures import StoredDecision, StoredEvent
from services.kit.subject_access.model import Event, Who

_SUBJECT = b"disclosure-subject:"


class Casebook:
    """Reads and adds to decisions.

    Args:
        participant: the organisation.
        records: where they are kept.
    """

    def __init__(self, participant: Participant, records: Records) -> None:
        self.participant = participant
        self.records = records

    @property
    def now(self) -> datetime:
        """The time."""
        return self.participant.clock.now()

    @property
    def today(self) -> date:
        """The day in London."""
        return local_day(self.now)

    def event(self, kind: Kind, who: Who, request_id: str = "", /, **detail: Any) -> Event:
        """An event of now."""
        return Event(kind.value, self.now, who, detail, request_id)

    async def known(self, request_id: str, digest: str) -> Decision | None:
        """The decision to which this was done before; None: it was not.

        Raises:
            RequestReusedError: the request id stands for something else.
        """
        async with self.records.store.read() as connection:
            found = await self.records.disclosures.find_request(connection, request_id)
            if found is None:
                return None
            if found.request_digest != digest:
                raise RequestReusedError
            return await self._load(found.decision_id, connection)

    async def read(self, decision_id: str) -> Decision:
        """A decision; NotFoundError if there is none."""
        async with self.records.store.read() as connection:
            return await self._load(decision_id, connection)

    async def list(self, subject_reference: str = "") -> list[Decision]:
        """Decisions, oldest first; those about one person alone, if the reference is given."""
        digest = self._subject(subject_reference) if subject_reference else ""
        async with self.records.store.read() as connection:
            found = await self.records.disclosures.list(connection, digest)
            return [await self._load(each, connection) for each in found]

    async def write(self, before: Decision | None, after: Decision, digest: str) -> None:
        """Adds what happened since, in a transaction of its own."""
        await self.records.store.write(partial(self.add, before, after, digest))

    async def add(
        self, before: Decision | None, after: Decision, digest: str, connection: AsyncConnection
    ) -> None:
        """Adds what happened since `before`; `digest` is that of the call that made it happen.

        Raises:
            ConflictError: something else happened meanwhile.
        """
        table, done = self.records.disclosures, 0 if before is None else len(before.events)
        if before is None:
            subject = self._subject(after.opened["subject_reference"])
            await table.add(connection, StoredDecision(after.decision_id, subject, self.now))
        elif len(await table.events(connection, after.decision_id)) != done:
            raise ConflictError
        for number, event in enumerate(after.events[done:], done + 1):
            first = number == done + 1
            await table.append(
                connection, _store(after.decision_id, number, event, digest if first else None)
            )

    async def note(self, decision_id: str, event: Event) -> Decision:
        """Adds an event that changes nothing; NotFoundError if there is no such decision."""
        return await self.records.store.write(partial(self._note, decision_id, event))

    async def exchange_of(self, request_id: str) -> str:
        """The exchange by which something went on the gateway's record; empty if nothing did."""
        if not request_id:
            return ""
        async with self.records.store.read() as connection:
            sent = await self.records.sent.find_request(connection, request_id)
        return "" if sent is None else sent.exchange_id

    async def _note(self, decision_id: str, event: Event, connection: AsyncConnection) -> Decision:
        after = (await self._load(decision_id, connection)).after(event)
        stored = _store(decision_id, len(after.events), event, None)
        await self.records.disclosures.append(connection, stored)
        return after

    def _subject(self, reference: str) -> str:
        return self.records.store.vault.digest(_SUBJECT + reference.strip().casefold().encode())

    async def _load(self, decision_id: str, connection: AsyncConnection) -> Decision:
        stored = await self.records.disclosures.events(connection, decision_id)
        if not stored:
            raise NotFoundError
        return Decision.fold(decision_id, _events(stored))


def _store(decision_id: str, number: int, event: Event, digest: str | None) -> StoredEvent:
    members = {
        "who": None if event.who is None else asdict(event.who),
        "detail": event.detail,
        "sent": event.request_id,
    }
    called = event.detail.get("call") if digest else None
    return StoredEvent(decision_id, number, event.kind, event.at, called, digest if called else None, members)


def _events(stored: Sequence[StoredEvent]) -> Iterable[Event]:
    for each in stored:
        who = each.members["who"]
        person = None if who is None else Who(**who)
        yield Event(each.kind, each.at, person, each.members["detail"], each.members["sent"])
