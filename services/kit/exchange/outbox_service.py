"""OutboxService: what was sent from here, what became of it, and what is alarming about that."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import grpc.aio
from publicprotection.exchange.v1 import outbox_service_pb2, outbox_service_pb2_grpc

from services.kit.exchange.notices import read_outcome
from services.kit.exchange.paging import page_size, watch
from services.kit.exchange.participant import stamp
from services.kit.exchange.records import Records
from services.kit.rpc.errors import NotFoundError
from services.kit.rpc.service import ServedService, serve
from services.kit.store.outcomes import StoredAlarm, StoredOutcome
from services.kit.store.sent import SentExchange

_Context = grpc.aio.ServicerContext[Any, Any]


class OutboxServicer(outbox_service_pb2_grpc.OutboxServiceServicer):
    """Answers from the store."""

    def __init__(self, records: Records) -> None:
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
        self, request: outbox_service_pb2.GetExchangeRequest, _context: _Context
    ) -> outbox_service_pb2.GetExchangeResponse:
        """One exchange with outcomes and alarms; NotFoundError if it was not sent from here."""
        async with self._records.store.read() as connection:
            sent = await self._records.sent.find(connection, request.exchange_id)
            outcomes = await self._records.outcomes.of(connection, request.exchange_id)
            alarms = await self._records.alarms.of(connection, request.exchange_id)
        if sent is None:
            raise NotFoundError
        return outbox_service_pb2.GetExchangeResponse(
            exchange=_summarise(sent),
            outcomes=[read_outcome(outcome.token) for outcome in outcomes],
            alarms=[describe_alarm(alarm) for alarm in alarms],
        )

    async def WatchOutcomes(
        self, request: outbox_service_pb2.WatchOutcomesRequest, _context: _Context
    ) -> AsyncIterator[outbox_service_pb2.WatchOutcomesResponse]:
        """Outcomes after a position, then those that come."""
        async for stored in watch(self._fetch, request.after_position, self._records.signals.outcomes):
            yield outbox_service_pb2.WatchOutcomesResponse(
                outcome=read_outcome(stored.token), position=stored.position
            )

    async def _fetch(self, after: int, limit: int) -> Sequence[StoredOutcome]:
        async with self._records.store.read() as connection:
            return await self._records.outcomes.page(connection, after, limit)


def serve_outbox(records: Records) -> ServedService:
    """The service, ready for a server."""
    return serve(
        outbox_service_pb2_grpc.add_OutboxServiceServicer_to_server,
        OutboxServicer(records),
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
    return outbox_service_pb2.Alarm(
        kind=outbox_service_pb2.AlarmKind.ValueType(alarm.kind),
        at=stamp(alarm.at),
        delivery_id=alarm.delivery_id,
        path=alarm.path,
        code=alarm.code,
        exchange_id=alarm.exchange_id,
        position=alarm.position,
        evidence=alarm.evidence,
    )
