"""Checks of who says who calls: the identity providers' keys, and the token of one's own service."""

import asyncio
import ssl
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Final

import httpx
from pydantic import HttpUrl

from services.kit.access.client import ClientCredentials, TokenUnavailableError, open_trust
from services.kit.access.jwks import KeysUnavailableError, read_keys
from services.kit.access.settings import ClientSettings, IssuerSettings
from services.kit.access.tokens import audience_of
from services.kit.clock import SystemClock
from services.kit.credentials import CredentialError, read_public
from services.kit.doctor.finding import Finding, failed, passed
from services.kit.doctor.patient import Examined
from services.kit.doctor.wire import UnreachableError, reach, secure

_HTTPS: Final = 443
_ANSWER_S: Final = 5.0


def check_identity(patient: Examined) -> Iterator[Finding]:
    """Whether callers can be known: somebody speaks for this organisation, and its keys are there."""
    for issuer in patient.identity.issuers:
        try:
            keys = read_keys(_fetch_keys(patient, issuer))
        except UnreachableError as error:
            yield failed("identity", str(error))
        except KeysUnavailableError:
            yield failed(
                "identity", f"{_place(issuer)}: holds no key set (JWKS): correct its place in the settings"
            )
        else:
            yield _judge(issuer, len(keys))
    if not patient.identity.speaks_for(patient.owner):
        yield failed(
            "identity",
            f"no issuer speaks for {patient.owner}, so nobody of it gets in: add it to `organisations`",
        )


def _judge(issuer: IssuerSettings, keys: int) -> Finding:
    if not keys:
        return failed(
            "identity", f"{_place(issuer)}: has no key that can be used: have the provider publish one"
        )
    return passed(
        "identity", f"{issuer.issuer} publishes {keys} keys, for {len(issuer.organisations)} organisations"
    )


def _place(issuer: IssuerSettings) -> str:
    return str(issuer.jwks_url or issuer.jwks_file)


def _fetch_keys(patient: Examined, issuer: IssuerSettings) -> bytes:
    if issuer.jwks_url is None:
        return _read_file(issuer)
    _knock(issuer.jwks_url, issuer)
    try:
        trust = ssl.create_default_context(cafile=issuer.ca_file)
        answer = httpx.get(str(issuer.jwks_url), verify=trust, trust_env=False, timeout=_ANSWER_S)
    except (httpx.HTTPError, OSError) as error:
        raise UnreachableError(
            f"{issuer.jwks_url}: does not answer ({type(error).__name__}): see its log"
        ) from None
    _note_time(patient, answer)
    if not answer.is_success:
        raise UnreachableError(f"{issuer.jwks_url}: answers {answer.status_code}: correct the address")
    return answer.content


def _read_file(issuer: IssuerSettings) -> bytes:
    try:
        return read_public(issuer.jwks_file) if issuer.jwks_file is not None else b""
    except CredentialError as error:
        raise UnreachableError(str(error)) from None


def _knock(url: HttpUrl, named: IssuerSettings | ClientSettings) -> None:
    """UnreachableError unless somebody answers at a URL's place with a certificate for its name."""
    host = url.host or ""
    with reach(host, url.port or _HTTPS) as connection, secure(connection, host, named.ca_file, None):
        pass


def _note_time(patient: Examined, answer: httpx.Response) -> None:
    try:
        told = parsedate_to_datetime(answer.headers["date"])
    except (KeyError, ValueError):
        return
    if told.tzinfo is not None:
        patient.note("the identity provider's clock", told, is_now=True)


def check_token(patient: Examined) -> Iterator[Finding]:
    """Whether the service is given a token of its own; the gateway needs none."""
    if patient.client is None:
        return
    try:
        _knock(patient.client.token_url, patient.client)
        fetch_token(patient, patient.owner)
    except (UnreachableError, CredentialError) as error:
        yield failed("token", str(error))
    except TokenUnavailableError:
        yield failed(
            "token",
            f"the provider gives no token to the client {patient.client.client_id}: have it "
            "registered with the certificate in tls.certificate_file",
        )
    else:
        yield passed("token", f"the provider gives the client {patient.client.client_id} a token")


def fetch_token(patient: Examined, service: str) -> str | None:
    """A token of the process itself for a service; None if the settings name no client.

    Raises:
        TokenUnavailableError: the provider gives none.
        CredentialError: the files to ask with cannot be used.
    """
    if patient.client is None:
        return None
    trust = open_trust(patient.client, patient.tls.certificate_file, patient.tls.key_file)
    source = ClientCredentials(patient.client, trust, audience_of(service), SystemClock())
    return asyncio.run(source.fetch())
