"""What the provider says of itself (RFC 8414, OpenID Connect Discovery): its address is enough."""

from typing import Any, Final

from services.identity.clients import AUTHENTICATION, PERSON_GRANT, SCOPE, SYSTEM_GRANT
from services.identity.grants import METHOD
from services.identity.keys import ALGORITHM

OPENID_PATH: Final = "/.well-known/openid-configuration"
OAUTH_PATH: Final = "/.well-known/oauth-authorization-server"
AUTHORIZE_PATH: Final = "/authorize"
TOKEN_PATH: Final = "/token"  # noqa: S105  # a path
KEYS_PATH: Final = "/jwks"
SIGN_OUT_PATH: Final = "/sign-out"


def describe_provider(issuer: str) -> dict[str, Any]:
    """The metadata document."""
    return {
        "issuer": issuer,
        "authorization_endpoint": issuer + AUTHORIZE_PATH,
        "token_endpoint": issuer + TOKEN_PATH,
        "jwks_uri": issuer + KEYS_PATH,
        "end_session_endpoint": issuer + SIGN_OUT_PATH,
        "scopes_supported": [SCOPE],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": [PERSON_GRANT, SYSTEM_GRANT],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "token_endpoint_auth_methods_supported": [AUTHENTICATION],
        "code_challenge_methods_supported": [METHOD],
        "prompt_values_supported": ["none", "login"],
        "claims_supported": ["sub", "organisation", "auth_time", "nonce", "amr"],
        "tls_client_certificate_bound_access_tokens": True,
        "authorization_response_iss_parameter_supported": True,
        "ui_locales_supported": ["en-GB"],
    }
