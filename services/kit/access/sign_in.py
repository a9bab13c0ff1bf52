"""Signing a person in at any OpenID Connect provider: authorisation code with PKCE, for programs here.

The client makes itself known by its certificate (RFC 8705), to which the access token is bound.
"""

import secrets
import ssl
import time
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import httpx
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749.parameters import parse_authorization_code_response, prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from services.kit.access.client import TokenUnavailableError

SCOPE: Final = "openid"

_METADATA: Final = "/.well-known/openid-configuration"
_ALGORITHMS: Final = ("ES256", "ES384", "EdDSA", "Ed25519", "PS256", "RS256")
_VERIFIER_OCTETS: Final = 48
_STATE_OCTETS: Final = 24
_LEEWAY_S: Final = 5


@dataclass(frozen=True, slots=True)
class PersonToken:
    """An access token that says who acts.

    Attributes:
        token: the JWT, for the metadata of calls.
        ends_at: seconds since 1970.
        id_token: says to the client itself who signed in; never goes on a call.
    """

    token: str = field(repr=False)
    ends_at: float
    id_token: str = field(repr=False)


class SignIn:
    """One sign-in: `start`, let the person's browser go there, `finish` with where it is sent back to.

    Args:
        issuer: the provider's name and address.
        client_id: the client's id at the provider.
        redirect_uri: where the browser is sent back to, as registered at the provider.
        trust: the client's certificate, and whom it believes.
        scope: what the provider wants to be asked for.
        timeout_s: for one answer of the provider.
    """

    def __init__(  # noqa: PLR0913  # each is the provider's or the caller's to say
        self,
        issuer: str,
        client_id: str,
        redirect_uri: str,
        trust: ssl.SSLContext,
        *,
        scope: str = SCOPE,
        timeout_s: float = 10,
    ) -> None:
        self._issuer: Final = issuer
        self._client_id: Final = client_id
        self._redirect_uri: Final = redirect_uri
        self._scope: Final = scope
        self._http: Final = httpx.Client(verify=trust, trust_env=False, timeout=timeout_s)
        self._verifier: Final = secrets.token_urlsafe(_VERIFIER_OCTETS)
        self._state: Final = secrets.token_urlsafe(_STATE_OCTETS)
        self._nonce: Final = secrets.token_urlsafe(_STATE_OCTETS)
        self._metadata: dict[str, Any] = {}
        self._signed_in_since = 0.0

    @property
    def state(self) -> str:
        """What the provider sends back, by which a client that asks for several people tells them apart."""
        return self._state

    def start(self, *, prompt: str = "", max_age_s: int | None = None) -> str:
        """The address that the person's browser must open; TokenUnavailableError if the provider is away.

        Args:
            prompt: `none`: not to ask anything; `login`: to ask for the password whoever is signed in there.
            max_age_s: how long ago the person may have given it; otherwise it is asked for again.
        """
        self._find_provider()
        asked = {"prompt": prompt} if prompt else {}
        if max_age_s is not None:
            asked["max_age"] = str(max_age_s)
            self._signed_in_since = time.time() - max_age_s
        if prompt == "login":
            self._signed_in_since = time.time()
        return str(
            prepare_grant_uri(
                self._metadata["authorization_endpoint"],
                client_id=self._client_id,
                response_type="code",
                redirect_uri=self._redirect_uri,
                scope=self._scope,
                state=self._state,
                nonce=self._nonce,
                code_challenge=create_s256_code_challenge(self._verifier),  # type: ignore[no-untyped-call]
                code_challenge_method="S256",
                **asked,
            )
        )

    def finish(self, arrived: str) -> PersonToken:
        """The token.

        Args:
            arrived: the address to which the browser was sent back, query and all.

        Raises:
            TokenUnavailableError: the provider refused, or this does not answer the question asked.
        """
        answer = self._read(
            "POST",
            self._metadata["token_endpoint"],
            data={
                "grant_type": "authorization_code",
                "client_id": self._client_id,
                "code": self._read_code(arrived),
                "redirect_uri": self._redirect_uri,
                "code_verifier": self._verifier,
            },
        )
        try:
            token, lifetime = str(answer["access_token"]), float(answer["expires_in"])
            self._check_id_token(str(answer["id_token"]))
        except (KeyError, TypeError, ValueError, JoseError):
            raise TokenUnavailableError from None
        return PersonToken(token, time.time() + lifetime, str(answer["id_token"]))

    def leave(self, id_token: str, back: str) -> str:
        """The address at which the person's browser ends the session there (RP-Initiated Logout 1.0).

        Args:
            id_token: that of the sign-in; says who leaves.
            back: where the browser is sent then, as registered at the provider.

        Raises:
            TokenUnavailableError: the provider is away, or has no such address.
        """
        self._find_provider()
        address = self._metadata.get("end_session_endpoint")
        if not isinstance(address, str):
            raise TokenUnavailableError
        asked = {
            "id_token_hint": id_token, "client_id": self._client_id, "post_logout_redirect_uri": back,
        }  # fmt: skip
        return str(httpx.URL(address).copy_merge_params(asked))

    def close(self) -> None:
        """Closes connections to the provider."""
        self._http.close()

    def _find_provider(self) -> None:
        self._metadata = self._read("GET", self._issuer.rstrip("/") + _METADATA)
        if self._metadata.get("issuer") != self._issuer:
            raise TokenUnavailableError

    def _read_code(self, arrived: str) -> str:
        """The code; only from the provider asked (RFC 9207), and only in answer to this sign-in."""
        stated = parse_qs(urlsplit(arrived).query).get("iss", [])
        is_stating = self._metadata.get("authorization_response_iss_parameter_supported")
        if stated != [self._issuer] and (stated or is_stating):
            raise TokenUnavailableError
        try:
            return str(parse_authorization_code_response(arrived, state=self._state)["code"])
        except (OAuth2Error, KeyError):
            raise TokenUnavailableError from None

    def _check_id_token(self, id_token: str) -> None:
        """OpenID Connect Core section 3.1.3.7; JoseError if it is not the answer to this sign-in."""
        keys = KeySet.import_key_set(self._read("GET", self._metadata["jwks_uri"]))  # type: ignore[arg-type]
        claims = jwt.decode(id_token, keys, algorithms=list(_ALGORITHMS)).claims
        jwt.JWTClaimsRegistry(
            leeway=_LEEWAY_S,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._client_id},
            exp={"essential": True},
            nonce={"essential": True, "value": self._nonce},
        ).validate(claims)
        # The browser carries the question: whoever sits at it may have left out what was asked of them.
        if self._signed_in_since and float(claims.get("auth_time", 0)) < self._signed_in_since - _LEEWAY_S:
            raise TokenUnavailableError

    def _read(self, method: str, url: str, **more: Any) -> dict[str, Any]:
        try:
            answer = self._http.request(method, url, **more)
            content = answer.json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, OSError):
            raise TokenUnavailableError from None
        if answer.status_code != httpx.codes.OK or not isinstance(content, dict):
            raise TokenUnavailableError
        return content
