"""Who calls: a system and perhaps a person, by certificate and two tokens that must agree.

Nothing is taken from one where another is missing. The certificate names the organisation; the system's token
and the person's name it as well, and both are bound to that certificate.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from services.kit.access.actor import Person, System
from services.kit.access.binding import is_bound
from services.kit.access.persons import read_person, read_system
from services.kit.access.tokens import Token, TokenVerifier
from services.kit.credentials import ORGANISATION_URN
from services.kit.rpc.errors import (
    SystemTokenMissingError,
    TokenInvalidError,
    TokenUnboundError,
    UnidentifiedCallerError,
    WrongOrganisationError,
)

AuthContext = Mapping[str, Iterable[bytes]]
"""What gRPC knows of a peer: `context.auth_context()`."""

Metadata = Iterable[tuple[str, str | bytes]]
"""What a call brings along: `context.invocation_metadata()`."""

SYSTEM_KEY: Final = "authorization"
PERSON_KEY: Final = "ppg-person"
_SCHEME: Final = "bearer "


@dataclass(frozen=True, slots=True)
class Peer:
    """Who is at the other end of the connection.

    Attributes:
        organisation: as its certificate names it.
        certificate: in PEM.
    """

    organisation: str
    certificate: bytes


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls.

    Attributes:
        system: the calling system.
        person: for whom it calls; None if it says nobody.
    """

    system: System
    person: Person | None


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
        bearer = given.get(SYSTEM_KEY)
        if bearer is None:
            raise SystemTokenMissingError
        if bearer[: len(_SCHEME)].lower() != _SCHEME:
            raise TokenInvalidError
        system = read_system(await self._verify(bearer[len(_SCHEME) :], peer))
        _require_same(system.organisation, peer)
        return Caller(system, await self._read_person(given.get(PERSON_KEY), peer))

    async def is_ready(self) -> bool:
        """Whether tokens can be verified now."""
        return await self._verifier.is_ready()

    async def _read_person(self, text: str | None, peer: Peer) -> Person | None:
        if text is None:
            return None
        person = read_person(await self._verify(text, peer))
        _require_same(person.organisation, peer)
        return person

    async def _verify(self, text: str, peer: Peer) -> Token:
        token = await self._verifier.verify(text)
        if not is_bound(token.claims, peer.certificate):
            raise TokenUnboundError
        return token


def identify(context: AuthContext) -> Peer:
    """Who the peer is, by its verified certificate.

    Raises:
        UnidentifiedCallerError: no certificate, or one that names no organisation or several.
    """
    # `peer_uri` holds the URIs alone; `x509_subject_alternative_name` mixes them with host names.
    uris = {value.decode("utf-8", "replace") for value in context.get("peer_uri", ())}
    named = {uri.removeprefix(ORGANISATION_URN) for uri in uris if uri.startswith(ORGANISATION_URN)}
    shown = list(context.get("x509_pem_cert", ()))
    if len(named) != 1 or "" in named or len(shown) != 1:
        raise UnidentifiedCallerError
    return Peer(named.pop(), shown[0])


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
