"""Verifies access tokens: JWT in the form of RFC 9068, from issuers that the settings name.

The order is that of suspicion: size, form, issuer, algorithm, key, signature, and only then what it says. The
algorithm is one that the issuer may use, never one that the token may choose; keys are looked up by id in the
issuer's own set; no algorithm with a shared secret is offered at all.
"""

import hashlib
from base64 import urlsafe_b64decode
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import Key

from services.kit.access.jwks import IssuerKeys, KeysUnavailableError, open_keys
from services.kit.access.settings import IdentitySettings, IssuerSettings
from services.kit.clock import Clock
from services.kit.evidence.canonical import parse_strictly
from services.kit.evidence.errors import EvidenceError
from services.kit.rpc.errors import (
    IdentityUnavailableError,
    TokenExpiredError,
    TokenInvalidError,
    UnknownIssuerError,
    WrongAudienceError,
)

MAX_TOKEN_OCTETS: Final = 8 * 1024
_PARTS: Final = 3
_REMEMBERED: Final = 4096
_AUDIENCE: Final = "urn:publicprotection:service:"
_TYPE_PREFIX: Final = "application/"
_LAST: Final = 253_402_300_799
"""The end of the year 9999: beyond it a number is no date."""


def audience_of(organisation: str) -> str:
    """What a token for an organisation's service, or for the gateway's, states as its audience."""
    return f"{_AUDIENCE}{organisation}"


@dataclass(frozen=True, slots=True)
class Token:
    """A token that was verified: signature, times and audience.

    Attributes:
        issuer: who made it, with the claims' names.
        claims: what it says.
    """

    issuer: IssuerSettings
    claims: Mapping[str, Any]

    @property
    def ends_at(self) -> datetime:
        """When it ends, the leeway apart."""
        return datetime.fromtimestamp(float(self.claims["exp"]), UTC)


class TokenVerifier:
    """Verifies tokens for one audience.

    Args:
        issuers: who is believed, each with its keys.
        audience: of this service.
        clock: the time.
    """

    def __init__(
        self, issuers: Iterable[tuple[IssuerSettings, IssuerKeys]], audience: str, clock: Clock
    ) -> None:
        self._issuers = {settings.issuer: (settings, keys) for settings, keys in issuers}
        self._audience = audience
        self._clock = clock
        self._seen: OrderedDict[bytes, tuple[Key, Mapping[str, Any]]] = OrderedDict()

    async def verify(self, text: str) -> Token:
        """What a token says, if all about it is as it must be.

        Raises:
            TokenInvalidError, UnknownIssuerError, TokenExpiredError, WrongAudienceError: it is not.
            IdentityUnavailableError: its issuer's keys cannot be had.
        """
        header, unverified = _take_apart(text)
        settings, keys = self._find_issuer(unverified)
        key = await _find_key(keys, _check_header(header, settings))
        claims = self._check_signature(text, key, settings)
        _check_times(claims, settings, self._clock.now())
        _check_audience(claims, self._audience)
        return Token(settings, claims)

    async def is_ready(self) -> bool:
        """Whether the keys of every issuer are there."""
        return all([await keys.is_there() for _, keys in self._issuers.values()])

    def _find_issuer(self, claims: Mapping[str, Any]) -> tuple[IssuerSettings, IssuerKeys]:
        name = claims.get("iss")
        found = self._issuers.get(name) if isinstance(name, str) else None
        if found is None:
            raise UnknownIssuerError
        return found

    def _check_signature(self, text: str, key: Key, settings: IssuerSettings) -> Mapping[str, Any]:
        # A signature stays what it is as long as its key is in the set, and each load makes new objects.
        digest = hashlib.sha256(text.encode()).digest()
        known = self._seen.get(digest)
        if known is not None and known[0] is key:
            return known[1]
        claims = _verify(text, key, settings)
        self._seen[digest] = (key, claims)
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        return claims


def open_verifier(settings: IdentitySettings, organisation: str, clock: Clock) -> TokenVerifier:
    """The verifier of an organisation's service, or the gateway's; reads no key yet."""
    issuers = [(issuer, open_keys(issuer, clock)) for issuer in settings.issuers]
    return TokenVerifier(issuers, audience_of(organisation), clock)


def _take_apart(text: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    parts = text.split(".") if len(text) <= MAX_TOKEN_OCTETS else []
    if len(parts) != _PARTS or not text.isascii():
        raise TokenInvalidError
    return _parse(parts[0]), _parse(parts[1])


def _parse(part: str) -> Mapping[str, Any]:
    try:
        value = parse_strictly(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (EvidenceError, ValueError):
        raise TokenInvalidError from None
    if not isinstance(value, dict):
        raise TokenInvalidError
    return value


def _check_header(header: Mapping[str, Any], settings: IssuerSettings) -> str:
    kind, kid = header.get("typ"), header.get("kid")
    if not isinstance(kind, str) or not isinstance(kid, str) or "crit" in header:
        raise TokenInvalidError
    allowed = {name.lower() for name in settings.token_types}
    if kind.lower().removeprefix(_TYPE_PREFIX) not in allowed:
        raise TokenInvalidError
    if header.get("alg") not in settings.algorithms:
        raise TokenInvalidError
    return kid


async def _find_key(keys: IssuerKeys, kid: str) -> Key:
    try:
        key = await keys.find(kid)
    except KeysUnavailableError:
        raise IdentityUnavailableError from None
    if key is None:
        raise TokenInvalidError
    return key


def _verify(text: str, key: Key, settings: IssuerSettings) -> Mapping[str, Any]:
    try:
        signed = jws.deserialize_compact(text.encode(), key, algorithms=list(settings.algorithms))
    except (JoseError, ValueError, TypeError):
        raise TokenInvalidError from None
    stated = key.get("alg")
    if stated is not None and stated != signed.headers()["alg"]:
        raise TokenInvalidError
    # Read from what was verified, not from what was read before.
    return _parse_payload(signed.payload)


def _parse_payload(payload: bytes | None) -> Mapping[str, Any]:
    try:
        value = parse_strictly(payload or b"")
    except (EvidenceError, UnicodeDecodeError):
        raise TokenInvalidError from None
    if not isinstance(value, dict):
        raise TokenInvalidError
    return value


def _check_times(claims: Mapping[str, Any], settings: IssuerSettings, now: datetime) -> None:
    """RFC 9068 requires `iat` and `exp`; `nbf` counts where it stands."""
    issued, ends = _read_time(claims, "iat"), _read_time(claims, "exp")
    starts = _read_time(claims, "nbf") if "nbf" in claims else issued
    if ends - issued > settings.max_lifetime_s:
        raise TokenInvalidError
    leeway, moment = settings.leeway_s, now.timestamp()
    if moment >= ends + leeway or moment < max(starts, issued) - leeway:
        raise TokenExpiredError


def _read_time(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TokenInvalidError
    if not 0 <= value <= _LAST:
        raise TokenInvalidError
    return float(value)


def _check_audience(claims: Mapping[str, Any], audience: str) -> None:
    stated = claims.get("aud")
    listed = stated if isinstance(stated, list) else [stated]
    if audience not in listed:
        raise WrongAudienceError
