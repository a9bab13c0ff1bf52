"""InboxService: what was received here. What has expired is not surfaced."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import grpc.aio
from google.protobuf.json_format import MessageToDict
from publicprotection.common.v1.organisation_pb2 import DeskReference
from publicprotection.exchange.v1 import inbox_service_pb2, inbox_service_pb2_grpc
from publicprotection.exchange.v1.reading_service_pb2 import READING_KIND_DELIVERY
from publicprotection.transport.v1.packet_pb2 import Acknowledgement, AcknowledgementClaims, Packet
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kit.access.actor import current_actor
from services.kit.access.authors import require_author
from services.kit.exchange.errors import DeliveryExpiredError
from services.kit.exchange.notices import sign_acknowledgement
from services.kit.exchange.packets import close_packet
from services.kit.exchange.paging import page_size, watch
from services.kit.exchange.participant import Participant, stamp
from services.kit.exchange.reach import Reach, reach_of, require_clearance
from services.kit.exchange.readings import Read, Reader, note_readings
from services.kit.exchange.records import Records
from services.kit.exchange.surfacing import compose_delivery, summarise_delivery
from services.kit.exchange.victims import mask_victims
from services.kit.rpc.errors import NotFoundError
from services.kit.rpc.service import ServedService, serve
from services.kit.store.inbox import DeliveryFilter, ReceivedDelivery, StoredAcknowledgement
from services.kit.store.packets import add_packet

_Context = grpc.aio.ServicerContext[Any, Any]


class InboxServicer(inbox_service_pb2_grpc.InboxServiceServicer):
    """Answers from the store.

    Args:
        participant: who received.
        records: where it is kept.
    """

    def __init__(self, participant: Participant, records: Records) -> None:
        self._participant = participant
        self._records = records

    async def ListDeliveries(
        self, request: inbox_service_pb2.ListDeliveriesRequest, _context: _Context
    ) -> inbox_service_pb2.ListDeliveriesResponse:
        """Deliveries by position, in the order asked for, without those that have expired."""
        which = replace(
            self._filter(self._reach().within(request.desk), request.after_position),
            exchange_id=request.exchange_id,
            before=request.before_position,
            newest_first=request.newest_first,
            document_types=request.document_types,
        )
        found = await self._page(which, page_size(request.page_size))
        return inbox_service_pb2.ListDeliveriesResponse(
            deliveries=[self._summarise(received) for received in found]
        )

    async def GetDelivery(
        self, request: inbox_service_pb2.GetDeliveryRequest, _context: _Context
    ) -> inbox_service_pb2.GetDeliveryResponse:
        """One delivery with its document, built new from the leaves released. The reading is noted first.

        What is about victims goes with it only if a reason for that is given.

        Raises:
            NotFoundError: there is none of that id, or it is for a desk that the person does not see.
            ClearanceMissingError: it concerns terrorism, and the person is not cleared.
            DeliveryExpiredError: it may not be used any more.
            StoreError: the reading cannot be noted.
        """
        async with self._records.store.read() as connection:
            received = await self._find(connection, request.delivery_id, self._reach())
            content = await self._records.inbox.content(connection, request.delivery_id)
        if content is None:
            raise NotFoundError
        actor = current_actor()
        require_clearance(actor, content.leaves)
        shown, masked = (content, ()) if request.victim_reason else mask_victims(content)
        read = Read(READING_KIND_DELIVERY, received.exchange_id, received.delivery_id)
        reader = Reader.of(actor, request.victim_reason or request.reason)
        await note_readings(self._participant, self._records, reader, [read])
        delivery = compose_delivery(self._summarise(received), shown)
        if masked:
            delivery.masked.extend(masked)
            delivery.ClearField("statement")
        return inbox_service_pb2.GetDeliveryResponse(delivery=delivery)

    async def WatchDeliveries(
        self, request: inbox_service_pb2.WatchDeliveriesRequest, _context: _Context
    ) -> AsyncIterator[inbox_service_pb2.WatchDeliveriesResponse]:
        """Deliveries after a position, then those that come."""
        fetch = partial(self._fetch, self._reach().within(request.desk))
        async for received in watch(fetch, request.after_position, self._records.signals.deliveries):
            yield inbox_service_pb2.WatchDeliveriesResponse(delivery=self._summarise(received))

    async def AcknowledgeDelivery(
        self, request: inbox_service_pb2.AcknowledgeDeliveryRequest, _context: _Context
    ) -> inbox_service_pb2.AcknowledgeDeliveryResponse:
        """Notes and sends an acknowledgement that goes further than any before; others change nothing.

        Raises:
            AuthorNotCallerError: it names another person.
            NotFoundError, DeliveryExpiredError: as GetDelivery.
            GatewayKeyMissingError: it cannot be encrypted now.
        """
        require_author(current_actor(), request.author)
        furthest = await self._records.store.write(partial(self._acknowledge, request, self._reach()))
        self._records.signals.packets.notify()
        return inbox_service_pb2.AcknowledgeDeliveryResponse(
            acknowledged=inbox_service_pb2.AcknowledgementKind.ValueType(furthest)
        )

    async def _acknowledge(
        self, request: inbox_service_pb2.AcknowledgeDeliveryRequest, reach: Reach, connection: AsyncConnection
    ) -> int:
        received = await self._find(connection, request.delivery_id, reach)
        if request.kind <= received.acknowledged:
            return received.acknowledged
        at = self._participant.clock.now()
        claims = AcknowledgementClaims(
            delivery_id=received.delivery_id,
            recipient=DeskReference(organisation=self._participant.organisation, desk=received.desk),
            acknowledged_at=stamp(at),
            kind=request.kind,
            person=request.author.name,
            role=request.author.role,
        )
        signed = Acknowledgement(acknowledgement=sign_acknowledgement(claims, self._participant.signing))
        packet = close_packet(
            Packet(acknowledgement=signed), self._participant, delivery_id=received.delivery_id
        )
        added = StoredAcknowledgement(
            received.delivery_id, request.kind, at, packet.packet_id, MessageToDict(claims)
        )
        await self._records.inbox.acknowledge(connection, added)
        await add_packet(connection, packet)
        return request.kind

    def _reach(self) -> Reach:
        return reach_of(current_actor(), self._participant.directory(), self._participant.organisation)

    def _filter(self, reach: Reach, after: int) -> DeliveryFilter:
        return DeliveryFilter(after, self._participant.clock.now(), reach.desks, reach.hidden)

    async def _find(self, connection: AsyncConnection, delivery_id: str, reach: Reach) -> ReceivedDelivery:
        received = await self._records.inbox.find(connection, delivery_id)
        if received is None or not reach.covers(received.desk):
            raise NotFoundError
        if received.expired(self._participant.clock.now()):
            raise DeliveryExpiredError
        return received

    async def _fetch(self, reach: Reach, after: int, limit: int) -> Sequence[ReceivedDelivery]:
        return await self._page(self._filter(reach, after), limit)

    async def _page(self, which: DeliveryFilter, limit: int) -> Sequence[ReceivedDelivery]:
        async with self._records.store.read() as connection:
            return await self._records.inbox.page(connection, which, limit)

    def _summarise(self, received: ReceivedDelivery) -> inbox_service_pb2.DeliverySummary:
        return summarise_delivery(received, self._participant.organisation)


def serve_inbox(participant: Participant, records: Records) -> ServedService:
    """The service, ready for a server."""
    return serve(
        inbox_service_pb2_grpc.add_InboxServiceServicer_to_server,
        InboxServicer(participant, records),
        inbox_service_pb2.DESCRIPTOR.services_by_name["InboxService"],
    )
