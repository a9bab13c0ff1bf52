"""How far whoever acts sees at the gateway, by the row that let the call in: whose exchanges, and how much.

An empty area is nobody's and shows nothing; so does a scope that is not for what is kept here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from services.kit.access.actor import Actor, Scope
from services.kit.directory import Directory


@dataclass(frozen=True, slots=True)
class Sight:
    """What somebody sees.

    Attributes:
        organisations: what concerns one of these alone; None: everything.
        whole: entries and decisions in full. Otherwise as excerpts for those who took part.
        people: whom it is about, and the texts that are kept apart.
    """

    organisations: frozenset[str] | None
    whole: bool
    people: bool

    def covers(self, concerned: Iterable[str]) -> bool:
        """Whether something that concerns these organisations is seen."""
        return self.organisations is None or not self.organisations.isdisjoint(concerned)


NOTHING: Final = Sight(frozenset(), whole=False, people=False)


def sight_of(actor: Actor, directory: Directory) -> Sight:
    """How far somebody sees.

    Args:
        actor: who acts, with the scope of the row that let the call in.
        directory: in force; says which organisations an area has.
    """
    if actor.scope is Scope.METADATA:
        return Sight(None, whole=True, people=False)
    if actor.scope is Scope.ORGANISATION:
        return Sight(frozenset({actor.organisation}), whole=False, people=False)
    if actor.scope is Scope.AREA:
        return Sight(_list_area(actor, directory), whole=True, people=True)
    return NOTHING


def _list_area(actor: Actor, directory: Directory) -> frozenset[str]:
    area = "" if actor.person is None else actor.person.area
    listed = directory.organisations.values()
    return frozenset(each.organisation for each in listed if area and each.area == area)
