"""The register in the store: requests read, and changed by one more event."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime
from functools import partial
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from services.kit.calendar import local_day
from services.kit.exchange.outbox import Also
from services.kit.exchange.participant import Participant
from services.kit.exchange.records import Records
from services.kit.minutes.cases import Case, Kind
from services.kit.minutes.errors import MinutesRefusedError
from services.kit.rpc.errors import NotFoundError, RequestReusedError
from services.kit.store.minutes import StoredRequest, StoredStep
from services.kit.subject_access.model import Event, Who

Step = Callable[[Case], Event]
"""What happens next to a request; raises what refuses it. May run twice."""


class Casebook:
    """Reads and adds to requests.

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

    def event(self, kind: Kind, who: Who, /, **detail: Any) -> Event:
        """An event of now."""
        return Event(kind.value, self.now, who, detail)

    async def open(self, request_id: str, digest: str, first: Event) -> Case:
        """Registers a request; one that was registered before is given again.

        Raises:
            RequestReusedError: the request id stands for another.
        """
        return await self.records.store.write(partial(self._open, request_id, digest, first))

    async def read(self, case_id: str) -> Case:
        """A request; NotFoundError if there is none."""
        async with self.records.store.read() as connection:
            return await self._load(case_id, connection)

    async def list(self, *, answered: bool, due_before: datetime | None = None) -> list[Case]:
        """Requests, oldest first; those that are answered too, or not; those alone whose time is over."""
        async with self.records.store.read() as connection:
            stored = await self.records.minutes.list(connection, answered=answered, due_before=due_before)
            return [await self._load(each.case_id, connection) for each in stored]

    async def change(self, case_id: str, step: Step) -> Case:
        """Adds one event; what the step raises leaves the request as it was."""
        return await self.records.store.write(partial(self._change, case_id, step))

    def along(self, case_id: str, step: Step) -> Also:
        """One event to be added in somebody else's transaction."""

        async def also(connection: AsyncConnection) -> None:
            await self._change(case_id, step, connection)

        return also

    async def exchange_of(self, request_id: str) -> str:
        """The exchange that was sent under a request id."""
        async with self.records.store.read() as connection:
            sent = await self.records.sent.find_request(connection, request_id)
        if sent is None:
            raise NotFoundError
        return sent.exchange_id

    async def _open(self, request_id: str, digest: str, first: Event, connection: AsyncConnection) -> Case:
        known = await self.records.minutes.find_request(connection, request_id)
        if known is not None and known.request_digest != digest:
            raise RequestReusedError
        if known is not None:
            return await self._load(known.case_id, connection)
        case = Case.fold(self.participant.new_id(), [first])
        stored = StoredRequest(case.case_id, request_id, digest, first.at, case.due_at)
        await self.records.minutes.add(connection, stored)
        await self.records.minutes.append(connection, _store(case.case_id, 1, first))
        return case

    async def _load(self, case_id: str, connection: AsyncConnection) -> Case:
        stored = await self.records.minutes.steps(connection, case_id)
        if not stored:
            raise NotFoundError
        return Case.fold(case_id, _events(stored))

    async def _change(self, case_id: str, step: Step, connection: AsyncConnection) -> Case:
        case = await self._load(case_id, connection)
        event = step(case)
        await self.records.minutes.append(connection, _store(case_id, len(case.events) + 1, event))
        later = case.after(event)
        if later.due_at != case.due_at:
            await self.records.minutes.move(connection, case_id, later.due_at)
        if later.answered_at is not None:
            await self.records.minutes.mark_answered(connection, case_id, later.answered_at)
        return later


def refuse(obstacle: str | None) -> None:
    """MinutesRefusedError if there is an obstacle."""
    if obstacle is not None:
        raise MinutesRefusedError({"obstacle": obstacle})


def _store(case_id: str, number: int, event: Event) -> StoredStep:
    members = {"who": None if event.who is None else asdict(event.who), "detail": event.detail}
    return StoredStep(case_id, number, event.kind, event.at, members)


def _events(stored: Sequence[StoredStep]) -> Iterable[Event]:
    for each in stored:
        who = each.members["who"]
        yield Event(each.kind, each.at, None if who is None else Who(**who), each.members["detail"])
