"""What a record of processing says of a controller itself, beside its activities."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from gateway.core.directory import DirectoryIndex
from gateway.core.processing.activities import Activity
from gateway.core.vocabulary import kind_name

TRANSFERS: Final = "None by way of the gateway: it releases to organisations of the directory only."
PROFILING: Final = (
    "None about people. Rules decide which fields of a document may go; whatever the guidance leaves to a "
    "person's judgement waits for that person."
)


@dataclass(frozen=True, slots=True)
class Heading:
    """One controller (DPA 2018 s.61(2)(a), (e), (g); UK GDPR Article 30(1)(a), (e)).

    Attributes:
        organisation: id.
        name: in full.
        kind: of organisation.
        area: in which it works.
        contacts: desks with their telephone numbers.
        transfers: to other countries.
        profiling: whether there is any.
    """

    organisation: str
    name: str
    kind: str
    area: str
    contacts: tuple[str, ...]
    transfers: str = TRANSFERS
    profiling: str = PROFILING


def headings_of(directory: DirectoryIndex, activities: Iterable[Activity]) -> tuple[Heading, ...]:
    """The organisations that have activities, by id."""
    names = sorted({each.organisation for each in activities})
    return tuple(found for name in names if (found := _heading(directory, name)) is not None)


def _heading(directory: DirectoryIndex, organisation: str) -> Heading | None:
    known = directory.organisation(organisation)
    if known is None:
        return None
    contacts = tuple(f"{desk.name}, {desk.telephone}" for desk in known.desks)
    return Heading(organisation, known.name, kind_name(known.kind), known.area, contacts)
