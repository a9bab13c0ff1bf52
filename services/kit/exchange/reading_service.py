"""ReadingService: who read what here, and who was not let in."""

from typing import Any

import grpc.aio
from publicprotection.exchange.v1 import reading_service_pb2, reading_service_pb2_grpc

from services.kit.exchange.paging import page_size
from services.kit.exchange.participant import stamp
from services.kit.exchange.records import Records
from services.kit.rpc.service import ServedService, serve
from services.kit.store.paging import Beside
from services.kit.store.readings import ReadingFilter, StoredReading
from services.kit.store.refusals import Refusals, StoredRefusal

_Context = grpc.aio.ServicerContext[Any, Any]


class ReadingServicer(reading_service_pb2_grpc.ReadingServiceServicer):
    """Answers from the store."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._refusals = Refusals(records.store.vault)

    async def ListReadings(
        self, request: reading_service_pb2.ListReadingsRequest, _context: _Context
    ) -> reading_service_pb2.ListReadingsResponse:
        """Readings by position, or the newest first."""
        which = ReadingFilter(_beside(request), request.exchange_id, request.delivery_id)
        async with self._records.store.read() as connection:
            found = await self._records.readings.page(connection, which, page_size(request.page_size))
        return reading_service_pb2.ListReadingsResponse(readings=map(_describe, found))

    async def ListRefusals(
        self, request: reading_service_pb2.ListRefusalsRequest, _context: _Context
    ) -> reading_service_pb2.ListRefusalsResponse:
        """Refusals of access by position; what was refused within the last seconds may follow."""
        size = page_size(request.page_size)
        async with self._records.store.read() as connection:
            found = await self._refusals.page(connection, _beside(request), size)
        return reading_service_pb2.ListRefusalsResponse(refusals=map(_refusal, found))


def serve_readings(records: Records) -> ServedService:
    """The service, ready for a server."""
    return serve(
        reading_service_pb2_grpc.add_ReadingServiceServicer_to_server,
        ReadingServicer(records),
        reading_service_pb2.DESCRIPTOR.services_by_name["ReadingService"],
    )


def _beside(
    request: reading_service_pb2.ListReadingsRequest | reading_service_pb2.ListRefusalsRequest,
) -> Beside:
    newest = request.newest_first
    return Beside(request.before_position if newest else request.after_position, newest=newest)


def _describe(stored: StoredReading) -> reading_service_pb2.Reading:
    return reading_service_pb2.Reading(
        position=stored.position,
        at=stamp(stored.at),
        kind=reading_service_pb2.ReadingKind.ValueType(stored.kind),
        exchange_id=stored.exchange_id,
        delivery_id=stored.delivery_id,
        system=stored.system,
        person=stored.person,
        role=stored.role,
        reason=stored.reason,
    )


def _refusal(stored: StoredRefusal) -> reading_service_pb2.Refusal:
    return reading_service_pb2.Refusal(
        position=stored.position,
        since=stamp(stored.since),
        until=stamp(stored.until),
        count=stored.count,
        organisation=stored.organisation,
        method=stored.method,
        reason=stored.reason,
        system=stored.client,
        person=stored.person,
        job=stored.job,
    )
