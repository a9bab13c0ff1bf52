"""HoldQueueService: what waits in a co-ordinator's area, over gRPC."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import grpc.aio
from publicprotection.oversight.v1 import hold_queue_service_pb2, hold_queue_service_pb2_grpc

from gateway.app.hold_queue import HoldQueue
from gateway.app.ports import StoreUnavailableError
from services.kit.access.actor import current_actor
from services.kit.rpc.errors import NotFoundError, UnavailableError
from services.kit.rpc.service import ServedService, serve

_Context = grpc.aio.ServicerContext[Any, Any]


class HoldQueueServicer(hold_queue_service_pb2_grpc.HoldQueueServiceServicer):
    """Answers from the holds that are open."""

    def __init__(self, queue: HoldQueue) -> None:
        self._queue = queue

    async def ListHeld(
        self, request: hold_queue_service_pb2.ListHeldRequest, _context: _Context
    ) -> hold_queue_service_pb2.ListHeldResponse:
        """A page of open holds of the caller's area."""
        with _available():
            return await self._queue.page(current_actor(), request)

    async def GetHeld(
        self, request: hold_queue_service_pb2.GetHeldRequest, _context: _Context
    ) -> hold_queue_service_pb2.GetHeldResponse:
        """One hold of the caller's area.

        Raises:
            NotFoundError: there is none, or it is of another area: which of the two nobody learns.
        """
        with _available():
            found = await self._queue.find(current_actor(), request.hold_id)
        if found is None:
            raise NotFoundError
        return hold_queue_service_pb2.GetHeldResponse(held=found)

    async def CountHeld(
        self, _request: hold_queue_service_pb2.CountHeldRequest, _context: _Context
    ) -> hold_queue_service_pb2.CountHeldResponse:
        """How many holds of the caller's area are open."""
        with _available():
            counts = await self._queue.count(current_actor())
        return hold_queue_service_pb2.CountHeldResponse(counts=counts)


@contextmanager
def _available() -> Iterator[None]:
    try:
        yield
    except StoreUnavailableError:
        raise UnavailableError from None


def serve_hold_queue(queue: HoldQueue) -> ServedService:
    """The service, ready for a server."""
    file: Any = hold_queue_service_pb2.DESCRIPTOR
    return serve(
        hold_queue_service_pb2_grpc.add_HoldQueueServiceServicer_to_server,
        HoldQueueServicer(queue),
        file.services_by_name["HoldQueueService"],
    )
