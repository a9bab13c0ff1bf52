"""RulebookService: the rulebook in force, and a decision tried without data, over gRPC."""

from dataclasses import dataclass
from typing import Any

import grpc.aio
from publicprotection.oversight.v1 import rulebook_service_pb2 as pb2
from publicprotection.oversight.v1 import rulebook_service_pb2_grpc as pb2_grpc

from gateway.app.ports import StoreUnavailableError
from gateway.app.rulebook_view import RulebookView, UnknownEntryError
from gateway.app.try_view import TryView
from gateway.core.trying.supposed import TryError
from services.kit.access.actor import current_actor
from services.kit.rpc.errors import InvalidRequestError, NotFoundError, UnavailableError, Violation
from services.kit.rpc.service import ServedService, serve

_Context = grpc.aio.ServicerContext[Any, Any]


@dataclass(frozen=True, slots=True)
class RulebookParts:
    """What the service answers from."""

    view: RulebookView
    tries: TryView


class RulebookServicer(pb2_grpc.RulebookServiceServicer):
    """Answers everybody who signed in."""

    def __init__(self, parts: RulebookParts) -> None:
        self._view, self._tries = parts.view, parts.tries

    async def ListEntries(
        self, request: pb2.ListEntriesRequest, _context: _Context
    ) -> pb2.ListEntriesResponse:
        """Entries of the rulebook."""
        try:
            return await self._view.page(request)
        except StoreUnavailableError:
            raise UnavailableError from None

    async def GetEntry(self, request: pb2.GetEntryRequest, _context: _Context) -> pb2.GetEntryResponse:
        """One entry; NotFoundError if there is none."""
        try:
            return await self._view.get(current_actor(), request)
        except UnknownEntryError:
            raise NotFoundError from None
        except StoreUnavailableError:
            raise UnavailableError from None

    async def ListTryChoices(
        self, request: pb2.ListTryChoicesRequest, _context: _Context
    ) -> pb2.ListTryChoicesResponse:
        """What a try may be about."""
        return self._tries.choices(current_actor(), request)

    async def TryExchange(
        self, request: pb2.TryExchangeRequest, _context: _Context
    ) -> pb2.TryExchangeResponse:
        """Decides without data. Nothing is sent, kept or recorded."""
        try:
            return await self._tries.decide(current_actor(), request)
        except TryError as fault:
            raise InvalidRequestError([Violation(fault.field, fault.advice)]) from None
        except StoreUnavailableError:
            raise UnavailableError from None


def serve_rulebook(parts: RulebookParts) -> ServedService:
    """The service, ready for a server."""
    file: Any = pb2.DESCRIPTOR
    return serve(
        pb2_grpc.add_RulebookServiceServicer_to_server,
        RulebookServicer(parts),
        file.services_by_name["RulebookService"],
    )
