"""RetentionService: legal holds, erasure, and what is due, over gRPC."""

from collections.abc import Awaitable
from typing import Any, TypeVar

import grpc.aio
from publicprotection.oversight.v1 import retention_service_pb2 as pb2
from publicprotection.oversight.v1 import retention_service_pb2_grpc as pb2_grpc

from gateway.app.due import DueView
from gateway.app.erasing import EraseDesk
from gateway.app.erasure_plans import ErasurePlans
from gateway.app.key_ports import KeyStoreUnavailableError
from gateway.app.legal_holds import LegalHoldDesk, UnknownItemError
from gateway.app.ports import Store, StoreUnavailableError
from gateway.app.subject_acts import Act, SettledError, UnknownSubjectError
from gateway.app.tools import Tools
from services.kit.access.actor import current_actor
from services.kit.rpc.errors import ConflictError, NotFoundError, UnavailableError
from services.kit.rpc.service import ServedService, serve

_Context = grpc.aio.ServicerContext[Any, Any]
_Answer = TypeVar("_Answer")


class RetentionServicer(pb2_grpc.RetentionServiceServicer):
    """Stops and carries out erasure.

    Args:
        store: where records and register are.
        tools: the means of the process.
    """

    def __init__(self, store: Store, tools: Tools) -> None:
        self._holds = LegalHoldDesk(store, tools)
        self._erase = EraseDesk(store, tools)
        self._plans = ErasurePlans(store, tools)
        self._due = DueView(store, tools)

    async def PlaceLegalHold(
        self, request: pb2.PlaceLegalHoldRequest, _context: _Context
    ) -> pb2.PlaceLegalHoldResponse:
        """Holds a subject or an exchange."""
        act = Act(current_actor(), request.acting.reason)
        placed = await _ask(self._holds.place(act, request.subject, request.exchange_id))
        return pb2.PlaceLegalHoldResponse(legal_hold_id=placed)

    async def LiftLegalHold(
        self, request: pb2.LiftLegalHoldRequest, _context: _Context
    ) -> pb2.LiftLegalHoldResponse:
        """Ends a legal hold; ConflictError if it ended before."""
        await _ask(self._holds.lift(Act(current_actor(), request.acting.reason), request.legal_hold_id))
        return pb2.LiftLegalHoldResponse()

    async def ListLegalHolds(
        self, request: pb2.ListLegalHoldsRequest, _context: _Context
    ) -> pb2.ListLegalHoldsResponse:
        """Those in force."""
        found = await _ask(self._holds.list(current_actor(), request))
        return pb2.ListLegalHoldsResponse(legal_holds=found)

    async def EraseSubject(
        self, request: pb2.EraseSubjectRequest, _context: _Context
    ) -> pb2.EraseSubjectResponse:
        """Erases a subject, or says what stands in the way."""
        act = Act(current_actor(), request.acting.reason)
        done = await _ask(self._erase.erase_subject(act, request.subject, recall=request.recall))
        return pb2.EraseSubjectResponse(erased=done.erased, obstacles=done.obstacles)

    async def EraseExchange(
        self, request: pb2.EraseExchangeRequest, _context: _Context
    ) -> pb2.EraseExchangeResponse:
        """Erases an exchange, or says what stands in the way."""
        act = Act(current_actor(), request.acting.reason)
        done = await _ask(self._erase.erase_exchange(act, request.exchange_id, recall=request.recall))
        return pb2.EraseExchangeResponse(erased=done.erased, obstacles=done.obstacles)

    async def PlanErasure(
        self, request: pb2.PlanErasureRequest, _context: _Context
    ) -> pb2.PlanErasureResponse:
        """What an erasure would come to."""
        return await _ask(self._plans.make(Act(current_actor(), request.acting.reason), request))

    async def ListDue(self, request: pb2.ListDueRequest, _context: _Context) -> pb2.ListDueResponse:
        """What is due."""
        return pb2.ListDueResponse(due=await _ask(self._due.list(current_actor(), request)))


async def _ask(answer: Awaitable[_Answer]) -> _Answer:
    """What is answered; refusals as those of a call."""
    try:
        return await answer
    except (UnknownSubjectError, UnknownItemError):
        raise NotFoundError from None
    except SettledError:
        raise ConflictError from None
    except (StoreUnavailableError, KeyStoreUnavailableError):
        raise UnavailableError from None


def serve_retention(store: Store, tools: Tools) -> ServedService:
    """The service, ready for a server."""
    file: Any = pb2.DESCRIPTOR
    return serve(
        pb2_grpc.add_RetentionServiceServicer_to_server,
        RetentionServicer(store, tools),
        file.services_by_name["RetentionService"],
    )
