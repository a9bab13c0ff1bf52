"""ClockService: time limits as the gateway keeps them, over gRPC."""

from typing import Any

import grpc.aio
from publicprotection.oversight.v1 import clock_service_pb2 as pb2
from publicprotection.oversight.v1 import clock_service_pb2_grpc as pb2_grpc

from gateway.app.clocks.view import ClockView
from gateway.app.ports import Store, StoreUnavailableError
from gateway.app.tools import Tools
from services.kit.access.actor import current_actor
from services.kit.rpc.errors import UnavailableError
from services.kit.rpc.service import ServedService, serve

_Context = grpc.aio.ServicerContext[Any, Any]


class ClockServicer(pb2_grpc.ClockServiceServicer):
    """Answers from the clocks.

    Args:
        view: reads them.
    """

    def __init__(self, view: ClockView) -> None:
        self._view = view

    async def ListClocks(self, request: pb2.ListClocksRequest, _context: _Context) -> pb2.ListClocksResponse:
        """A page of clocks."""
        try:
            return await self._view.page(current_actor(), request)
        except StoreUnavailableError:
            raise UnavailableError from None

    async def CountClocks(
        self, request: pb2.CountClocksRequest, _context: _Context
    ) -> pb2.CountClocksResponse:
        """How many run or are overdue."""
        try:
            counts = await self._view.count(current_actor(), request)
        except StoreUnavailableError:
            raise UnavailableError from None
        return pb2.CountClocksResponse(counts=counts)


def serve_clocks(store: Store, tools: Tools) -> ServedService:
    """The service, ready for a server."""
    file: Any = pb2.DESCRIPTOR
    return serve(
        pb2_grpc.add_ClockServiceServicer_to_server,
        ClockServicer(ClockView(store, tools)),
        file.services_by_name["ClockService"],
    )
