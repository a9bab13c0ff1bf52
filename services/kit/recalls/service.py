"""RecallService: recalling what was sent from here, and confirming what others recalled."""

from typing import Any

import grpc.aio
from publicprotection.exchange.v1 import recall_service_pb2 as pb2
from publicprotection.exchange.v1 import recall_service_pb2_grpc as pb2_grpc
from publicprotection.exchange.v1.recall_pb2 import ExchangeRecall, RecallConfirmation, RecallNotice

from services.kit.access.actor import Person, current_actor
from services.kit.access.authors import author_of
from services.kit.exchange.outbox import Outbox
from services.kit.exchange.paging import page_size
from services.kit.exchange.participant import Participant, stamp
from services.kit.exchange.reach import hidden_from, reach_of
from services.kit.exchange.records import Records
from services.kit.rpc.errors import ConflictError, NotFoundError
from services.kit.rpc.service import ServedService, serve
from services.kit.store.recalls import StoredRecall

_Context = grpc.aio.ServicerContext[Any, Any]


class RecallServicer(pb2_grpc.RecallServiceServicer):
    """Answers from the store; what is said goes through the outbox.

    Args:
        participant: the organisation.
        outbox: sends.
        records: where it is kept.
    """

    def __init__(self, participant: Participant, outbox: Outbox, records: Records) -> None:
        self._participant = participant
        self._outbox = outbox
        self._records = records

    async def RecallExchange(
        self, request: pb2.RecallExchangeRequest, _context: _Context
    ) -> pb2.RecallExchangeResponse:
        """Takes back an exchange that was sent from here.

        Raises:
            NotFoundError: whoever acts sees no such exchange sent from here, or none to take its place.
            RequestReusedError, GatewayKeyMissingError: as `Outbox.submit_to_gateway`.
        """
        for exchange_id in filter(None, (request.exchange_id, request.replaced_by)):
            await self._require_sent(exchange_id)
        said = ExchangeRecall(
            recalled_exchange_id=request.exchange_id, kind=request.kind, reason=request.reason
        )
        if request.replaced_by:
            said.replaced_by = request.replaced_by
        acceptance = await self._outbox.submit_to_gateway(
            said,
            request_id=request.request_id,
            author=author_of(_person()),
            necessity=request.reason,
            in_reply_to=request.exchange_id,
            desk=_person().desk,
        )
        return pb2.RecallExchangeResponse(acceptance=acceptance)

    async def ListRecalls(
        self, request: pb2.ListRecallsRequest, _context: _Context
    ) -> pb2.ListRecallsResponse:
        """Recalls by position: those that are to be confirmed, or all; of what the caller may know of."""
        async with self._records.store.read() as connection:
            found = await self._records.recalls.page(
                connection,
                request.after_position,
                page_size(request.page_size),
                confirmed=request.include_confirmed,
                hidden=self._hidden(),
            )
        return pb2.ListRecallsResponse(recalls=[_recall(each) for each in found])

    async def ConfirmRecall(
        self, request: pb2.ConfirmRecallRequest, _context: _Context
    ) -> pb2.ConfirmRecallResponse:
        """Says what was done about a recall.

        Raises:
            NotFoundError: this organisation was told of no such recall.
            ConflictError: it was confirmed before.
            RequestReusedError, GatewayKeyMissingError: as `Outbox.submit_to_gateway`.
        """
        async with self._records.store.read() as connection:
            known = await self._records.recalls.find(connection, request.recall_id, self._hidden())
        if known is None:
            raise NotFoundError
        if known.confirmed_at is not None:
            raise ConflictError
        said = RecallConfirmation(
            recall_id=request.recall_id,
            action=request.action,
            reason=request.reason,
            passed_on_in=request.passed_on_in,
        )
        acceptance = await self._outbox.submit_to_gateway(
            said,
            request_id=request.request_id,
            author=author_of(_person()),
            necessity=request.reason,
            in_reply_to=known.exchange_id,
            desk=_person().desk,
        )
        return pb2.ConfirmRecallResponse(acceptance=acceptance)

    async def _require_sent(self, exchange_id: str) -> None:
        async with self._records.store.read() as connection:
            sent = await self._records.sent.find(connection, exchange_id)
        reach = reach_of(current_actor(), self._participant.directory(), self._participant.organisation)
        if sent is None or not reach.covers(sent.desk):
            raise NotFoundError

    def _hidden(self) -> frozenset[str]:
        return hidden_from(current_actor(), self._participant.directory(), self._participant.organisation)


def serve_recalls(participant: Participant, outbox: Outbox, records: Records) -> ServedService:
    """The service, ready for a server."""
    return serve(
        pb2_grpc.add_RecallServiceServicer_to_server,
        RecallServicer(participant, outbox, records),
        pb2.DESCRIPTOR.services_by_name["RecallService"],
    )


def _person() -> Person:
    return current_actor().require_person()


def _recall(known: StoredRecall) -> pb2.KnownRecall:
    return pb2.KnownRecall(
        notice=RecallNotice.FromString(known.notice),
        sender=known.sender,
        document_type=known.document_type,
        told_at=stamp(known.told_at),
        confirmed_at=None if known.confirmed_at is None else stamp(known.confirmed_at),
        position=known.position,
    )
