"""The ways to a token, on Authlib: by a code for a person who signed in, and by certificate for a system."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, ClientCredentialsGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc9207 import IssuerParameter
from authlib.oidc.core import UserInfo
from authlib.oidc.core.grants import OpenIDCode
from authlib.oidc.rpinitiated import EndSessionEndpoint
from flask import Flask, g, request
from joserfc.jwk import ECKey

from services.identity.certificates import read_certificate
from services.identity.clients import AUTHENTICATION, SCOPE, Client
from services.identity.keys import ALGORITHM, SigningKeys
from services.identity.sessions import Code, Shelf
from services.identity.settings import Settings
from services.identity.tokens import SignedIn, TokenMaker

METHOD: Final = "S256"


class Provider(AuthorizationServer):
    """Authlib's server with our grants.

    Args:
        app: in whose requests it works.
        settings: clients and lifetimes.
        keys: by which tokens are signed.
        now: the time.
    """

    def __init__(
        self, app: Flask, settings: Settings, keys: SigningKeys, now: Callable[[], datetime]
    ) -> None:
        app.config["OAUTH2_SCOPES_SUPPORTED"] = [SCOPE]
        clients = {entry.client_id: Client(entry) for entry in settings.clients}
        super().__init__(app, query_client=clients.get, save_token=lambda *_: None)
        self.settings: Final = settings
        self.keys: Final = keys
        self.now: Final = now
        self.codes: Final = Shelf[Code](settings.lifetimes.code_s)
        self._maker: Final = TokenMaker(settings.issuer, keys, settings.lifetimes.token_s, now)
        self._register()

    def _register(self) -> None:
        self.register_client_auth_method(AUTHENTICATION, _authenticate)
        make: Any = self._make_token  # the stubs know one generator only
        self.register_token_generator("default", make)
        self.register_grant(_PersonGrant, [_Challenge(), _IdToken(self)])
        self.register_grant(_SystemGrant)
        self.register_endpoint(_SignOut)
        self.register_extension(lambda server: _Issuer(server, self.settings.issuer))

    def _make_token(self, client: Client, user: SignedIn | None, scope: str, **_more: Any) -> dict[str, Any]:
        """What Authlib asks a generator for. The certificate was verified by the TLS layer."""
        certificate = read_certificate(request.environ)
        if certificate is None:
            raise InvalidRequestError("There is no client certificate.")
        token = {
            "token_type": "Bearer",
            "access_token": self._maker.make(client.entry, certificate.thumbprint, user, _audience(client)),
            "expires_in": self.settings.lifetimes.token_s,
        }
        return token | ({"scope": scope} if scope else {})


class UnknownResourceError(OAuth2Error):
    """RFC 8707 section 2: a token is asked for a service that the client has nothing to do with."""

    error = "invalid_target"
    description = "A service is named that the client may not have tokens for."


def _audience(client: Client) -> list[str]:
    """The services that are asked for; all that the client may have tokens for if none is."""
    asked = request.form.getlist("resource")
    if not set(asked) <= set(client.entry.audience):
        raise UnknownResourceError
    return asked or list(client.entry.audience)


def _authenticate(query_client: Callable[[str], Client | None], asked: Any) -> Client | None:
    """The client, if the certificate of this connection names the organisation whose client it is."""
    certificate, client = read_certificate(request.environ), query_client(asked.form.get("client_id"))
    if certificate is None or client is None or client.entry.organisation != certificate.organisation:
        return None
    return client


class _PersonGrant(AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = [AUTHENTICATION]  # noqa: RUF012  # as in the class above it
    server: Provider

    def save_authorization_code(self, code: str, request: Any) -> None:
        given, asked = request.payload.data, request.payload
        self.server.codes.keep(
            code,
            Code(
                client_id=request.client.client_id,
                redirect_uri=asked.redirect_uri,
                code_challenge=given["code_challenge"],
                code_challenge_method=METHOD,
                nonce=given.get("nonce", ""),
                scope=request.scope,
                signed_in=request.user,
            ),
        )

    def query_authorization_code(self, code: str, client: Any) -> Code | None:
        """The code, which is used up by being asked for, also if what comes with it is wrong."""
        found = self.server.codes.take(code)
        return found if found is not None and found.client_id == client.client_id else None

    def delete_authorization_code(self, authorization_code: Code) -> None:
        """It is gone already."""

    def authenticate_user(self, authorization_code: Code) -> SignedIn:
        return authorization_code.signed_in


class _SystemGrant(ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = [AUTHENTICATION]  # noqa: RUF012  # as in the class above it


class _Challenge(CodeChallenge):
    """PKCE by S256 for every client (RFC 9700 section 2.1.1), also where Authlib does not insist."""

    SUPPORTED_CODE_CHALLENGE_METHOD = [METHOD]  # noqa: RUF012  # as in the class above it

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        given = grant.request.payload.data
        if not given.get("code_challenge") or given.get("code_challenge_method") != METHOD:
            raise InvalidRequestError(f"A 'code_challenge' by {METHOD} is needed.")
        super().validate_code_challenge(grant, redirect_uri)


class _IdToken(OpenIDCode):
    def __init__(self, server: Provider) -> None:
        super().__init__(require_nonce=True)
        self._server: Final = server

    def exists_nonce(self, nonce: str, request: Any) -> bool:
        """False: a nonce is the client's, and a code is used once."""
        del nonce, request
        return False

    def resolve_client_private_key(self, client: Client) -> Any:
        del client
        return self._key()

    def get_client_algorithm(self, client: Client) -> str:
        del client
        return ALGORITHM

    def get_encode_header(self, client: Client) -> dict[str, Any]:
        return {"alg": self.get_client_algorithm(client), "kid": self._key().kid}

    def get_client_claims(self, client: Client) -> dict[str, Any]:
        now = int(self._server.now().timestamp())
        return {
            "iss": self._server.settings.issuer,
            "aud": client.client_id,
            "iat": now,
            "exp": now + self._server.settings.lifetimes.token_s,
        }

    def _key(self) -> ECKey:
        """One and the same for the header and the signature, also in the moment in which keys change."""
        if "signing_key" not in g:
            g.signing_key = self._server.keys.current()
        key: ECKey = g.signing_key
        return key

    def generate_user_info(self, user: SignedIn, scope: str) -> UserInfo:
        """Who signed in, by id; name and roles stand in the access token, for whom they concern.

        An id token goes into an address when somebody signs out (RP-Initiated Logout section 2).
        """
        del scope
        return UserInfo(sub=user.person.subject, organisation=user.person.organisation)


class _SignOut(EndSessionEndpoint):
    server: Provider

    def get_server_jwks(self) -> dict[str, Any]:
        return self.server.keys.publish()

    def get_algorithms(self) -> list[str]:
        return [ALGORITHM]

    def end_session(self, end_session_request: Any) -> None:
        """The view ends the session, whose browser it knows."""


class _Issuer(IssuerParameter):
    """RFC 9207: a client that knows several providers sees which of them answered."""

    def __init__(self, server: Provider, issuer: str) -> None:
        self._issuer: Final = issuer
        self(server)

    def get_issuer(self) -> str:
        return self._issuer
