"""The caller's side: how a process gets tokens and puts them on its calls."""

import asyncio
import ssl
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Protocol

import grpc
import grpc.aio
import httpx

from services.kit.access.authenticator import PERSON_KEY, SYSTEM_KEY
from services.kit.access.settings import ClientSettings
from services.kit.access.tokens import MAX_TOKEN_OCTETS
from services.kit.clock import Clock
from services.kit.credentials import CredentialError
from services.kit.evidence.canonical import parse_strictly
from services.kit.evidence.errors import EvidenceError

_MAX_ANSWER_OCTETS: Final = 4 * MAX_TOKEN_OCTETS
_RENEW_AT: Final = 0.75
"""Of a token's life, the part after which a new one is asked for."""


class TokenUnavailableError(Exception):
    """No token can be had; the provider is away or refuses."""


class TokenSource(Protocol):
    """Gives a token that is valid now."""

    async def fetch(self) -> str:
        """The token; TokenUnavailableError if there is none."""


class FixedToken:
    """A token that somebody else got.

    Args:
        token: the JWT.
    """

    def __init__(self, token: str) -> None:
        self._token = token

    async def fetch(self) -> str:
        """The token."""
        return self._token


class ClientCredentials:
    """Tokens for a system by itself: OAuth 2 client credentials, with its certificate (RFC 8705 section 2).

    Args:
        settings: of the client.
        trust: the certificate to show and the authority to believe; `open_trust` makes it.
        audience: for which service (RFC 8707 `resource`).
        clock: the time.
    """

    def __init__(self, settings: ClientSettings, trust: ssl.SSLContext, audience: str, clock: Clock) -> None:
        self._settings = settings
        self._trust = trust
        self._audience = audience
        self._clock = clock
        self._lock = asyncio.Lock()
        self._token = ""
        self._renew_at: datetime | None = None
        self._ends_at: datetime | None = None

    async def fetch(self) -> str:
        """The token; asks for a new one in good time, and uses the old one to its end if there is none."""
        async with self._lock:
            now = self._clock.now()
            if self._renew_at is None or now >= self._renew_at:
                await self._renew(now)
            return self._token

    async def _renew(self, now: datetime) -> None:
        try:
            token, lifetime = await self._ask()
        except TokenUnavailableError:
            if self._ends_at is None or now >= self._ends_at:
                raise
            return
        self._token, self._ends_at = token, now + lifetime
        self._renew_at = now + lifetime * _RENEW_AT

    async def _ask(self) -> tuple[str, timedelta]:
        try:
            async with (
                asyncio.timeout(self._settings.timeout_s),
                httpx.AsyncClient(verify=self._trust, trust_env=False) as client,
            ):
                return await self._post(client)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError):
            raise TokenUnavailableError from None

    async def _post(self, client: httpx.AsyncClient) -> tuple[str, timedelta]:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._settings.client_id,
            "resource": self._audience,
        }
        if self._settings.scope:
            form["scope"] = self._settings.scope
        answer = await client.post(str(self._settings.token_url), data=form)
        if answer.status_code != httpx.codes.OK or len(answer.content) > _MAX_ANSWER_OCTETS:
            raise TokenUnavailableError
        return _read_answer(answer.content)


class CallTokens:
    """The tokens that go with each call of a channel.

    Args:
        system: of the calling system.
        person: of the person for whom it calls; None where it calls for itself.
    """

    def __init__(self, system: TokenSource, person: TokenSource | None = None) -> None:
        self._system = system
        self._person = person

    async def metadata(self) -> list[tuple[str, str]]:
        """The metadata of a call; TokenUnavailableError if a token cannot be had."""
        person = None if self._person is None else await self._person.fetch()
        return metadata_of(await self._system.fetch(), person)


def metadata_of(system: str, person: str | None = None) -> list[tuple[str, str]]:
    """The metadata of a call, from tokens."""
    own = [(SYSTEM_KEY, f"Bearer {system}")]
    return own if person is None else [*own, (PERSON_KEY, person)]


def make_interceptors(tokens: CallTokens) -> list[grpc.aio.ClientInterceptor]:
    """What puts tokens on the calls of a channel; those that a call brings itself are left as they are."""
    return [_UnaryUnary(tokens), _UnaryStream(tokens), _StreamStream(tokens)]


def open_trust(settings: ClientSettings, certificate_file: Path, key_file: Path) -> ssl.SSLContext:
    """What a client shows to the provider and whom it believes.

    Raises:
        CredentialError: a file cannot be read, or they do not belong together.
    """
    try:
        trust = ssl.create_default_context(cafile=settings.ca_file)
        trust.load_cert_chain(certificate_file, key_file)
    except OSError:  # `ssl.SSLError` is one
        raise CredentialError(
            f"{certificate_file}, {key_file}, {settings.ca_file}: must be PEM, the first two of one pair"
        ) from None
    return trust


class _Interceptor:
    def __init__(self, tokens: CallTokens) -> None:
        self._tokens = tokens

    async def _add(self, details: grpc.aio.ClientCallDetails) -> grpc.aio.ClientCallDetails:
        brought = list(details.metadata or ())
        own = {key for key, _ in brought}
        try:
            added = [(key, value) for key, value in await self._tokens.metadata() if key not in own]
        except TokenUnavailableError:
            raise _unavailable() from None
        metadata = grpc.aio.Metadata(*brought, *added)
        return details._replace(metadata=metadata)  # type: ignore[attr-defined, no-any-return]  # a named tuple


class _UnaryUnary(_Interceptor, grpc.aio.UnaryUnaryClientInterceptor):
    async def intercept_unary_unary(
        self, continuation: Callable[..., Any], client_call_details: grpc.aio.ClientCallDetails, request: Any
    ) -> Any:
        return await continuation(await self._add(client_call_details), request)


class _UnaryStream(_Interceptor, grpc.aio.UnaryStreamClientInterceptor):
    async def intercept_unary_stream(
        self, continuation: Callable[..., Any], client_call_details: grpc.aio.ClientCallDetails, request: Any
    ) -> Any:
        return await continuation(await self._add(client_call_details), request)


class _StreamStream(_Interceptor, grpc.aio.StreamStreamClientInterceptor):
    async def intercept_stream_stream(
        self,
        continuation: Callable[..., Any],
        client_call_details: grpc.aio.ClientCallDetails,
        request_iterator: Any,
    ) -> Any:
        return await continuation(await self._add(client_call_details), request_iterator)


def _unavailable() -> grpc.aio.AioRpcError:
    # As if the server could not be reached: to whoever calls it is the same.
    details = "the identity provider gives no token: see that it can be reached and knows this client"
    return grpc.aio.AioRpcError(
        grpc.StatusCode.UNAVAILABLE, grpc.aio.Metadata(), grpc.aio.Metadata(), details=details
    )


def _read_answer(content: bytes) -> tuple[str, timedelta]:
    try:
        answer = parse_strictly(content)
    except (EvidenceError, UnicodeDecodeError):
        raise TokenUnavailableError from None
    token = answer.get("access_token") if isinstance(answer, dict) else None
    lifetime = answer.get("expires_in") if isinstance(answer, dict) else None
    if not isinstance(token, str) or not isinstance(lifetime, int) or len(token) > MAX_TOKEN_OCTETS:
        raise TokenUnavailableError
    return token, timedelta(seconds=max(lifetime, 0))
