"""How far the person who acts reaches among what this organisation sent and received.

What lies outside is not there: neither listed nor found, as if it had never come.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from google.protobuf.descriptor import FieldDescriptor

from services.kit.access.actor import Actor, Clearance, Scope
from services.kit.directory import Directory
from services.kit.evidence.errors import LeafError
from services.kit.evidence.paths import fields_along, shape_of
from services.kit.evidence.seal import TYPE_PATH
from services.kit.exchange.documents import describe_document
from services.kit.rpc.errors import ClearanceMissingError

_DOCUMENT: Final = "document."
_MARKS: Final = ("TERRORIS", "CATEGORY4", "CATEGORY_4")
"""In the names of enumerations' values, or of fields, that say so (MAPPA 6.22 to 6.28)."""

_STATING: Final = frozenset({FieldDescriptor.TYPE_ENUM, FieldDescriptor.TYPE_BOOL})
"""Free text may use the word of anybody; an enumeration or a mark states it of the case."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What somebody sees here.

    Attributes:
        desks: of these desks alone; None: of all.
        hidden: of these never: restricted desks, for whoever is not cleared.
    """

    desks: frozenset[str] | None
    hidden: frozenset[str]

    def covers(self, desk: str) -> bool:
        """Whether something of a desk is seen."""
        return desk not in self.hidden and (self.desks is None or desk in self.desks)

    def within(self, desk: str) -> "Reach":
        """The same for one desk alone, if it is named; nothing at all if that is outside."""
        return Reach(frozenset({desk} if self.covers(desk) else ()), self.hidden) if desk else self


NOTHING: Final = Reach(frozenset(), frozenset())


def reach_of(actor: Actor, directory: Directory, organisation: str) -> Reach:
    """How far somebody reaches, by the row that let the call in, the desk, and the clearances."""
    person = actor.person
    if person is None or actor.scope not in {Scope.DESK, Scope.ORGANISATION}:
        return NOTHING
    desks = frozenset({person.desk}) if actor.scope is Scope.DESK else None
    return Reach(desks, hidden_from(actor, directory, organisation))


def hidden_from(actor: Actor, directory: Directory, organisation: str) -> frozenset[str]:
    """Desks of which whoever acts, a system too, learns nothing: restricted ones, unless cleared for them."""
    person, own = actor.person, directory.organisation(organisation)
    if own is None or (person is not None and Clearance.RESTRICTED in person.clearances):
        return frozenset()
    return frozenset(each.desk for each in own.desks if each.restricted)


def require_clearance(actor: Actor, leaves: Mapping[str, Any]) -> None:
    """Refuses what says that it concerns terrorism to whoever is not cleared for it.

    Raises:
        ClearanceMissingError: as it says.
    """
    if Clearance.TERRORISM not in actor.require_person().clearances and concerns_terrorism(leaves):
        raise ClearanceMissingError


def concerns_terrorism(leaves: Mapping[str, Any]) -> bool:
    """Whether a document says that it concerns terrorism, in a field or value that stands for it."""
    kind = leaves.get(TYPE_PATH)
    return any(
        _says_so(path, value, kind) for path, value in leaves.items() if path.startswith(_DOCUMENT) and value
    )


def _says_so(path: str, value: Any, kind: Any) -> bool:
    said = f"{shape_of(path).upper()} {value}" if value is True else str(value)
    if not any(mark in said for mark in _MARKS):
        return False
    try:
        field = fields_along(path, describe_document(kind))[-1]
    except (LeafError, IndexError):
        return True
    return field.type in _STATING
