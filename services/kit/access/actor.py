"""Who acts in the call under way: one system, one person, one role.

The guard of the server sets it, after certificate and tokens were checked; nobody else does. Neither the
system nor the person is ever assumed: a call without an actor is a fault of the program.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from services.kit.access.errors import NoActorError, NoPersonError


class Role(StrEnum):
    """What somebody acts as. What each may do stands in the tables of access."""

    AGENCY_SYSTEM = "AGENCY_SYSTEM"
    """A system by itself, with no person behind the call."""

    PRACTITIONER = "PRACTITIONER"
    SUPERVISOR = "SUPERVISOR"
    """Of practitioners, in the same organisation."""

    MAPPA_COORDINATOR = "MAPPA_COORDINATOR"
    """Of one area."""

    MEETING_CHAIR = "MEETING_CHAIR"
    DATA_PROTECTION_OFFICER = "DATA_PROTECTION_OFFICER"
    """Of the own organisation."""

    AUDITOR = "AUDITOR"
    """The operator's: sees metadata, never whom it is about."""

    AGREEMENT_SIGNATORY = "AGREEMENT_SIGNATORY"
    RULEBOOK_APPROVER = "RULEBOOK_APPROVER"
    OPERATOR = "OPERATOR"


class Clearance(StrEnum):
    """What a person may see beyond what the role and the desk let anybody see."""

    TERRORISM = "TERRORISM"
    RESTRICTED = "RESTRICTED"
    """Cases and desks whose existence is kept to a few."""


class Scope(StrEnum):
    """How far the role reaches in a method: what a use case shows and changes stays inside."""

    NONE = "NONE"
    """The method is about nobody's exchanges. What has scopes shows nothing under this one."""

    ORGANISATION = "ORGANISATION"
    """The caller's own organisation, all of its desks."""

    AREA = "AREA"
    """The area that the person looks after."""

    DESK = "DESK"
    """The person's own desk."""

    METADATA = "METADATA"
    """Ids, times and codes of everybody: no names, no texts."""


@dataclass(frozen=True, slots=True)
class System:
    """The calling system.

    Attributes:
        organisation: whose it is, as certificate and token both say.
        client: its id at the identity provider.
    """

    organisation: str
    client: str


@dataclass(frozen=True, slots=True)
class Person:
    """The member of staff who acts, as the identity provider says.

    Attributes:
        subject: id at the provider, unique within the organisation.
        name: as shown to others.
        job: such as COMMUNITY_OFFENDER_MANAGER; what a document's author states as role.
        roles: all that the person may act as.
        organisation: whose member.
        desk: at which the person works.
        area: which a co-ordinator looks after; empty for everybody else.
        clearances: see there.
    """

    subject: str
    name: str
    job: str
    roles: frozenset[Role]
    organisation: str
    desk: str
    area: str = ""
    clearances: frozenset[Clearance] = frozenset()


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts in one call.

    Attributes:
        system: the calling system.
        role: the one by which the table let the call pass.
        person: None only where the role is AGENCY_SYSTEM.
        scope: how far the role reaches in the method called.
    """

    system: System
    role: Role
    person: Person | None
    scope: Scope = Scope.NONE

    @property
    def organisation(self) -> str:
        """For whom this is done."""
        return self.system.organisation

    def require_person(self) -> Person:
        """The person; NoPersonError where a system acts by itself."""
        if self.person is None:
            raise NoPersonError
        return self.person


_ACTING: Final[ContextVar[Actor]] = ContextVar("actor")


def current_actor() -> Actor:
    """Who acts in the call under way.

    Raises:
        NoActorError: there is no call, or nobody checked who makes it.
    """
    try:
        return _ACTING.get()
    except LookupError:
        raise NoActorError from None


@contextmanager
def acting(actor: Actor) -> Iterator[Actor]:
    """Makes somebody the actor of what happens inside."""
    token = _ACTING.set(actor)
    try:
        yield actor
    finally:
        _ACTING.reset(token)
