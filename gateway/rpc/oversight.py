"""RegisterService: what co-ordinators, data protection officers and auditors see of exchanges, over gRPC."""

from typing import Any

import grpc.aio
from publicprotection.oversight.v1 import register_service_pb2, register_service_pb2_grpc

from gateway.app.oversight import RegisterView
from gateway.app.ports import StoreUnavailableError
from services.kit.access.actor import current_actor
from services.kit.rpc.errors import NotFoundError, UnavailableError
from services.kit.rpc.service import ServedService, serve

_Context = grpc.aio.ServicerContext[Any, Any]


class RegisterServicer(register_service_pb2_grpc.RegisterServiceServicer):
    """Answers from the exchange register."""

    def __init__(self, view: RegisterView) -> None:
        self._view = view

    async def ListExchanges(
        self, request: register_service_pb2.ListExchangesRequest, _context: _Context
    ) -> register_service_pb2.ListExchangesResponse:
        """A page of exchanges, oldest first."""
        try:
            found = await self._view.page(current_actor(), request.after_position, request.page_size)
        except StoreUnavailableError:
            raise UnavailableError from None
        return register_service_pb2.ListExchangesResponse(exchanges=found)

    async def GetExchange(
        self, request: register_service_pb2.GetExchangeRequest, _context: _Context
    ) -> register_service_pb2.GetExchangeResponse:
        """One exchange; NotFoundError if there is none by that id."""
        try:
            found = await self._view.find(current_actor(), request.exchange_id)
        except StoreUnavailableError:
            raise UnavailableError from None
        if found is None:
            raise NotFoundError
        return register_service_pb2.GetExchangeResponse(exchange=found)


def serve_register(register: RegisterView) -> ServedService:
    """The service, ready for a server."""
    file: Any = register_service_pb2.DESCRIPTOR
    return serve(
        register_service_pb2_grpc.add_RegisterServiceServicer_to_server,
        RegisterServicer(register),
        file.services_by_name["RegisterService"],
    )
