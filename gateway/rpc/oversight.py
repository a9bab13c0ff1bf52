"""The oversight services: what co-ordinators and data protection officers see, over gRPC."""

from typing import Any

import grpc.aio
from publicprotection.oversight.v1 import (
    disclosure_log_service_pb2,
    disclosure_log_service_pb2_grpc,
    register_service_pb2,
    register_service_pb2_grpc,
)

from gateway.app.oversight import LogView, RegisterView
from gateway.app.ports import StoreUnavailableError
from services.kit.rpc.authorisation import identify
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
            found = await self._view.page(request.after_position, request.page_size)
        except StoreUnavailableError:
            raise UnavailableError from None
        return register_service_pb2.ListExchangesResponse(exchanges=found)

    async def GetExchange(
        self, request: register_service_pb2.GetExchangeRequest, _context: _Context
    ) -> register_service_pb2.GetExchangeResponse:
        """One exchange; NotFoundError if there is none by that id."""
        try:
            found = await self._view.find(request.exchange_id)
        except StoreUnavailableError:
            raise UnavailableError from None
        if found is None:
            raise NotFoundError
        return register_service_pb2.GetExchangeResponse(exchange=found)


class DisclosureLogServicer(disclosure_log_service_pb2_grpc.DisclosureLogServiceServicer):
    """Answers from the disclosure log; each query is itself a record, with its purpose (DPA 2018 s.62(4))."""

    def __init__(self, view: LogView) -> None:
        self._view = view

    async def ListRecords(
        self, request: disclosure_log_service_pb2.ListRecordsRequest, context: _Context
    ) -> disclosure_log_service_pb2.ListRecordsResponse:
        """A page of records, oldest first."""
        caller = identify(context.auth_context())
        try:
            found = await self._view.page(caller.organisation, request)
        except StoreUnavailableError:
            raise UnavailableError from None
        records = [
            disclosure_log_service_pb2.LogRecord(
                position=row.position, entry=row.entry or "", record_hash=row.record_hash
            )
            for row in found
        ]
        return disclosure_log_service_pb2.ListRecordsResponse(records=records)


def serve_oversight(register: RegisterView, log: LogView) -> tuple[ServedService, ServedService]:
    """The two services, ready for a server."""
    register_file: Any = register_service_pb2.DESCRIPTOR
    log_file: Any = disclosure_log_service_pb2.DESCRIPTOR
    return (
        serve(
            register_service_pb2_grpc.add_RegisterServiceServicer_to_server,
            RegisterServicer(register),
            register_file.services_by_name["RegisterService"],
        ),
        serve(
            disclosure_log_service_pb2_grpc.add_DisclosureLogServiceServicer_to_server,
            DisclosureLogServicer(log),
            log_file.services_by_name["DisclosureLogService"],
        ),
    )
