"""DirectoryService: what the directory says, to the organisation's own systems."""

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
    """Answers from the directory in use."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    async def ListOrganisations(
        self, request: ListOrganisationsRequest, _context: _Context
    ) -> ListOrganisationsResponse:
        """Organisations by id, all or of one kind."""
        listed = [
            entry
            for entry in self._directory.organisations.values()
            if request.kind in (ORGANISATION_KIND_UNSPECIFIED, entry.kind)
        ]
        return ListOrganisationsResponse(organisations=listed, serial=self._directory.serial)

    async def GetOrganisation(
        self, request: GetOrganisationRequest, _context: _Context
    ) -> GetOrganisationResponse:
        """One organisation; NotFoundError if the directory has none by that id."""
        found = self._directory.organisation(request.organisation)
        if found is None:
            raise NotFoundError
        return GetOrganisationResponse(organisation=found)


def serve_directory(directory: Directory) -> ServedService:
    """The service, ready for a server."""
    return serve(
        directory_service_pb2_grpc.add_DirectoryServiceServicer_to_server,
        DirectoryServicer(directory),
        DESCRIPTOR.services_by_name["DirectoryService"],
    )
