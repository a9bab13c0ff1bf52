"""Systems that ask for tokens, made known by their certificate (RFC 8705 section 2.1)."""

from typing import Any, Final
from urllib.parse import urlsplit

from authlib.oauth2.rfc6749 import ClientMixin

from services.identity.settings import LOOPBACK_HOSTS, ClientEntry

SCOPE: Final = "openid"
AUTHENTICATION: Final = "tls_client_auth"
PERSON_GRANT: Final = "authorization_code"
SYSTEM_GRANT: Final = "client_credentials"


class Client(ClientMixin):
    """One system, in the form that Authlib asks for."""

    def __init__(self, entry: ClientEntry) -> None:
        self.entry: Final = entry
        self.client_id: Final = entry.client_id

    @property
    def client_metadata(self) -> dict[str, Any]:
        """What Authlib reads of it when somebody signs out."""
        return {"post_logout_redirect_uris": self.entry.sign_out_uris}

    def get_client_id(self) -> str:
        """Its id."""
        return self.client_id

    def get_default_redirect_uri(self) -> str:
        """None, which Authlib has no type for: whoever asks says where to."""
        return ""

    def get_allowed_scope(self, scope: Any) -> Any:
        """`openid`, and None, which Authlib refuses, where that was not asked for: there is nothing else."""
        return SCOPE if scope and SCOPE in scope.split() else None

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Whether this is exactly one of its own; of a loopback address the port is free."""
        return any(_matches(redirect_uri, own) for own in self.entry.redirect_uris)

    def check_client_secret(self, client_secret: str) -> bool:
        """False: nobody is known by a shared secret."""
        del client_secret
        return False

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Whether it may make itself known this way: by certificate only."""
        del endpoint
        return method == AUTHENTICATION

    def check_response_type(self, response_type: str) -> bool:
        """Whether people may sign in by it, and by a code."""
        return response_type == "code" and bool(self.entry.redirect_uris)

    def check_grant_type(self, grant_type: str) -> bool:
        """Whether it may have tokens this way."""
        return grant_type == SYSTEM_GRANT or (grant_type == PERSON_GRANT and bool(self.entry.redirect_uris))


def _matches(asked: str, own: str) -> bool:
    """RFC 8252 section 7.3: a program on the person's machine takes whatever port it gets."""
    if asked == own:
        return True
    try:
        wanted, known = urlsplit(asked), urlsplit(own)
        if known.scheme != "http" or known.hostname not in LOOPBACK_HOSTS or wanted.port is None:
            return False
    except ValueError:
        return False
    return asked == own.replace(known.netloc, wanted.netloc, 1) and (
        wanted.netloc == f"{_host(known.netloc)}:{wanted.port}"
    )


def _host(netloc: str) -> str:
    """`127.0.0.1` of `127.0.0.1:80`, and `[::1]` of `[::1]:80`."""
    head, colon, port = netloc.rpartition(":")
    return head if colon and port.isdigit() else netloc
