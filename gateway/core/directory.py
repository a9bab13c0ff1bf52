"""The directory as the decision reads it: organisations, desks, areas. Keys are no concern of the core."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated

from publicprotection.common.v1 import organisation_pb2
from publicprotection.exchange.v1 import directory_service_pb2
from pydantic import StringConstraints

from gateway.core.errors import DirectoryDataError
from gateway.core.loading import read_model
from gateway.core.rulebook_model import Entry
from gateway.core.vocabulary import KIND_PREFIX, KindName, MarkingName
from gateway.core.yaml_source import parse_yaml

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,62}$")]


@dataclass(frozen=True, slots=True)
class DirectoryIndex:
    """Organisations by id."""

    organisations: Mapping[str, directory_service_pb2.Organisation]

    def organisation(self, organisation: str) -> directory_service_pb2.Organisation | None:
        """The organisation, or None."""
        return self.organisations.get(organisation)

    def desk(self, organisation: str, desk: str) -> directory_service_pb2.Desk | None:
        """The desk, or None if the organisation or the desk is not known."""
        known = self.organisations.get(organisation)
        return next((found for found in known.desks if found.desk == desk), None) if known else None

    def desk_seen_by(self, viewer: str, organisation: str, desk: str) -> directory_service_pb2.Desk | None:
        """The desk; None if it is not known, or restricted and no business of the organisation that asks."""
        found = self.desk(organisation, desk)
        if found is None or not found.restricted or viewer == organisation or viewer in found.known_to:
            return found
        return None

    def kind_of(self, organisation: str) -> int:
        """The kind, a value of common.v1.OrganisationKind; 0 if the organisation is not known."""
        known = self.organisations.get(organisation)
        return known.kind if known else organisation_pb2.ORGANISATION_KIND_UNSPECIFIED

    def of_kind(self, kind: int, area: str) -> str:
        """The id of the one organisation of a kind in an area; the first by id if several, empty if none."""
        found = (one for one in self.organisations.values() if one.kind == kind and one.area == area)
        return min((one.organisation for one in found), default="")


def index_directory(directory: directory_service_pb2.Directory) -> DirectoryIndex:
    """Indexes a directory, signed or read from data."""
    return DirectoryIndex({each.organisation: each for each in directory.organisations})


class DeskEntry(Entry):
    """A desk as data."""

    desk: Identifier
    name: str
    telephone: str
    clearance: MarkingName
    restricted: bool = False
    known_to: tuple[Identifier, ...] = ()


class OrganisationEntry(Entry):
    """An organisation as data."""

    id: Identifier
    name: str
    kind: KindName
    area: Identifier
    desks: tuple[DeskEntry, ...]


class DirectoryFile(Entry):
    """organisations.yaml."""

    organisations: tuple[OrganisationEntry, ...]


def load_directory(file: str, text: str) -> directory_service_pb2.Directory:
    """Reads organisations and desks from YAML; no keys, no serial, no dates: whoever signs it adds those.

    Raises:
        DirectoryDataError: the file says what it may not, or names an organisation or a desk twice.
    """
    source = parse_yaml(file, text, DirectoryDataError)
    entries = read_model(source, DirectoryFile, DirectoryDataError).organisations
    for index, entry in enumerate(entries):
        if _is_repeated(entries[:index], entry):
            line = source.line_of(("organisations", index))
            raise DirectoryDataError(
                file, line, entry.id, "stands twice, or has a desk twice: once is enough"
            )
    return directory_of(entries)


def directory_of(entries: Iterable[OrganisationEntry]) -> directory_service_pb2.Directory:
    """A directory of organisations and desks, without keys."""
    return directory_service_pb2.Directory(organisations=[_organisation(entry) for entry in entries])


def _is_repeated(before: tuple[OrganisationEntry, ...], entry: OrganisationEntry) -> bool:
    desks = {desk.desk for desk in entry.desks}
    return any(each.id == entry.id for each in before) or len(desks) != len(entry.desks)


def _organisation(entry: OrganisationEntry) -> directory_service_pb2.Organisation:
    return directory_service_pb2.Organisation(
        organisation=entry.id,
        name=entry.name,
        kind=organisation_pb2.OrganisationKind.Value(KIND_PREFIX + entry.kind),
        area=entry.area,
        desks=[_desk(desk) for desk in entry.desks],
    )


def _desk(desk: DeskEntry) -> directory_service_pb2.Desk:
    clearance = organisation_pb2.Marking.Value("MARKING_" + desk.clearance)
    return directory_service_pb2.Desk(
        desk=desk.desk,
        name=desk.name,
        telephone=desk.telephone,
        clearance=clearance,
        restricted=desk.restricted,
        known_to=desk.known_to,
    )
