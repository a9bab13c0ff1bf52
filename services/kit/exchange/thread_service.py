"""ThreadService: what was sent and received here about one matter, in codes, ids, times, document types."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import grpc.aio
from publicprotection.common.v1.organisation_pb2 import DeskReference
from publicprotection.exchange.v1 import thread_service_pb2, thread_service_pb2_grpc
from publicprotection.exchange.v1.inbox_service_pb2 import AcknowledgementKind
from publicprotection.exchange.v1.outcome_pb2 import OUTCOME_KIND_ACKNOWLEDGED
from publicprotection.exchange.v1.thread_service_pb2 import ThreadEntry
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kit.access.actor import current_actor
from services.kit.evidence.statement import Statement
from services.kit.exchange.notices import payload_of, read_outcome
from services.kit.exchange.participant import Participant, stamp
from services.kit.exchange.reach import reach_of
from services.kit.exchange.records import Records
from services.kit.exchange.threads import follow_thread
from services.kit.rpc.errors import NotFoundError
from services.kit.rpc.service import ServedService, serve
from services.kit.store.inbox import Acknowledged, ReceivedDelivery
from services.kit.store.outcomes import StoredOutcome
from services.kit.store.sent import SentExchange

_Context = grpc.aio.ServicerContext[Any, Any]


class ThreadServicer(thread_service_pb2_grpc.ThreadServiceServicer):
    """Answers from the store.

    Args:
        participant: whose threads they are.
        records: what it sent and received.
    """

    def __init__(self, participant: Participant, records: Records) -> None:
        self._participant = participant
        self._records = records

    async def GetThread(
        self, request: thread_service_pb2.GetThreadRequest, _context: _Context
    ) -> thread_service_pb2.GetThreadResponse:
        """The thread of an exchange, oldest first, without deliveries that have expired.

        Raises:
            NotFoundError: nothing that the person sees was sent or received here about that exchange.
        """
        now = self._participant.clock.now()
        reach = reach_of(current_actor(), self._participant.directory(), self._participant.organisation)
        async with self._records.store.read() as connection:
            thread = await follow_thread(connection, self._records, request.exchange_id)
            received = [row for row in thread.received.values() if reach.covers(row.desk)]
            usable = [row for row in received if not row.expired(now)]
            sent = [row for row in thread.sent.values() if reach.covers(row.desk)]
            entries = [
                *[entry for row in sent for entry in await self._about_sent(connection, row)],
                *await self._about_received(connection, usable),
            ]
        if not entries:
            raise NotFoundError
        entries.sort(key=lambda entry: (entry.at.ToNanoseconds(), entry.kind))
        return thread_service_pb2.GetThreadResponse(entries=entries, truncated=thread.truncated)

    async def _about_sent(self, connection: AsyncConnection, sent: SentExchange) -> list[ThreadEntry]:
        own = self._participant.organisation
        said = await self._records.outcomes.of(connection, sent.exchange_id)
        first = _write(sent, own, thread_service_pb2.THREAD_ENTRY_KIND_SENT, sent.accepted_at)
        told = [entry for outcome in said for entry in _read_told(sent, own, outcome)]
        return [first, *told]

    async def _about_received(
        self, connection: AsyncConnection, received: Sequence[ReceivedDelivery]
    ) -> list[ThreadEntry]:
        own, known = self._participant.organisation, {row.delivery_id: row for row in received}
        said = await self._records.inbox.acknowledged(connection, known)
        return [
            *(_write_received(row, own) for row in received),
            *(_write_acknowledged(known[item.delivery_id], own, item) for item in said),
        ]


def serve_threads(participant: Participant, records: Records) -> ServedService:
    """The service, ready for a server."""
    return serve(
        thread_service_pb2_grpc.add_ThreadServiceServicer_to_server,
        ThreadServicer(participant, records),
        thread_service_pb2.DESCRIPTOR.services_by_name["ThreadService"],
    )


def _read_told(sent: SentExchange, own: str, stored: StoredOutcome) -> Iterator[ThreadEntry]:
    """What an outcome adds to a thread: the releases that it states, or an acknowledgement."""
    outcome = read_outcome(stored.token)
    for said in filter(None, map(_read_statement, outcome.statements)):
        entry = _write(sent, own, thread_service_pb2.THREAD_ENTRY_KIND_RELEASED, stored.received_at)
        entry.delivery_id, entry.supplementary_to = said.delivery_id, said.supplementary_to or ""
        entry.recipient.CopyFrom(DeskReference(**said.recipient.model_dump()))
        yield entry
    if outcome.kind == OUTCOME_KIND_ACKNOWLEDGED:
        entry = _write(sent, own, thread_service_pb2.THREAD_ENTRY_KIND_ACKNOWLEDGED, stored.received_at)
        entry.delivery_id = outcome.delivery_id
        entry.recipient.CopyFrom(outcome.recipient)
        yield entry


def _read_statement(token: str) -> Statement | None:
    """None for one that is malformed: that raised an alarm when it arrived, and hides nothing else here."""
    try:
        return Statement.model_validate_json(payload_of(token))
    except (ValueError, IndexError):
        return None


def _write_received(received: ReceivedDelivery, own: str) -> ThreadEntry:
    kind = thread_service_pb2.THREAD_ENTRY_KIND_RECEIVED
    entry = _write(received, received.sender, kind, received.received_at)
    entry.delivery_id, entry.supplementary_to = received.delivery_id, received.supplementary_to
    entry.recipient.CopyFrom(DeskReference(organisation=own, desk=received.desk))
    return entry


def _write_acknowledged(received: ReceivedDelivery, own: str, said: Acknowledged) -> ThreadEntry:
    entry = _write_received(received, own)
    entry.kind = thread_service_pb2.THREAD_ENTRY_KIND_ACKNOWLEDGED
    entry.at.CopyFrom(stamp(said.acknowledged_at))
    entry.acknowledged = AcknowledgementKind.ValueType(said.kind)
    return entry


def _write(
    row: SentExchange | ReceivedDelivery,
    sender: str,
    kind: "thread_service_pb2.ThreadEntryKind.ValueType",
    at: datetime,
) -> ThreadEntry:
    return ThreadEntry(
        kind=kind,
        at=stamp(at),
        exchange_id=row.exchange_id,
        in_reply_to=row.in_reply_to,
        document_type=row.document_type,
        sender=sender,
    )
