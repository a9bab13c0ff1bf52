"""FiguresService: how many exchanges, and what became of them, over gRPC."""

from datetime import date
from typing import Any

import grpc.aio
from publicprotection.common.v1 import date_pb2
from publicprotection.oversight.v1 import figures_service_pb2 as pb2
from publicprotection.oversight.v1 import figures_service_pb2_grpc as pb2_grpc

from gateway.app.figures.periods import LONGEST, count_periods, start_of
from gateway.app.figures.view import GRAINS, FiguresView
from gateway.app.ports import Store, StoreUnavailableError
from gateway.app.tools import Tools
from services.kit.access.actor import current_actor
from services.kit.rpc.errors import InvalidRequestError, UnavailableError, Violation
from services.kit.rpc.service import ServedService, serve

_Context = grpc.aio.ServicerContext[Any, Any]


class FiguresServicer(pb2_grpc.FiguresServiceServicer):
    """Answers from what was counted.

    Args:
        view: reads it.
    """

    def __init__(self, view: FiguresView) -> None:
        self._view = view

    async def GetFigures(self, request: pb2.GetFiguresRequest, _context: _Context) -> pb2.GetFiguresResponse:
        """The figures of a period; InvalidRequestError if there is no such period, or it is too long."""
        grain = GRAINS[request.step]
        first, last = (start_of(grain, _day(name, getattr(request, name))) for name in ("first", "last"))
        if not 0 < count_periods(grain, first, last) <= LONGEST[grain]:
            advice = f"from first to last give 1 to {LONGEST[grain]} periods of this length"
            raise InvalidRequestError([Violation("last", advice)])
        try:
            return await self._view.get(current_actor(), request, first, last)
        except StoreUnavailableError:
            raise UnavailableError from None


def _day(field: str, written: date_pb2.Date) -> date:
    if not written.HasField("day"):
        raise InvalidRequestError([Violation(field, "give year, month and day")])
    return date(written.year, written.month, written.day)


def serve_figures(store: Store, tools: Tools) -> ServedService:
    """The service, ready for a server."""
    file: Any = pb2.DESCRIPTOR
    return serve(
        pb2_grpc.add_FiguresServiceServicer_to_server,
        FiguresServicer(FiguresView(store, tools)),
        file.services_by_name["FiguresService"],
    )
