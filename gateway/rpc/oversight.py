"""RegisterService: what co-ordinators, data protection officers and auditors see of exchanges, over gRPC."""

from collections.abc import AsyncIterator, Awaitable
from typing import Any, Final, TypeVar

import grpc.aio
from publicprotection.oversight.v1 import register_service_pb2 as pb2
from publicprotection.oversight.v1 import register_service_pb2_grpc as pb2_grpc

from gateway.app.key_ports import KeyStoreUnavailableError
from gateway.app.oversight import (
    CursorUnreadableError,
    NoPositionsError,
    RegisterView,
    SubjectsNotShownError,
)
from gateway.app.ports import Store, StoreUnavailableError
from gateway.app.register.saved import FilterDesk, NameTellsError, TooManyFiltersError, UnknownFilterError
from gateway.app.tools import Tools
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
_NOT_NOW: Final = (StoreUnavailableError, KeyStoreUnavailableError)
_AT_FAULT: Final = {
    NoPositionsError: Violation("after_position", "is for who sees an area: page by cursor"),
    CursorUnreadableError: Violation("cursor", "was not given by this service: begin without one"),
    SubjectsNotShownError: Violation("filter.subject", "is for who is shown whom exchanges are about"),
    NameTellsError: Violation("name", "must not hold a number, an address or an identifier"),
}


class RegisterServicer(pb2_grpc.RegisterServiceServicer):
    """Answers from the exchange register.

    Args:
        view: reads it.
        desk: keeps people's filters.
    """

    def __init__(self, view: RegisterView, desk: FilterDesk) -> None:
        self._view = view
        self._desk = desk

    async def ListExchanges(
        self, request: pb2.ListExchangesRequest, _context: _Context
    ) -> pb2.ListExchangesResponse:
        """A page of exchanges."""
        return await _ask(self._view.page(current_actor(), request))

    async def GetExchange(
        self, request: pb2.GetExchangeRequest, _context: _Context
    ) -> pb2.GetExchangeResponse:
        """One exchange and its story; NotFoundError if there is none by that id."""
        found = await _ask(self._view.find(current_actor(), request.exchange_id))
        if found is None:
            raise NotFoundError
        return found

    async def ExportExchanges(
        self, request: pb2.ExportExchangesRequest, _context: _Context
    ) -> AsyncIterator[pb2.ExportExchangesResponse]:
        """All that meets a filter, piece by piece."""
        try:
            async for piece in self._view.export(current_actor(), request):
                yield piece
        except _NOT_NOW:
            raise UnavailableError from None
        except SubjectsNotShownError as error:
            raise InvalidRequestError([_AT_FAULT[type(error)]]) from None

    async def SaveFilter(self, request: pb2.SaveFilterRequest, _context: _Context) -> pb2.SaveFilterResponse:
        """Keeps a filter."""
        return pb2.SaveFilterResponse(saved=await _ask(self._desk.save(current_actor(), request)))

    async def ListFilters(
        self, _request: pb2.ListFiltersRequest, _context: _Context
    ) -> pb2.ListFiltersResponse:
        """Those that the caller keeps."""
        return pb2.ListFiltersResponse(filters=await _ask(self._desk.list(current_actor())))

    async def RemoveFilter(
        self, request: pb2.RemoveFilterRequest, _context: _Context
    ) -> pb2.RemoveFilterResponse:
        """Removes one of them; NotFoundError for one that the caller does not keep."""
        await _ask(self._desk.remove(current_actor(), request.filter_id))
        return pb2.RemoveFilterResponse()


def serve_register(store: Store, tools: Tools) -> ServedService:
    """The service, ready for a server."""
    file: Any = pb2.DESCRIPTOR
    return serve(
        pb2_grpc.add_RegisterServiceServicer_to_server,
        RegisterServicer(RegisterView(store, tools), FilterDesk(store, tools)),
        file.services_by_name["RegisterService"],
    )


async def _ask(answer: Awaitable[_Answer]) -> _Answer:
    try:
        return await answer
    except _NOT_NOW:
        raise UnavailableError from None
    except tuple(_AT_FAULT) as error:
        raise InvalidRequestError([_AT_FAULT[type(error)]]) from None
    except TooManyFiltersError:
        raise ConflictError from None
    except UnknownFilterError:
        raise NotFoundError from None
