"""The public keys of an identity provider: kept, looked for again, and not believed for ever.

A key that the set does not have makes us look again, but only so often: anybody can invent key ids. When the
provider is away its keys stay in use for a stated time, and then nobody is let in.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from services.kit.access.settings import IssuerSettings
from services.kit.clock import Clock
from services.kit.credentials import CredentialError, read_public
from services.kit.evidence.canonical import parse_strictly
from services.kit.evidence.errors import EvidenceError

_log = structlog.get_logger(__name__)
_MAX_OCTETS: Final = 64 * 1024
_MAX_KEYS: Final = 64
_TIMEOUT_S: Final = 5.0
_MIN_RSA_BITS: Final = 2048
_BITS_A_CHARACTER: Final = 6
"""In base64url."""

_KINDS: Final[Mapping[str, type[OKPKey | ECKey | RSAKey]]] = {"OKP": OKPKey, "EC": ECKey, "RSA": RSAKey}
_SYMMETRIC_OR_PRIVATE: Final = ("d", "k")

Load = Callable[[], Awaitable[bytes]]
"""Brings a JWKS; KeysUnavailableError if it cannot."""


class KeysUnavailableError(Exception):
    """The provider's keys cannot be had, or are too old to be believed."""


class IssuerKeys:
    """The keys of one provider.

    Args:
        settings: how long and how often.
        load: brings the set.
        clock: the time.
    """

    def __init__(self, settings: IssuerSettings, load: Load, clock: Clock) -> None:
        self._settings = settings
        self._load = load
        self._clock = clock
        self._keys: Mapping[str, Key] = {}
        self._loaded: datetime | None = None
        self._tried: datetime | None = None
        self._lock = asyncio.Lock()
        self._renewing: asyncio.Task[None] | None = None

    async def find(self, kid: str) -> Key | None:
        """The key of that id; None if the provider has none.

        Raises:
            KeysUnavailableError: there are no keys that may be believed now.
        """
        if self._age() > timedelta(seconds=self._settings.max_stale_s):
            await self._renew()
        elif self._age() > timedelta(seconds=self._settings.refresh_s):
            self._renew_aside()
        if self._age() > timedelta(seconds=self._settings.max_stale_s):
            raise KeysUnavailableError
        if kid not in self._keys:
            await self._renew()
        return self._keys.get(kid)

    async def is_there(self) -> bool:
        """Whether there are keys that may be believed; looks for them if there are none."""
        if self._age() > timedelta(seconds=self._settings.refresh_s):
            await self._renew()
        return self._age() <= timedelta(seconds=self._settings.max_stale_s)

    def _age(self) -> timedelta:
        return timedelta.max if self._loaded is None else self._clock.now() - self._loaded

    def _renew_aside(self) -> None:
        # Nobody waits for it: the keys that are there may still be believed.
        if self._renewing is None or self._renewing.done():
            self._renewing = asyncio.create_task(self._renew())

    async def _renew(self) -> None:
        async with self._lock:
            now, tried = self._clock.now(), self._tried
            if tried is not None and now - tried < timedelta(seconds=self._settings.min_refresh_s):
                return
            self._tried = now
            try:
                self._keys, self._loaded = read_keys(await self._load()), now
            except KeysUnavailableError:
                _log.warning("identity_keys_unavailable", component="identity")


def open_keys(settings: IssuerSettings, clock: Clock) -> IssuerKeys:
    """The keys of the provider that the settings describe; CredentialError if its authority is no PEM."""
    if settings.jwks_file is not None:
        return IssuerKeys(settings, _from_file(settings.jwks_file), clock)
    return IssuerKeys(settings, _from_web(str(settings.jwks_url), settings.ca_file), clock)


def read_keys(content: bytes) -> Mapping[str, Key]:
    """The usable keys of a JWKS by id; those for another use, or of a kind that we do not take, are left out.

    Raises:
        KeysUnavailableError: it is no JWKS, or two keys have one id.
    """
    try:
        parsed = parse_strictly(content)
    except (EvidenceError, UnicodeDecodeError):
        raise KeysUnavailableError from None
    listed = parsed.get("keys") if isinstance(parsed, dict) else None
    if not isinstance(listed, list) or len(listed) > _MAX_KEYS:
        raise KeysUnavailableError
    usable = [jwk for jwk in listed if isinstance(jwk, dict) and _is_for_us(jwk)]
    if len({jwk["kid"] for jwk in usable}) != len(usable):
        raise KeysUnavailableError
    keys = {jwk["kid"]: _import(jwk) for jwk in usable}
    return {kid: key for kid, key in keys.items() if key is not None}


def _is_for_us(jwk: Mapping[str, Any]) -> bool:
    return (
        jwk.get("kty") in _KINDS
        and isinstance(jwk.get("kid"), str)
        and jwk.get("use", "sig") == "sig"
        # A private key in a public set is known to everybody: it proves nothing.
        and not any(member in jwk for member in _SYMMETRIC_OR_PRIVATE)
    )


def _import(jwk: Mapping[str, Any]) -> Key | None:
    if jwk["kty"] == "RSA" and _BITS_A_CHARACTER * len(str(jwk.get("n", ""))) < _MIN_RSA_BITS:
        return None
    try:
        return _KINDS[jwk["kty"]].import_key(dict(jwk))
    except (JoseError, ValueError, TypeError):
        return None


def _from_file(path: Path) -> Load:
    async def load() -> bytes:
        try:
            return await asyncio.to_thread(read_public, path, _MAX_OCTETS)
        except CredentialError:
            raise KeysUnavailableError from None

    return load


def _from_web(url: str, authority: Path | None) -> Load:
    trust = _believe(authority)

    async def load() -> bytes:
        try:
            # The whole of it has a time limit: httpx has one for each step alone.
            async with (
                asyncio.timeout(_TIMEOUT_S),
                httpx.AsyncClient(verify=trust, trust_env=False) as client,
            ):
                return await _get(client, url)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError):
            raise KeysUnavailableError from None

    return load


def _believe(authority: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=authority)
    except OSError:  # `ssl.SSLError` is one
        raise CredentialError(f"{authority}: must hold certificates in PEM. Put the file in place") from None


async def _get(client: httpx.AsyncClient, url: str) -> bytes:
    async with client.stream("GET", url, headers={"accept": "application/json"}) as answer:
        answer.raise_for_status()
        content = bytearray()
        async for piece in answer.aiter_bytes():
            content += piece
            if len(content) > _MAX_OCTETS:
                raise KeysUnavailableError
    if answer.status_code != httpx.codes.OK:  # a redirect is not followed: the settings name the place
        raise KeysUnavailableError
    return bytes(content)
