"""Access tokens: what they say of a system or a person, bound to the certificate of whoever fetches them."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from joserfc import jwt

from services.identity.keys import ALGORITHM, SigningKeys
from services.identity.people import PersonEntry
from services.identity.settings import ClientEntry
from services.kit.access.binding import CONFIRMATION, THUMBPRINT

TYPE: Final = "at+jwt"
"""RFC 9068 section 2.1: no id token passes for an access token."""

_ID_OCTETS: Final = 16


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody who has signed in.

    Attributes:
        person: who.
        at: when, in seconds since 1970.
    """

    person: PersonEntry
    at: int


@dataclass(frozen=True)
class TokenMaker:
    """Makes access tokens.

    Attributes:
        issuer: as in the settings.
        keys: of which the current one signs.
        lifetime_s: of each token.
        now: the time.
    """

    issuer: str
    keys: SigningKeys
    lifetime_s: int
    now: Callable[[], datetime]

    def make(
        self, client: ClientEntry, thumbprint: str, signed_in: SignedIn | None, audience: Sequence[str]
    ) -> str:
        """A token in the form of RFC 9068.

        Args:
            client: who fetches it.
            thumbprint: of the certificate that the client has shown; nobody else can use the token.
            signed_in: whom it is about; None if about the system itself.
            audience: services that it is for.
        """
        claims = (
            self._common(client, thumbprint)
            | {"aud": list(audience)}
            | (
                {"sub": client.client_id, "organisation": client.organisation}
                if signed_in is None
                else describe(signed_in)
            )
        )
        key = self.keys.current()
        return jwt.encode({"alg": ALGORITHM, "typ": TYPE, "kid": key.kid}, claims, key, [ALGORITHM])

    def _common(self, client: ClientEntry, thumbprint: str) -> dict[str, Any]:
        now = int(self.now().timestamp())
        return {
            "iss": self.issuer,
            "client_id": client.client_id,
            "iat": now,
            "exp": now + self.lifetime_s,
            "jti": secrets.token_urlsafe(_ID_OCTETS),
            CONFIRMATION: {THUMBPRINT: thumbprint},
        }


def describe(signed_in: SignedIn) -> dict[str, Any]:
    """The claims about a person; what does not apply is left out."""
    person = signed_in.person
    claims: dict[str, Any] = {
        "sub": person.subject,
        "auth_time": signed_in.at,
        "name": person.name,
        "job": person.job,
        "roles": [role.value for role in person.roles],
        "organisation": person.organisation,
        "desk": person.desk,
    }
    if person.area:
        claims["area"] = person.area
    if person.clearances:
        claims["clearances"] = [clearance.value for clearance in person.clearances]
    return claims
