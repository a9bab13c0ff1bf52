"""OutboxService: what was sent from here, what became of it, and what is alarming about that."""

from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Any

import grpc.aio
from google.protobuf.any_pb2 import Any as AnyMessage
from publicprotection.exchange.v1 import outbox_service_pb2, outbox_service_pb2_grpc
from publicprotection.exchange.v1.outcome_pb2 import Outcome
from publicprotection.exchange.v1.reading_service_pb2 import READING_KIND_OUTCOMES, READING_KIND_SENT

from services.kit.access.actor import current_actor
from services.kit.exchange.deliveries import build_document
from services.kit.exchange.notices import read_outcome
from services.kit.exchange.paging import page_size, watch
from services.kit.exchange.participant import Participant, stamp
from services.kit.exchange.reach import Reach, reach_of, require_clearance
from services.kit.exchange.readings import Read, Reader, note_readings
from services.kit.exchange.records import Records
from services.kit.exchange.victims import names_victims
from services.kit.rpc.errors import NotFoundError
from services.kit.rpc.service import ServedService, serve
from services.kit.store.outcomes import Settlement, StoredAlarm, StoredOutcome
from services.kit.store.sent import Original, SentExchange

_Context = grpc.aio.ServicerContext[Any, Any]


class OutboxServicer(outbox_service_pb2_grpc.OutboxServiceServicer):
    """Answers from the store. Outcomes carry the masked values that went, so reading them is noted first.

    Args:
        participant: who sent.
        records: where it is kept.
    """

    def __init__(self, participant: Participant, records: Records) -> None:
        self._participant = participant
        self._records = records

    async def ListExchanges(
        self, request: outbox_service_pb2.ListExchangesRequest, _context: _Context
    ) -> outbox_service_pb2.ListExchangesResponse:
        """Exchanges by position."""
        size, desks = page_size(request.page_size), self._reach().desks
        async with self._records.store.read() as connection:
            found = await self._records.sent.page(connection, request.after_position, size, desks)
        return outbox_service_pb2.ListExchangesResponse(exchanges=[_summarise(sent) for sent in found])

    async def GetExchange(
        self, request: outbox_service_pb2.GetExchangeRequest, _context: _Context
    ) -> outbox_service_pb2.GetExchangeResponse:
        """One exchange with outcomes and alarms; NotFoundError if it was not sent from here.

        What went of an exchange about victims is stated only if a reason for that is given; the document that
        was sent only if a reason for reading it is, too.
        """
        async with self._records.store.read() as connection:
            sent = await self._records.sent.find(connection, request.exchange_id)
            outcomes = await self._records.outcomes.of(connection, request.exchange_id)
            alarms = await self._records.alarms.of(connection, request.exchange_id)
            original = await self._records.sent.original(connection, request.exchange_id)
        if sent is None or original is None or not self._reach().covers(sent.desk):
            raise NotFoundError
        actor = current_actor()
        require_clearance(actor, original.leaves)
        masked = not request.victim_reason and names_victims(original.leaves)
        if not masked:
            await self._note(Reader.of(actor, request.victim_reason), outcomes)
        document = None
        if request.document_reason and not masked:
            reader = Reader.of(actor, request.document_reason)
            await self._note_sent(reader, sent.exchange_id)
            document = _pack(original)
        return outbox_service_pb2.GetExchangeResponse(
            exchange=_summarise(sent),
            outcomes=[_show(outcome, masked=masked) for outcome in outcomes],
            alarms=[describe_alarm(alarm) for alarm in alarms],
            masked=masked,
            document=document,
        )

    async def WatchOutcomes(
        self, request: outbox_service_pb2.WatchOutcomesRequest, _context: _Context
    ) -> AsyncIterator[outbox_service_pb2.WatchOutcomesResponse]:
        """Outcomes after a position, then those that come; what went is stated by GetExchange alone."""
        fetch = partial(self._fetch, self._reach())
        async for stored in watch(fetch, request.after_position, self._records.signals.outcomes):
            yield outbox_service_pb2.WatchOutcomesResponse(
                outcome=_show(stored, masked=True), position=stored.position
            )

    async def _fetch(self, reach: Reach, after: int, limit: int) -> Sequence[StoredOutcome]:
        async with self._records.store.read() as connection:
            return await self._records.outcomes.page(connection, after, limit, reach.desks)

    def _reach(self) -> Reach:
        return reach_of(current_actor(), self._participant.directory(), self._participant.organisation)

    async def _note(self, reader: Reader, outcomes: Sequence[StoredOutcome]) -> None:
        told = {outcome.exchange_id: None for outcome in outcomes if read_outcome(outcome.token).statements}
        read = [Read(READING_KIND_OUTCOMES, exchange_id) for exchange_id in told]
        await note_readings(self._participant, self._records, reader, read)

    async def _note_sent(self, reader: Reader, exchange_id: str) -> None:
        read = Read(READING_KIND_SENT, exchange_id)
        await note_readings(self._participant, self._records, reader, [read])


def serve_outbox(participant: Participant, records: Records) -> ServedService:
    """The service, ready for a server."""
    return serve(
        outbox_service_pb2_grpc.add_OutboxServiceServicer_to_server,
        OutboxServicer(participant, records),
        outbox_service_pb2.DESCRIPTOR.services_by_name["OutboxService"],
    )


def _pack(original: Original) -> AnyMessage:
    """The document as it was sent."""
    _header, document = build_document(original.leaves)
    packed = AnyMessage()
    packed.Pack(document)
    return packed


def _show(stored: StoredOutcome, *, masked: bool) -> Outcome:
    outcome = read_outcome(stored.token)
    if masked:
        # A statement holds what was put in place of masked and generalised values.
        del outcome.statements[:]
    return outcome


def _summarise(sent: SentExchange) -> outbox_service_pb2.ExchangeSummary:
    return outbox_service_pb2.ExchangeSummary(
        exchange_id=sent.exchange_id,
        request_id=sent.request_id,
        document_type=sent.document_type,
        state=outbox_service_pb2.ExchangeState.ValueType(sent.state),
        accepted_at=stamp(sent.accepted_at),
        in_reply_to=sent.in_reply_to,
        position=sent.position,
    )


def describe_alarm(alarm: StoredAlarm) -> outbox_service_pb2.Alarm:
    """An alarm as the contract has it."""
    settled = None if alarm.settlement is None else _describe_settlement(alarm.settlement)
    return outbox_service_pb2.Alarm(
        kind=outbox_service_pb2.AlarmKind.ValueType(alarm.kind),
        at=stamp(alarm.at),
        delivery_id=alarm.delivery_id,
        path=alarm.path,
        code=alarm.code,
        exchange_id=alarm.exchange_id,
        position=alarm.position,
        evidence=alarm.evidence,
        settlement=settled,
    )


def _describe_settlement(how: Settlement) -> outbox_service_pb2.Settlement:
    return outbox_service_pb2.Settlement(
        at=stamp(how.at), person=how.person, role=how.role, reason=how.reason
    )
