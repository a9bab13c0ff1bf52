"""DirectoryService: what the directory says, to the organisation's own systems."""

from collections.abc import Callable
from typing import Any

import grpc.aio
from publicprotection.common.v1.organisation_pb2 import ORGANISATION_KIND_UNSPECIFIED
from publicprotection.exchange.v1 import directory_service_pb2_grpc
from publicprotection.exchange.v1.directory_service_pb2 import (
    DESCRIPTOR,
    GetOrganisationRequest,
    GetOrganisationResponse,
    ListOrganisationsRequest,
    ListOrganisationsResponse,
)

from services.kit.directory import Directory
from services.kit.rpc.errors import NotFoundError
from services.kit.rpc.service import ServedService, serve

_Context = grpc.aio.ServicerContext[Any, Any]


class DirectoryServicer(directory_service_pb2_grpc.DirectoryServiceServicer):
    """Answers from the directory in use, which `source` returns."""

    def __init__(self, source: Callable[[], Directory]) -> None:
        self._source = source

    async def ListOrganisations(
        self, request: ListOrganisationsRequest, _context: _Context
    ) -> ListOrganisationsResponse:
        """Organisations by id, all or of one kind."""
        directory = self._source()
        listed = [
            entry
            for entry in directory.organisations.values()
            if request.kind in (ORGANISATION_KIND_UNSPECIFIED, entry.kind)
        ]
        return ListOrganisationsResponse(organisations=listed, serial=directory.serial)

    async def GetOrganisation(
        self, request: GetOrganisationRequest, _context: _Context
    ) -> GetOrganisationResponse:
        """One organisation; NotFoundError if the directory has none by that id."""
        found = self._source().organisation(request.organisation)
        if found is None:
            raise NotFoundError
        return GetOrganisationResponse(organisation=found)


def serve_directory(source: Callable[[], Directory]) -> ServedService:
    """The service over the directory in use, ready for a server."""
    return serve(
        directory_service_pb2_grpc.add_DirectoryServiceServicer_to_server,
        DirectoryServicer(source),
        DESCRIPTOR.services_by_name["DirectoryService"],
    )
