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
    Organisation,
)

from services.kit.directory import Directory
from services.kit.restricted import is_seen
from services.kit.rpc.errors import NotFoundError
from services.kit.rpc.service import ServedService, serve

_Context = grpc.aio.ServicerContext[Any, Any]


class DirectoryServicer(directory_service_pb2_grpc.DirectoryServiceServicer):
    """Answers from the directory in use, without the desks that the caller has no business with.

    Args:
        source: returns the directory.
        own: the organisation that is served.
    """

    def __init__(self, source: Callable[[], Directory], own: str) -> None:
        self._source = source
        self._own = own

    async def ListOrganisations(
        self, request: ListOrganisationsRequest, _context: _Context
    ) -> ListOrganisationsResponse:
        """Organisations by id, all or of one kind."""
        directory = self._source()
        listed = [
            self._show(directory, entry)
            for entry in directory.organisations.values()
            if request.kind in (ORGANISATION_KIND_UNSPECIFIED, entry.kind)
        ]
        return ListOrganisationsResponse(organisations=listed, serial=directory.serial)

    async def GetOrganisation(
        self, request: GetOrganisationRequest, _context: _Context
    ) -> GetOrganisationResponse:
        """One organisation; NotFoundError if the directory has none by that id."""
        directory = self._source()
        found = directory.organisation(request.organisation)
        if found is None:
            raise NotFoundError
        return GetOrganisationResponse(organisation=self._show(directory, found))

    def _show(self, directory: Directory, entry: Organisation) -> Organisation:
        """A copy with the desks that may be known of. Who else knows of them is nobody's business."""
        shown = Organisation()
        shown.CopyFrom(entry)
        del shown.desks[:]
        for desk in entry.desks:
            if is_seen(directory, self._own, entry.organisation, desk.desk):
                shown.desks.add().CopyFrom(desk)
                shown.desks[-1].ClearField("known_to")
        return shown


def serve_directory(source: Callable[[], Directory], own: str) -> ServedService:
    """The service over the directory in use, ready for a server; `own` is the organisation that is served."""
    return serve(
        directory_service_pb2_grpc.add_DirectoryServiceServicer_to_server,
        DirectoryServicer(source, own),
        DESCRIPTOR.services_by_name["DirectoryService"],
    )
