"""Who acts at the gateway, as its guard would have said."""

from services.kit.access.actor import Actor, Role, Scope, System
from tests.support.identity import as_person

AREA = "kent-and-medway"
UNIT = "kent-mappa-unit"
NAME = "Ines Vale"
JOB = "DATA_PROTECTION_OFFICER"


def officer(organisation: str = UNIT, scope: Scope | None = None, *, area: str = AREA) -> Actor:
    """A co-ordinator at the unit, who sees the area; elsewhere an officer of the own organisation."""
    of_unit = organisation == UNIT
    role = Role.MAPPA_COORDINATOR if of_unit else Role.DATA_PROTECTION_OFFICER
    person = as_person(organisation, role, name=NAME, job=JOB, area=area if of_unit else "")
    reach = scope or (Scope.AREA if of_unit else Scope.ORGANISATION)
    return Actor(System(organisation, f"{organisation}-system"), role, person, reach)
