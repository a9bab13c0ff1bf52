"""Settings of one agency process, from one TOML file.

Paths are relative to the settings file's folder. Unknown keys, missing files and secrets that others can read
all refuse to start, with what to do.
"""

import tomllib
from collections.abc import Mapping
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PositiveFloat,
    PositiveInt,
    ValidationError,
)

from services.kit.access.settings import AgencyIdentitySettings
from services.kit.bus.settings import BusSettings
from services.kit.credentials import (
    CredentialError,
    Credentials,
    read_at_rest_key,
    read_tls,
)
from services.kit.database import DatabaseSettings
from services.kit.key_files import OwnKeyFiles
from services.kit.settings_files import check_files

MEBIBYTE: Final = 1 << 20
_PATH_NAMES: Final = ("file", "folder")
_STRICT: Final = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
_Form = TypeVar("_Form", bound=BaseModel)


class SettingsError(Exception):
    """The settings cannot be used; one line for each fault, each saying what to do."""


def _check_address(address: str) -> str:
    ip_address(address)
    return address


class Listen(BaseModel):
    """Where the process takes calls.

    Attributes:
        host: an IP address of this machine; loopback unless the agency's own systems call from another.
        port: 0 takes any free one, which the log then tells.
    """

    model_config = _STRICT

    host: Annotated[str, AfterValidator(_check_address)] = "127.0.0.1"
    port: int = Field(default=0, ge=0, le=65535)


class TlsFiles(BaseModel):
    """PEM files: own certificate and key, and the authority whose certificates are accepted.

    Attributes:
        certificate_file: own certificate, with intermediates. Read again when it was renewed.
        key_file: its private key.
        authority_file: certificates of the authorities.
        warn_days: how long before the certificate ends health and log say so.
    """

    model_config = _STRICT

    certificate_file: Path
    key_file: Path
    authority_file: Path
    warn_days: PositiveInt = 14


class KeyFiles(OwnKeyFiles):
    """Files of the organisation's own keys.

    Attributes:
        at_rest_file: 32 bytes in base64url; encrypts what is stored.
    """

    at_rest_file: Path


class GatewaySettings(BaseModel):
    """Where the gateway answers questions; exchanges go over the broker.

    Attributes:
        address: host and port, as in the gateway's certificate.
    """

    model_config = _STRICT

    address: str = Field(pattern=r"^[A-Za-z0-9.:\[\]-]+:[0-9]{1,5}$")


class DirectorySettings(BaseModel):
    """The signed directory.

    Attributes:
        file: compact JWS.
        scheme_key_file: the scheme's public JWK.
        scheme_key_fingerprint: its RFC 7638 thumbprint, obtained by another way than the file.
        serial_file: where the highest serial seen is remembered; made at the first start.
        poll_s: how often the file, and those of the keys, are looked at for something new.
        warn_days: how long before the directory is stale health and log say so.
    """

    model_config = _STRICT

    file: Path
    scheme_key_file: Path
    scheme_key_fingerprint: str = Field(pattern="^[A-Za-z0-9_-]{43}$")
    serial_file: Path
    poll_s: PositiveFloat = 60
    warn_days: PositiveInt = 7

    @property
    def warning(self) -> timedelta:
        """As `warn_days`."""
        return timedelta(days=self.warn_days)


