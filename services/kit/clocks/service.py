"""ClockService of an organisation: clocks it was told of, and immediate exchanges that nobody confirmed."""

from functools import partial
from typing import Any, Final

import grpc.aio
from publicprotection.common.v1.organisation_pb2 import DeskReference
from publicprotection.exchange.v1 import clock_service_pb2 as pb2
from publicprotection.exchange.v1 import clock_service_pb2_grpc as pb2_grpc
from publicprotection.exchange.v1.clock_pb2 import (
    CLOCK_STATE_ENDED,
    CLOCK_STATE_LATE,
    CLOCK_STATE_MET,
    ClockCompletion,
    ClockNotice,
    ClockState,
    TelephoneDisclosure,
)
from publicprotection.exchange.v1.outcome_pb2 import OutcomeKind

from services.kit.access.actor import Person, current_actor
from services.kit.access.authors import author_of
from services.kit.clocks.confirming import note_telephoned
from services.kit.clocks.limits import immediate
from services.kit.exchange.outbox import Outbox
from services.kit.exchange.paging import page_size
from services.kit.exchange.participant import Participant, stamp
from services.kit.exchange.reach import hidden_from
from services.kit.exchange.records import Records
from services.kit.rpc.errors import NotFoundError
from services.kit.rpc.service import ServedService, serve
from services.kit.store.clocks import StoredClock, StoredConfirmation

_Context = grpc.aio.ServicerContext[Any, Any]

_ALL: Final = frozenset(int(value) for value in ClockState.values())
_ENDED: Final = {CLOCK_STATE_MET, CLOCK_STATE_LATE, CLOCK_STATE_ENDED}
_EVERY: Final = frozenset(int(value) for value in pb2.ConfirmationState.values())


