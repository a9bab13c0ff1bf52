"""Who calls: a system and perhaps a person, by certificate and two tokens that must agree.

Nothing is taken from one where another is missing. The certificate names the organisation; the system's token
and the person's name it as well, and both are bound to that certificate.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.kit.access.actor import Person, System
from services.kit.access.binding import is_bound
from services.kit.access.peer import Peer
from services.kit.access.persons import read_person, read_system
from services.kit.access.tokens import Token, TokenVerifier
from services.kit.rpc.errors import (
    SystemTokenMissingError,
    TokenInvalidError,
    TokenUnboundError,
    WrongOrganisationError,
)

Metadata = Iterable[tuple[str, str | bytes]]
"""What a call brings along: `context.invocation_metadata()`."""

SYSTEM_KEY: Final = "authorization"
PERSON_KEY: Final = "ppg-person"
_SCHEME: Final = "bearer "


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls.

    Attributes:
        system: the calling system.
        person: for whom it calls; None if it says nobody.
        until: when the first of the tokens ends.
    """

    system: System
    person: Person | None
    until: datetime


class Authenticator:
    """Tells who calls.

    Args:
        verifier: of tokens made for this service.
    """

    def __init__(self, verifier: TokenVerifier) -> None:
        self._verifier = verifier

    async def authenticate(self, peer: Peer, metadata: Metadata) -> Caller:
        """Who calls, by what the connection and the call show.

        Raises:
            AccessRefusedError: one of its subclasses; whose token it is about stands in its codes.
            IdentityUnavailableError: nobody can be known now.
        """
        given = _collect(metadata)
        bearer, text = given.get(SYSTEM_KEY), given.get(PERSON_KEY)
        if bearer is None:
            raise SystemTokenMissingError
        if bearer[: len(_SCHEME)].lower() != _SCHEME:
            raise TokenInvalidError
        own = await self._verify(bearer[len(_SCHEME) :], peer)
        system = read_system(own)
        _require_same(system.organisation, peer)
        if text is None:
            return Caller(system, None, own.ends_at)
        theirs = await self._verify(text, peer)
        person = read_person(theirs)
        _require_same(person.organisation, peer)
        return Caller(system, person, min(own.ends_at, theirs.ends_at))

    async def is_ready(self) -> bool:
        """Whether tokens can be verified now."""
        return await self._verifier.is_ready()

    async def _verify(self, text: str, peer: Peer) -> Token:
        token = await self._verifier.verify(text)
        if not is_bound(token.claims, peer.certificate):
            raise TokenUnboundError
        return token


def _collect(metadata: Metadata) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for key, value in metadata:
        if key not in (SYSTEM_KEY, PERSON_KEY):
            continue
        # Of two, a proxy and we could read different ones.
        if key in found or not isinstance(value, str):
            raise TokenInvalidError
        found[key] = value
    return found


def _require_same(organisation: str, peer: Peer) -> None:
    if organisation != peer.organisation:
        raise WrongOrganisationError
