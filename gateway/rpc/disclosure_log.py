"""DisclosureLogService: the disclosure log over gRPC, for data protection officers and co-ordinators."""

from collections.abc import AsyncIterator, Awaitable
from typing import Any, Final, TypeVar

import grpc.aio
from publicprotection.oversight.v1 import disclosure_log_service_pb2 as log_pb2
from publicprotection.oversight.v1 import disclosure_log_service_pb2_grpc as log_pb2_grpc

from gateway.app.key_ports import KeyStoreUnavailableError
from gateway.app.log_export import LogExport
from gateway.app.log_readers import ReaderView
from gateway.app.log_view import LogView, NoPositionsError, RecordUnknownError
from gateway.app.log_vouching import NoHeadError
from gateway.app.ports import Store, StoreUnavailableError
from gateway.app.tools import Tools
from gateway.core.log.errors import TileMissingError
from services.kit.access.actor import current_actor
from services.kit.keyring import NoSigningKeyError
from services.kit.rpc.errors import InvalidRequestError, NotFoundError, UnavailableError, Violation
from services.kit.rpc.service import ServedService, serve

_Context = grpc.aio.ServicerContext[Any, Any]
_Answer = TypeVar("_Answer")
_BY_INDEX: Final = "is for who sees the whole log: page by after_index"
_NOT_NOW: Final = (
    StoreUnavailableError,
    KeyStoreUnavailableError,
    NoHeadError,
    NoSigningKeyError,
    TileMissingError,
)


class DisclosureLogServicer(log_pb2_grpc.DisclosureLogServiceServicer):
    """Answers from the log.

    Args:
        view: lists and proves records.
        readers: lists who asked.
        export: writes them as a file.
    """

    def __init__(self, view: LogView, readers: ReaderView, export: LogExport) -> None:
        self._view = view
        self._readers = readers
        self._export = export

    async def ListRecords(
        self, request: log_pb2.ListRecordsRequest, _context: _Context
    ) -> log_pb2.ListRecordsResponse:
        """A page of records, oldest first unless the newest are asked for."""
        try:
            return log_pb2.ListRecordsResponse(records=await _ask(self._view.page(current_actor(), request)))
        except NoPositionsError:
            raise InvalidRequestError([Violation("after_position", _BY_INDEX)]) from None

    async def GetRecord(
        self, request: log_pb2.GetRecordRequest, _context: _Context
    ) -> log_pb2.GetRecordResponse:
        """One record, proven; NotFoundError for one that there is not, or that the caller may not see."""
        return await _ask(self._view.get(current_actor(), request))

    async def ListLogQueries(
        self, request: log_pb2.ListLogQueriesRequest, _context: _Context
    ) -> log_pb2.ListLogQueriesResponse:
        """Who asked the log, newest first."""
        found = await _ask(self._readers.list(current_actor(), request))
        return log_pb2.ListLogQueriesResponse(queries=found)

    async def ExportRecords(
        self, request: log_pb2.ExportRecordsRequest, _context: _Context
    ) -> AsyncIterator[log_pb2.ExportRecordsResponse]:
        """The file, piece by piece."""
        try:
            async for lines in self._export.write(current_actor(), request):
                yield log_pb2.ExportRecordsResponse(lines=lines)
        except _NOT_NOW:
            raise UnavailableError from None


def serve_disclosure_log(store: Store, tools: Tools) -> ServedService:
    """The service, ready for a server."""
    file: Any = log_pb2.DESCRIPTOR
    return serve(
        log_pb2_grpc.add_DisclosureLogServiceServicer_to_server,
        DisclosureLogServicer(LogView(store, tools), ReaderView(store, tools), LogExport(store, tools)),
        file.services_by_name["DisclosureLogService"],
    )


async def _ask(answer: Awaitable[_Answer]) -> _Answer:
    try:
        return await answer
    except _NOT_NOW:
        raise UnavailableError from None
    except RecordUnknownError:
        raise NotFoundError from None
