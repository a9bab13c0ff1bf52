"""The cases of an organisation in its store: read, changed by one more event, sent for."""

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import asdict
from datetime import date
from functools import partial
from typing import Any, Final

from google.protobuf.message import Message
from publicprotection.exchange.v1 import subject_access_service_pb2 as pb2
from publicprotection.exchange.v1.header_pb2 import Author
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kit.exchange.outbox import Outbox
from services.kit.exchange.participant import Participant
from services.kit.exchange.records import Records
from services.kit.rpc.errors import InvalidRequestError, NotFoundError, Violation
from services.kit.store.access import StoredEvent, Wanted
from services.kit.subject_access.cases import Case, Kind
from services.kit.subject_access.clock import day_of
from services.kit.subject_access.errors import AccessRefusedError
from services.kit.subject_access.model import Event, Who

_MOST_KNOWN: Final = 200
"""Cases that are kept as they were listed."""

Step = Callable[[Case], Event]
"""What happens next in a case; raises what refuses it. May run twice."""


class Casebook:
    """Reads and adds to cases.

    Args:
        participant: the organisation.
        records: where its cases are kept.
        outbox: sends for them.
    """

    def __init__(self, participant: Participant, records: Records, outbox: Outbox) -> None:
        self.participant = participant
        self.records = records
        self._outbox = outbox
        self._known: OrderedDict[str, Case] = OrderedDict()

    @property
    def today(self) -> date:
        """The day in London."""
        return day_of(self.participant.clock.now())

    async def read(self, case_id: str) -> Case:
        """A case; NotFoundError if there is none."""
        async with self.records.store.read() as connection:
            return await load_case(connection, self.records, case_id)

    async def list_cases(self, request: pb2.ListCasesRequest) -> tuple[Sequence[Case], str]:
        """Cases as asked for, and the token for those that follow; empty at the end.

        Raises:
            InvalidRequestError: the token is none of this list.
        """
        wanted = Wanted(
            issued=True if request.only_issued else None if request.include_answered else False,
            size=request.page_size,
            beyond=_position(request.page_token),
        )
        async with self.records.store.read() as connection:
            stored = await self.records.access_cases.list(connection, wanted)
            cases = await self._load(connection, [each.case_id for each in stored])
        full = bool(wanted.size) and len(stored) == wanted.size
        return cases, str(stored[-1].position) if full else ""

    async def _load(self, connection: AsyncConnection, case_ids: Collection[str]) -> list[Case]:
        """Cases; one to which nothing has happened since it was last listed is not read again."""
        lengths = await self.records.access_cases.lengths(connection, case_ids)
        return [await self._load_one(connection, each, lengths.get(each, 0)) for each in case_ids]

    async def _load_one(self, connection: AsyncConnection, case_id: str, length: int) -> Case:
        known = self._known.pop(case_id, None)
        if known is None or len(known.events) != length:
            known = await load_case(connection, self.records, case_id)
        self._known[case_id] = known  # the last of those that are kept
        while len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)
        return known

    async def change(self, case_id: str, step: Step) -> Case:
        """Adds one event to a case; what the step raises leaves it as it was."""
        return await self.records.store.write(partial(self._change, case_id, step))

    async def send(self, case_id: str, who: Who, document: Message, step: Step) -> Case:
        """Adds one event and sends a document for it, both or neither.

        Args:
            case_id: the case.
            who: the person who has it sent.
            document: for the gateway.
            step: makes the event; its request id is that of the document.
        """
        request_id = f"access-{self.participant.new_id()}"

        async def also(connection: AsyncConnection) -> None:
            await self._change(case_id, lambda case: _sent_under(step(case), request_id), connection)

        author = Author(name=who.name, role=who.job)
        await self._outbox.submit_to_gateway(document, request_id=request_id, author=author, also=also)
        return await self.read(case_id)

    async def close(self, case_id: str, step: Step) -> Case:
        """As `change`, for the event by which the answer is with whoever asked: nothing is owed any more."""

        async def work(connection: AsyncConnection) -> Case:
            case = await self._change(case_id, step, connection)
            at = self.participant.clock.now()
            await self.records.access_cases.mark_answered(connection, case_id, at)
            return case

        return await self.records.store.write(work)

    def event(self, kind: Kind, who: Who | None, **detail: Any) -> Event:
        """An event of now."""
        return Event(kind.value, self.participant.clock.now(), who, detail)

    async def _change(self, case_id: str, step: Step, connection: AsyncConnection) -> Case:
        case = await load_case(connection, self.records, case_id)
        event = step(case)
        await append_event(connection, self.records, case, event)
        return case.after(event)


def _position(token: str) -> int:
    if token and not token.isdecimal():
        raise InvalidRequestError([Violation("page_token", "Use the token of the answer before.")])
    return int(token or 0)


def refuse(obstacle: str | None) -> None:
    """AccessRefusedError if there is an obstacle."""
    if obstacle is not None:
        raise AccessRefusedError({"obstacle": obstacle})


async def load_case(connection: AsyncConnection, records: Records, case_id: str) -> Case:
    """A case from the store; NotFoundError if there is none."""
    stored = await records.access_cases.events(connection, case_id)
    if not stored:
        raise NotFoundError
    return Case.fold(case_id, _events(stored))


async def append_event(connection: AsyncConnection, records: Records, case: Case, event: Event) -> None:
    """Adds an event behind those that a case has."""
    await records.access_cases.append(connection, store_event(case.case_id, len(case.events) + 1, event))


def store_event(case_id: str, number: int, event: Event) -> StoredEvent:
    """An event as the store keeps it."""
    members = {"who": None if event.who is None else asdict(event.who), "detail": event.detail}
    return StoredEvent(case_id, number, event.kind, event.at, event.request_id, members)


def _events(stored: Sequence[StoredEvent]) -> Iterable[Event]:
    for each in stored:
        who = each.members["who"]
        yield Event(
            each.kind, each.at, None if who is None else Who(**who), each.members["detail"], each.request_id
        )


def _sent_under(event: Event, request_id: str) -> Event:
    return Event(event.kind, event.at, event.who, event.detail, request_id)
