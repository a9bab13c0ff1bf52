"""OutboxService: what was sent from here, what became of it, and what is alarming about that."""

from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Any

import grpc.aio
from publicprotection.exchange.v1 import outbox_service_pb2, outbox_service_pb2_grpc
from publicprotection.exchange.v1.reading_service_pb2 import READING_KIND_OUTCOMES

from services.kit.exchange.notices import read_outcome
from services.kit.exchange.paging import page_size, watch
from services.kit.exchange.participant import Participant, stamp
from services.kit.exchange.readings import Read, Reader, note_readings
from services.kit.exchange.records import Records
from services.kit.rpc.errors import NotFoundError
from services.kit.rpc.service import ServedService, serve
from services.kit.store.outcomes import Settlement, StoredAlarm, StoredOutcome
from services.kit.store.sent import SentExchange

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
        async with self._records.store.read() as connection:
            found = await self._records.sent.page(
                connection, request.after_position, page_size(request.page_size)
            )
        return outbox_service_pb2.ListExchangesResponse(exchanges=[_summarise(sent) for sent in found])

    async def GetExchange(
        self, request: outbox_service_pb2.GetExchangeRequest, context: _Context
    ) -> outbox_service_pb2.GetExchangeResponse:
        """One exchange with outcomes and alarms; NotFoundError if it was not sent from here."""
        async with self._records.store.read() as connection:
            sent = await self._records.sent.find(connection, request.exchange_id)
            outcomes = await self._records.outcomes.of(connection, request.exchange_id)
            alarms = await self._records.alarms.of(connection, request.exchange_id)
        if sent is None:
            raise NotFoundError
        await self._note(Reader.of(context, request.reader), outcomes)
        return outbox_service_pb2.GetExchangeResponse(
            exchange=_summarise(sent),
            outcomes=[read_outcome(outcome.token) for outcome in outcomes],
            alarms=[describe_alarm(alarm) for alarm in alarms],
        )

    async def WatchOutcomes(
        self, request: outbox_service_pb2.WatchOutcomesRequest, context: _Context
    ) -> AsyncIterator[outbox_service_pb2.WatchOutcomesResponse]:
        """Outcomes after a position, then those that come."""
        fetch = partial(self._fetch, Reader.of(context, request.reader))
        async for stored in watch(fetch, request.after_position, self._records.signals.outcomes):
            yield outbox_service_pb2.WatchOutcomesResponse(
                outcome=read_outcome(stored.token), position=stored.position
            )

    async def _fetch(self, reader: Reader, after: int, limit: int) -> Sequence[StoredOutcome]:
        async with self._records.store.read() as connection:
            found = await self._records.outcomes.page(connection, after, limit)
        await self._note(reader, found)
        return found

    async def _note(self, reader: Reader, outcomes: Sequence[StoredOutcome]) -> None:
        told = {outcome.exchange_id: None for outcome in outcomes if read_outcome(outcome.token).statements}
        read = [Read(READING_KIND_OUTCOMES, exchange_id) for exchange_id in told]
        await note_readings(self._participant, self._records, reader, read)


def serve_outbox(participant: Participant, records: Records) -> ServedService:
    """The service, ready for a server."""
    return serve(
        outbox_service_pb2_grpc.add_OutboxServiceServicer_to_server,
        OutboxServicer(participant, records),
        outbox_service_pb2.DESCRIPTOR.services_by_name["OutboxService"],
    )


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