class Limits(BaseModel):
    """How much, how many, how long.

    Attributes:
        max_message_octets: larger gRPC messages are refused (RESOURCE_EXHAUSTED).
        max_calls: calls at once, streams included.
        max_streams: of those, streams at once, so that watchers leave room for verbs.
        max_calls_each: calls of one system at once, so that it leaves room for others.
        max_streams_each: streams of one system at once.
        calls_per_minute: of one system; a request longer than 64 KiB counts once more for each.
        call_deadline_s: for a call whose client gave none.
        tick_s: look-ups that could tell what exists answer after whole ticks of this length.
        shutdown_grace_s: how long calls may take to end when the process is told to stop.
        relay_batch: packets published at once.
        relay_interval_s: how often the outbox is looked into when nothing says that it changed.
        intake_batch: messages handled in one transaction.
        intake_prefetch: messages taken from the broker ahead.
        witness_interval_s: how often the gateway's log is looked at when nothing was shown of it.
        log_silence_s: how long the gateway may show nothing of its log before that raises an alarm.
        key_wait_s: how long a message is kept that names a key which the directory here does not know yet;
            only then is it refused.
    """

    model_config = _STRICT

    max_message_octets: int = Field(default=4 * MEBIBYTE, ge=1024, le=64 * MEBIBYTE)
    max_calls: PositiveInt = 256
    max_streams: PositiveInt = 64
    max_calls_each: PositiveInt = 192
    max_streams_each: PositiveInt = 32
    calls_per_minute: PositiveInt = 60_000
    call_deadline_s: PositiveFloat = 30
    tick_s: PositiveFloat = 0.05
    shutdown_grace_s: PositiveFloat = 10
    relay_batch: PositiveInt = 100
    relay_interval_s: PositiveFloat = 1
    intake_batch: PositiveInt = 100
    intake_prefetch: PositiveInt = 200
    witness_interval_s: PositiveFloat = 30
    log_silence_s: PositiveFloat = 600
    key_wait_s: PositiveFloat = 900


class Settings(BaseModel):
    """Everything that differs from one process to the next.

    Attributes:
        organisation: own id in the directory.
        listen: where calls are taken.
        tls: certificate, key and authority for gRPC.
        keys: own keys.
        store: own database.
        broker: the broker.
        directory: the signed directory.
        gateway: where the gateway answers questions.
        identity: who tells which system and which person calls.
        limits: sizes, numbers and times.
    """

    model_config = _STRICT

    organisation: str = Field(pattern="^[a-z][a-z0-9-]{1,62}$")
    listen: Listen = Listen()
    tls: TlsFiles
    keys: KeyFiles
    store: DatabaseSettings
    broker: BusSettings
    directory: DirectorySettings
    gateway: GatewaySettings
    identity: AgencyIdentitySettings
    limits: Limits = Limits()

    def read_credentials(self) -> Credentials:
        """Reads every key; SettingsError if a file is missing, readable by others, or no such key."""
        tls, keys = self.tls, self.keys
        try:
            return Credentials(
                tls=read_tls(tls.certificate_file, tls.key_file, tls.authority_file),
                ring=keys.read(self.organisation),
                at_rest=read_at_rest_key(keys.at_rest_file),
            )
        except CredentialError as error:
            raise SettingsError(str(error)) from None


def load_settings(path: Path) -> Settings:
    """Reads a settings file and checks that the files it names are there and private enough.

    Raises:
        SettingsError: says what to do.
    """
    return load_as(Settings, path)


def load_as(form: type[_Form], path: Path) -> _Form:
    """As `load_settings`, for a process that has settings of another form."""
    settings = parse_as(form, _read(path), path)
    _check_files(settings)
    return settings


def parse_settings(content: Mapping[str, Any], path: Path) -> Settings:
    """Makes settings of what a file holds; relative paths start from its folder. Reads no other file."""
    return parse_as(Settings, content, path)


def parse_as(form: type[_Form], content: Mapping[str, Any], path: Path) -> _Form:
    """As `parse_settings`, for a process that has settings of another form."""
    try:
        return form.model_validate(_anchor(content, path.absolute().parent))
    except ValidationError as error:
        faults = [
            f"{path}: {'.'.join(map(str, fault['loc'])) or 'file'}: {_advise(fault['type'], fault['msg'])}"
            for fault in error.errors(include_input=False, include_url=False, include_context=False)
        ]
        raise SettingsError("\n".join(faults)) from None


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise SettingsError(f"{path}: cannot be read. Give the path of a settings file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: is not TOML: {error}") from None


def _anchor(value: Any, folder: Path, name: str = "") -> Any:
    if isinstance(value, Mapping):
        return {key: _anchor(inner, folder, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_anchor(inner, folder, name) for inner in value]
    is_path = isinstance(value, str) and (name in _PATH_NAMES or name.endswith(("_file", "_files")))
    return folder / value if is_path else value


def _advise(kind: str, message: str) -> str:
    known = {
        "extra_forbidden": "is not a setting: remove it, or correct its spelling",
        "missing": "is missing: add it",
    }
    return known.get(kind, message)


def _check_files(settings: BaseModel) -> None:
    try:
        check_files(settings)
    except CredentialError as error:
        raise SettingsError(str(error)) from None
