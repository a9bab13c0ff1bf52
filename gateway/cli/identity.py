"""Who runs a command: a system by its certificate, and a person who signs in at a browser."""

import asyncio
import ssl
import sys
import tomllib
from pathlib import Path
from typing import Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, ValidationError, model_validator

from services.kit.access.client import CallTokens, ClientCredentials, FixedToken, TokenUnavailableError
from services.kit.access.loopback import sign_in_at_browser
from services.kit.access.settings import ClientSettings
from services.kit.access.tokens import audience_of
from services.kit.clock import SystemClock
from services.kit.credentials import CredentialError, TlsIdentity, read_secret, read_tls
from services.kit.settings import TlsFiles

NOBODY: Final = (
    "nobody was signed in: open the address in a browser of this machine within five minutes. If it does not "
    "open, or refuses, ask whoever runs your identity provider whether this client is known there"
)
"""What to do where there is no token."""

_GATEWAY: Final = "gateway"
_STRICT: Final = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class SignInSettings(BaseModel):
    """Where an organisation's people sign in.

    Attributes:
        issuer: the identity provider, by its address.
        client_id: the system's id there.
        token_url: where it gives tokens to systems.
        scope: what it wants to be asked for.
        ca_file: the authority that issued the provider's certificate; the machine's own, if left out.
    """

    model_config = _STRICT

    issuer: str = Field(pattern="^https://")
    client_id: str = Field(min_length=1)
    token_url: HttpUrl
    scope: str = "openid"
    ca_file: Path | None = None


class CallerIdentity(BaseModel):
    """A file that says which system asks, and how the person is known.

    Attributes:
        tls: the system's certificate and key, and the authority that issued the gateway's.
        sign_in: where the person signs in; this or `tokens_file`.
        tokens_file: a secret with both tokens, got by another way: JSON with `system` and `person`.
    """

    model_config = _STRICT

    tls: TlsFiles
    sign_in: SignInSettings | None = None
    tokens_file: Path | None = None

    @model_validator(mode="after")
    def _check_ways(self) -> Self:
        if (self.sign_in is None) is (self.tokens_file is None):
            raise ValueError("name exactly one of [sign_in] and tokens_file")
        return self

    def read_tls(self) -> TlsIdentity:
        """What the gateway is shown; CredentialError says what is wrong with which file."""
        return read_tls(self.tls.certificate_file, self.tls.key_file, self.tls.authority_file)

    def get_tokens(self) -> CallTokens:
        """Both tokens; has somebody sign in unless they stand in a file.

        Raises:
            TokenUnavailableError: nobody signed in.
            CredentialError: a file cannot be used.
        """
        if self.sign_in is not None:
            return self._sign_in(self.sign_in)
        if self.tokens_file is not None:
            return _read_tokens(self.tokens_file)
        raise TokenUnavailableError

    def _sign_in(self, asked: SignInSettings) -> CallTokens:
        trust = _open_trust(asked, self.tls)
        person = sign_in_at_browser(asked.issuer, asked.client_id, trust, tell=_tell, scope=asked.scope)
        client = ClientSettings(client_id=asked.client_id, token_url=asked.token_url)
        system = ClientCredentials(client, trust, audience_of(_GATEWAY), SystemClock())
        return CallTokens(FixedToken(asyncio.run(system.fetch())), FixedToken(person.token))


def read_identity(path: Path) -> CallerIdentity:
    """Reads the file; paths in it start from its folder.

    Raises:
        CredentialError: it is missing, or not in its form.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        return CallerIdentity.model_validate(_anchor(content, path.absolute().parent))
    except OSError:
        raise CredentialError(f"{path}: cannot be read. Give the path of the file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise CredentialError(f"{path}: is not TOML") from None
    except ValidationError as error:
        fault = error.errors(include_input=False, include_url=False, include_context=False)[0]
        where = ".".join(map(str, fault["loc"])) or "file"
        raise CredentialError(f"{path}: {where}: {fault['msg']}") from None


class _Tokens(BaseModel):
    model_config = _STRICT

    system: str
    person: str


def _read_tokens(path: Path) -> CallTokens:
    try:
        found = _Tokens.model_validate_json(read_secret(path))
    except ValidationError:
        raise CredentialError(f"{path}: must hold JSON with `system` and `person`") from None
    return CallTokens(FixedToken(found.system), FixedToken(found.person))


def _open_trust(asked: SignInSettings, tls: TlsFiles) -> ssl.SSLContext:
    try:
        trust = ssl.create_default_context(cafile=asked.ca_file)
        trust.load_cert_chain(tls.certificate_file, tls.key_file)
    except OSError as error:  # ssl.SSLError is one
        raise CredentialError(
            f"certificate, key or authority cannot be used ({type(error).__name__}): see [tls] and ca_file"
        ) from None
    return trust


def _anchor(value: Any, folder: Path, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _anchor(inner, folder, key) for key, inner in value.items()}
    return folder / value if isinstance(value, str) and name.endswith("_file") else value


def _tell(url: str) -> None:
    what = "Open this address in a browser of this machine, and sign in:"
    print(f"{what}\n\n{url}\n", file=sys.stderr, flush=True)
