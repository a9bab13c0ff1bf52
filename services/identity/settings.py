"""Settings of the provider, from one TOML file; relative paths start from its folder.

Unknown keys, missing files and secrets that others can read all refuse to start, with what to do.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PositiveInt,
    ValidationError,
    model_validator,
)

from services.kit.settings import Listen, SettingsError, TlsFiles

STRICT: Final = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
ORGANISATION: Final = r"^[a-z][a-z0-9-]{1,62}$"
LOOPBACK_HOSTS: Final = frozenset({"127.0.0.1", "::1"})

_PATH_NAMES: Final = ("file", "folder")
_ADVICE: Final = {
    "extra_forbidden": "is not a setting: remove it, or correct its spelling",
    "missing": "is missing: add it",
}


def _check_issuer(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.netloc or parts.path or parts.query or parts.fragment:
        raise ValueError("must be https://host:port and nothing after it")
    return url


def _check_redirect(url: str) -> str:
    """Over HTTPS, or to a program on the same machine (RFC 8252 section 7.3)."""
    parts = urlsplit(url)
    is_local = parts.scheme == "http" and parts.hostname in LOOPBACK_HOSTS
    if not parts.hostname or parts.fragment or not (parts.scheme == "https" or is_local):
        raise ValueError("must be an https URL, or http://127.0.0.1 of the person's own machine")
    return url


_Form = TypeVar("_Form", bound=BaseModel)

Redirect = Annotated[str, AfterValidator(_check_redirect)]


class FolderSettings(BaseModel):
    """A folder."""

    model_config = STRICT

    folder: Path


class FileSettings(BaseModel):
    """A file."""

    model_config = STRICT

    file: Path


class Lifetimes(BaseModel):
    """How long things last, in seconds.

    Attributes:
        token_s: access tokens and id tokens; nothing takes one back before its end.
        code_s: from the redirect until the client must have fetched its tokens.
        session_s: until a person must sign in again in the same browser.
    """

    model_config = STRICT

    token_s: PositiveInt = Field(default=300, le=7200)
    code_s: PositiveInt = Field(default=60, le=600)
    session_s: PositiveInt = Field(default=8 * 3600, le=24 * 3600)


class Attempts(BaseModel):
    """How often somebody may fail to sign in before all attempts are refused for a while.

    Attributes:
        per_user: by the name typed, whether there is such a user or not.
        per_address: by the address that the attempts come from.
        window_s: how long an attempt counts.
    """

    model_config = STRICT

    per_user: PositiveInt = 5
    per_address: PositiveInt = 50
    window_s: PositiveInt = 900


class ClientEntry(BaseModel):
    """A system that may ask for tokens: for itself, and for those of its organisation who sign in.

    Attributes:
        client_id: by which it is known here.
        organisation: that its certificate must name.
        audience: services that its tokens are for.
        redirect_uris: where a person may be sent back to; the port of a loopback address is free.
        sign_out_uris: where a person may be sent after signing out.
    """

    model_config = STRICT

    client_id: str = Field(pattern=r"^[A-Za-z0-9._-]{1,100}$")
    organisation: str = Field(pattern=ORGANISATION)
    audience: tuple[str, ...] = Field(min_length=1)
    redirect_uris: tuple[Redirect, ...] = ()
    sign_out_uris: tuple[Redirect, ...] = ()


class Settings(BaseModel):
    """Everything that the provider is told.

    Attributes:
        issuer: its name in tokens, and its address.
        listen: where it takes calls.
        tls: its certificate and key, and the authority whose certificates make clients known.
        keys: folder of the keys that sign tokens.
        people: file of those who may sign in; a secret, for it holds what passwords are checked against.
        clients: systems.
        lifetimes: see there.
        attempts: see there.
    """

    model_config = STRICT

    issuer: Annotated[str, AfterValidator(_check_issuer)]
    listen: Listen = Listen()
    tls: TlsFiles
    keys: FolderSettings
    people: FileSettings
    clients: tuple[ClientEntry, ...] = Field(min_length=1)
    lifetimes: Lifetimes = Lifetimes()
    attempts: Attempts = Attempts()

    @model_validator(mode="after")
    def _check_clients(self) -> Self:
        if len({client.client_id for client in self.clients}) != len(self.clients):
            raise ValueError("names a client_id twice")
        return self


def load_settings(path: Path) -> Settings:
    """Reads the settings; SettingsError says what to do."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise SettingsError(f"{path}: cannot be read. Give the path of a settings file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: is not TOML: {error}") from None
    return validate(Settings, _anchor(content, path.absolute().parent), path)


def validate(form: type[_Form], content: Any, path: Path) -> _Form:
    """Makes a form of what a file holds; SettingsError says what to do, and never quotes what it read."""
    try:
        return form.model_validate(content)
    except ValidationError as error:
        faults = [
            f"{path}: {'.'.join(map(str, fault['loc'])) or 'file'}: "
            f"{_ADVICE.get(fault['type'], fault['msg'])}"
            for fault in error.errors(include_input=False, include_url=False, include_context=False)
        ]
        raise SettingsError("\n".join(faults)) from None


def _anchor(value: Any, folder: Path, name: str = "") -> Any:
    if isinstance(value, Mapping):
        return {key: _anchor(inner, folder, key) for key, inner in value.items()}
    is_path = isinstance(value, str) and (name in _PATH_NAMES or name.endswith("_file"))
    return folder / value if is_path else value
