"""What a try may be about: the desks that somebody may know of, and what each document is needed for."""

from publicprotection.exchange.v1 import directory_service_pb2, header_pb2

from gateway.core.directory import DirectoryIndex
from gateway.core.rulebook import Rulebook


def seen_by(viewer: str, directory: DirectoryIndex) -> DirectoryIndex:
    """The directory without the desks of which an organisation may not know: for it there are none."""
    listed = directory.organisations.items()
    return DirectoryIndex({name: _seen(viewer, each, directory) for name, each in listed})


def purposes_of(book: Rulebook, document: str, sender: str) -> tuple[header_pb2.Purpose.ValueType, ...]:
    """Purposes for which somebody needs something of a document that a kind of organisation sends."""
    names = {
        purpose
        for need in book.needs
        if (not need.documents or document in need.documents) and (not need.senders or sender in need.senders)
        for purpose in need.purposes
    }
    return tuple(sorted(header_pb2.Purpose.Value(f"PURPOSE_{name}") for name in names))


def _seen(
    viewer: str, organisation: directory_service_pb2.Organisation, directory: DirectoryIndex
) -> directory_service_pb2.Organisation:
    seen = [
        desk
        for desk in organisation.desks
        if directory.desk_seen_by(viewer, organisation.organisation, desk.desk) is not None
    ]
    if len(seen) == len(organisation.desks):
        return organisation
    known = directory_service_pb2.Organisation()
    known.CopyFrom(organisation)
    del known.desks[:]
    known.desks.extend(seen)
    return known
