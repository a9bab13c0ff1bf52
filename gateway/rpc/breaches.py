"""BreachService: breach cases over gRPC, for data protection officers."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC
from typing import Any, TypeVar

import grpc.aio
from publicprotection.oversight.v1 import breach_service_pb2 as pb2
from publicprotection.oversight.v1 import breach_service_pb2_grpc as pb2_grpc

from gateway.app.breaches.desk import (
    BreachClosedError,
    BreachDesk,
    FutureMomentError,
    UnknownBreachError,
    UnknownStepError,
)
from gateway.app.breaches.finding import Search
from gateway.app.breaches.view import BreachView
from gateway.app.key_ports import KeyStoreUnavailableError
from gateway.app.ports import Store, StoreUnavailableError
from gateway.app.tools import Tools
from gateway.core.breaches.law import BreachLaw
from services.kit.access.actor import current_actor
from services.kit.rpc.errors import (
    ConflictError,
    InvalidRequestError,
    NotFoundError,
    UnavailableError,
    Violation,
)
from services.kit.rpc.service import ServedService, serve

_Context = grpc.aio.ServicerContext[Any, Any]
_Answer = TypeVar("_Answer")


class BreachServicer(pb2_grpc.BreachServiceServicer):
    """Answers from breach cases of the caller's own organisation.

    Args:
        desk: changes them.
        view: reads them.
    """

    def __init__(self, desk: BreachDesk, view: BreachView) -> None:
        self._desk = desk
        self._view = view

    async def OpenBreach(self, request: pb2.OpenBreachRequest, _context: _Context) -> pb2.OpenBreachResponse:
        """Opens a case."""
        kind = pb2.BreachKind.Name(request.kind).removeprefix("BREACH_KIND_")
        aware_at = request.aware_at.ToDatetime(UTC)
        row = await _ask(self._desk.open(current_actor(), kind, aware_at, request.reason))
        return pb2.OpenBreachResponse(breach=await _ask(self._view.show(row)))

    async def FindAffected(
        self, request: pb2.FindAffectedRequest, _context: _Context
    ) -> pb2.FindAffectedResponse:
        """Finds what a case concerns; ConflictError if it is closed."""
        found = self._desk.find(current_actor(), request.breach_id, _search(request), request.reason)
        added, exchanges = await _ask(found)
        return pb2.FindAffectedResponse(added=added, exchanges=exchanges)

    async def NoteBreachStep(
        self, request: pb2.NoteBreachStepRequest, _context: _Context
    ) -> pb2.NoteBreachStepResponse:
        """Notes a step; InvalidRequestError if the law has none by that name."""
        taken_at = request.taken_at.ToDatetime(UTC)
        noted = self._desk.note(current_actor(), request.breach_id, request.step, taken_at, request.reason)
        return pb2.NoteBreachStepResponse(breach=await _ask(self._view.show(await _ask(noted))))

    async def GetBreach(self, request: pb2.GetBreachRequest, _context: _Context) -> pb2.GetBreachResponse:
        """One case."""
        return await _ask(self._view.get(current_actor(), request.breach_id))

    async def ListBreaches(
        self, request: pb2.ListBreachesRequest, _context: _Context
    ) -> pb2.ListBreachesResponse:
        """The organisation's cases."""
        found = await _ask(self._view.list(current_actor(), include_closed=request.include_closed))
        return pb2.ListBreachesResponse(breaches=found)

    async def ExportAffected(
        self, request: pb2.ExportAffectedRequest, _context: _Context
    ) -> AsyncIterator[pb2.ExportAffectedResponse]:
        """The records that a case concerns."""
        try:
            async for lines in self._view.export(current_actor(), request.breach_id, request.reason):
                yield pb2.ExportAffectedResponse(lines=lines)
        except UnknownBreachError:
            raise NotFoundError from None
        except (StoreUnavailableError, KeyStoreUnavailableError):
            raise UnavailableError from None


def serve_breaches(store: Store, tools: Tools, law: Callable[[], BreachLaw]) -> ServedService:
    """The service, ready for a server."""
    file: Any = pb2.DESCRIPTOR
    return serve(
        pb2_grpc.add_BreachServiceServicer_to_server,
        BreachServicer(BreachDesk(store, tools, law), BreachView(store, tools, law)),
        file.services_by_name["BreachService"],
    )


def _search(request: pb2.FindAffectedRequest) -> Search:
    kind = request.WhichOneof("where")
    period = kind == "period"
    return Search(
        exchange_id=request.exchange_id,
        subject=request.subject if kind == "subject" else None,
        since=request.period.since.ToDatetime(UTC) if period else None,
        until=request.period.until.ToDatetime(UTC) if period else None,
        organisation=request.organisation,
    )


async def _ask(answer: Awaitable[_Answer]) -> _Answer:
    try:
        return await answer
    except UnknownBreachError:
        raise NotFoundError from None
    except BreachClosedError:
        raise ConflictError from None
    except FutureMomentError as error:
        raise InvalidRequestError([Violation(error.field, "give a moment that has passed")]) from None
    except UnknownStepError as error:
        raise InvalidRequestError(
            [Violation("step", f"there is no such step: write one of {error}")]
        ) from None
    except (StoreUnavailableError, KeyStoreUnavailableError):
        raise UnavailableError from None