class ClockServicer(pb2_grpc.ClockServiceServicer):
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

    async def ListClocks(self, request: pb2.ListClocksRequest, _context: _Context) -> pb2.ListClocksResponse:
        """Clocks by position: those in which something is waited for, all, or one; of no restricted desk."""
        if request.clock_id:
            return await self._list_one(request.clock_id)
        states = _ALL if request.include_ended else _ALL - _ENDED
        size, after = page_size(request.page_size), request.after_position
        shown: list[pb2.KnownClock] = []
        async with self._records.store.read() as connection:
            while len(shown) < size:
                found = await self._records.clocks.page(connection, states, after, size)
                if not found:
                    break
                shown += [_clock(each) for each in found if self._is_seen(each)]
                after = found[-1].position
        return pb2.ListClocksResponse(clocks=shown[:size])

    async def _list_one(self, clock_id: str) -> pb2.ListClocksResponse:
        async with self._records.store.read() as connection:
            known = await self._records.clocks.find(connection, clock_id)
        seen = [] if known is None or not self._is_seen(known) else [_clock(known)]
        return pb2.ListClocksResponse(clocks=seen)

    async def CompleteClock(
        self, request: pb2.CompleteClockRequest, _context: _Context
    ) -> pb2.CompleteClockResponse:
        """Says that what a clock waits for was done.

        Raises:
            NotFoundError: this organisation was told of no such clock.
            RequestReusedError, GatewayKeyMissingError: as `Outbox.submit_to_gateway`.
        """
        async with self._records.store.read() as connection:
            known = await self._records.clocks.find(connection, request.clock_id)
        if known is None or not self._is_seen(known):
            raise NotFoundError
        said = ClockCompletion(clock_id=request.clock_id, reason=request.reason)
        if request.evidence_reference:
            said.evidence_reference = request.evidence_reference
        acceptance = await self._outbox.submit_to_gateway(
            said,
            request_id=request.request_id,
            author=author_of(_person()),
            necessity=request.reason,
            in_reply_to=known.exchange_id,
            desk=_person().desk,
        )
        return pb2.CompleteClockResponse(acceptance=acceptance)

    async def ListUnconfirmed(
        self, request: pb2.ListUnconfirmedRequest, _context: _Context
    ) -> pb2.ListUnconfirmedResponse:
        """What was not confirmed in its minutes, or all of it; with the desk's telephone number."""
        wanted = _EVERY if request.include_all else {pb2.CONFIRMATION_STATE_NOT_CONFIRMED}
        async with self._records.store.read() as connection:
            found = await self._records.confirmations.page(
                connection, wanted, request.after_position, page_size(request.page_size)
            )
        return pb2.ListUnconfirmedResponse(confirmations=[self._confirmation(each) for each in found])

    async def RecordTelephoneDisclosure(
        self, request: pb2.RecordTelephoneDisclosureRequest, _context: _Context
    ) -> pb2.RecordTelephoneDisclosureResponse:
        """Puts a disclosure by telephone on record, which ends the warning.

        Raises:
            NotFoundError: no such exchange was sent from here, or there is no such desk.
            RequestReusedError, GatewayKeyMissingError: as `Outbox.submit_to_gateway`.
        """
        to = request.recipient
        async with self._records.store.read() as connection:
            sent = await self._records.sent.find(connection, request.exchange_id)
        if sent is None or self._participant.directory().desk(to.organisation, to.desk) is None:
            raise NotFoundError
        acceptance = await self._outbox.submit_to_gateway(
            self._disclosure(request),
            request_id=request.request_id,
            author=author_of(_person()),
            in_reply_to=request.exchange_id,
            desk=_person().desk,
            also=partial(
                note_telephoned,
                records=self._records,
                exchange_id=request.exchange_id,
                organisation=to.organisation,
                desk=to.desk,
            ),
        )
        return pb2.RecordTelephoneDisclosureResponse(acceptance=acceptance)

    def _is_seen(self, known: StoredClock) -> bool:
        """Whether it is about no desk here of which whoever acts must not learn."""
        own, to = self._participant.organisation, ClockNotice.FromString(known.notice).recipient
        hidden = hidden_from(current_actor(), self._participant.directory(), own)
        return to.organisation != own or to.desk not in hidden

    def _disclosure(self, request: pb2.RecordTelephoneDisclosureRequest) -> TelephoneDisclosure:
        said = TelephoneDisclosure(
            exchange_id=request.exchange_id,
            recipient=request.recipient,
            told_at=stamp(self._participant.clock.now()),
            person_told=request.person_told,
            told=request.told,
        )
        if request.HasField("told_at"):
            said.told_at.CopyFrom(request.told_at)
        return said

    def _confirmation(self, row: StoredConfirmation) -> pb2.Confirmation:
        desk = self._participant.directory().desk(row.organisation, row.desk)
        late = row.state == pb2.CONFIRMATION_STATE_NOT_CONFIRMED
        return pb2.Confirmation(
            exchange_id=row.exchange_id,
            document_type=row.document_type,
            recipient=DeskReference(organisation=row.organisation, desk=row.desk),
            telephone="" if desk is None else desk.telephone,
            accepted_at=stamp(row.accepted_at),
            confirm_by=stamp(row.confirm_by),
            state=pb2.ConfirmationState.ValueType(row.state),
            advice=immediate().advice if late else "",
            paragraph=immediate().paragraph,
            position=row.position,
        )


def serve_clocks(participant: Participant, outbox: Outbox, records: Records) -> ServedService:
    """The service, ready for a server."""
    return serve(
        pb2_grpc.add_ClockServiceServicer_to_server,
        ClockServicer(participant, outbox, records),
        pb2.DESCRIPTOR.services_by_name["ClockService"],
    )


def _person() -> Person:
    return current_actor().require_person()


def _clock(known: StoredClock) -> pb2.KnownClock:
    return pb2.KnownClock(
        clock=ClockNotice.FromString(known.notice),
        exchange_id=known.exchange_id,
        document_type=known.document_type,
        sender=known.sender,
        told_at=stamp(known.told_at),
        position=known.position,
        told=OutcomeKind.ValueType(known.told),
    )
