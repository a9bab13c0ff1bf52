"""HoldService: holds that somebody in this organisation can lift. Answers travel sealed, like exchanges."""

from datetime import datetime
from functools import partial
from typing import Any, Final

import grpc.aio
from publicprotection.exchange.v1 import decision_pb2, hold_service_pb2, hold_service_pb2_grpc
from publicprotection.exchange.v1.gateway_documents_pb2 import (
    HOLD_VERDICT_DECLINE,
    HOLD_VERDICT_GRANT,
    HoldAnswer,
    HoldVerdict,
)
from publicprotection.exchange.v1.outcome_pb2 import Acceptance
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kit.access.actor import current_actor
from services.kit.access.authors import require_author
from services.kit.evidence.answering import missing_keys
from services.kit.exchange.answers import answerer_of, check_answer
from services.kit.exchange.errors import HoldAnsweredError
from services.kit.exchange.outbox import Outbox
from services.kit.exchange.participant import stamp
from services.kit.exchange.records import Records
from services.kit.rpc.errors import NotFoundError
from services.kit.rpc.service import ServedService, serve
from services.kit.store.outcomes import StoredHold

_Context = grpc.aio.ServicerContext[Any, Any]
_Answer = hold_service_pb2.GrantHoldRequest | hold_service_pb2.DeclineHoldRequest

_OPEN: Final[set[int]] = {hold_service_pb2.HOLD_STATE_OPEN}
_WAITING: Final[set[int]] = {hold_service_pb2.HOLD_STATE_OPEN, hold_service_pb2.HOLD_STATE_ANSWERED}
_ALL: Final[set[int]] = {int(value) for value in hold_service_pb2.HoldState.values()}


class HoldServicer(hold_service_pb2_grpc.HoldServiceServicer):
    """Lists holds from the store; answers through the outbox.

    Args:
        outbox: sends the answers.
        records: where the holds are kept.
    """

    def __init__(self, outbox: Outbox, records: Records) -> None:
        self._outbox = outbox
        self._records = records

    async def ListHolds(
        self, request: hold_service_pb2.ListHoldsRequest, _context: _Context
    ) -> hold_service_pb2.ListHoldsResponse:
        """Holds, oldest first: the open ones, or all, or the one asked for."""
        async with self._records.store.read() as connection:
            found = await self._find(connection, request)
        now = self._outbox.clock.now()
        return hold_service_pb2.ListHoldsResponse(holds=[_describe(hold, now) for hold in found])

    async def _find(
        self, connection: AsyncConnection, request: hold_service_pb2.ListHoldsRequest
    ) -> list[StoredHold]:
        if request.hold_id:
            hold = await self._records.holds.find(connection, request.hold_id)
            return [] if hold is None else [hold]
        return await self._records.holds.list(connection, _ALL if request.include_answered else _OPEN)

    async def GrantHold(
        self, request: hold_service_pb2.GrantHoldRequest, _context: _Context
    ) -> hold_service_pb2.GrantHoldResponse:
        """Says that the prerequisite is met.

        Raises:
            NotFoundError: no such hold was asked of this organisation.
            AuthorNotCallerError: it names another person.
            HoldAnsweredError: it was answered before, by another request.
            HoldWrongPersonError, HoldEvidenceMissingError: the gateway would not take it.
            RequestReusedError, GatewayKeyMissingError: as `Outbox.submit_to_gateway`.
        """
        answer = _answer(request, HOLD_VERDICT_GRANT)
        answer.evidence.extend(request.evidence)
        if request.evidence_reference:
            answer.evidence_reference = request.evidence_reference
        return hold_service_pb2.GrantHoldResponse(acceptance=await self._send(request, answer))

    async def DeclineHold(
        self, request: hold_service_pb2.DeclineHoldRequest, _context: _Context
    ) -> hold_service_pb2.DeclineHoldResponse:
        """Says that it is not. Errors as GrantHold."""
        answer = _answer(request, HOLD_VERDICT_DECLINE)
        return hold_service_pb2.DeclineHoldResponse(acceptance=await self._send(request, answer))

    async def _send(self, request: _Answer, answer: HoldAnswer) -> Acceptance:
        actor = current_actor()
        require_author(actor, request.author)
        async with self._records.store.read() as connection:
            hold = await self._records.holds.find(connection, request.hold_id)
        if hold is None:
            raise NotFoundError
        held = decision_pb2.Held.FromString(hold.held)
        answer.answerer.CopyFrom(answerer_of(current_actor().require_person()))
        check_answer(held, answer.answerer, answer.evidence if answer.verdict == HOLD_VERDICT_GRANT else None)
        return await self._outbox.submit_to_gateway(
            answer,
            request_id=request.request_id,
            author=request.author,
            necessity=request.reason,
            in_reply_to=hold.exchange_id,
            also=partial(self._mark_answered, request.hold_id),
            desk=actor.require_person().desk,
        )

    async def _mark_answered(self, hold_id: str, connection: AsyncConnection) -> None:
        hold = await self._records.holds.find(connection, hold_id)
        if hold is None or hold.state not in _OPEN:
            raise HoldAnsweredError
        await self._records.holds.set_state(connection, {hold_id}, hold_service_pb2.HOLD_STATE_ANSWERED)


def serve_holds(outbox: Outbox, records: Records) -> ServedService:
    """The service, ready for a server."""
    return serve(
        hold_service_pb2_grpc.add_HoldServiceServicer_to_server,
        HoldServicer(outbox, records),
        hold_service_pb2.DESCRIPTOR.services_by_name["HoldService"],
    )


def _answer(request: _Answer, verdict: "HoldVerdict.ValueType") -> HoldAnswer:
    return HoldAnswer(hold_id=request.hold_id, verdict=verdict, reason=request.reason)


def _describe(hold: StoredHold, now: datetime) -> hold_service_pb2.Hold:
    held = decision_pb2.Held.FromString(hold.held)
    described = hold_service_pb2.Hold(
        held=held,
        exchange_id=hold.exchange_id,
        sender=hold.sender,
        document_type=hold.document_type,
        asked_at=stamp(hold.asked_at),
        state=hold_service_pb2.HoldState.ValueType(hold.state),
    )
    if hold.state in _WAITING:
        described.age.FromTimedelta(now - hold.asked_at)
        described.missing.extend(missing_keys(held.requirement, {each.key for each in held.turned}))
    return described
