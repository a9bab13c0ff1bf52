"""Settings of the gateway's process, from one TOML file.

Paths are relative to the settings file's folder. Unknown keys, missing files and secrets that others can read
all refuse to start, with what to do.
"""

import tomllib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, ValidationError

from gateway.app import tools
from services.kit import settings as kit
from services.kit.access.settings import IdentitySettings
from services.kit.bus.settings import BusSettings
from services.kit.credentials import CredentialError
from services.kit.database import DatabaseSettings
from services.kit.key_files import OwnKeyFiles
from services.kit.settings import DirectorySettings, Listen, TlsFiles
from services.kit.settings_files import check_files

MEBIBYTE: Final = 1 << 20
_STRICT: Final = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
_PATH_NAMES: Final = ("file", "folder")
_PATH_ENDINGS: Final = ("_file", "_files", "_folder")


class SettingsError(Exception):
    """The settings cannot be used; one line for each fault, each saying what to do."""


class KeyFiles(OwnKeyFiles):
    """Files of the gateway's own keys: for statements and outcomes, and for what is encrypted to it."""


class KeyStoreSettings(BaseModel):
    """The key store: always a SQLite file of its own, made at the first start.

    Attributes:
        file: Where it is; not beside the database's backups.
    """

    model_config = _STRICT

    file: Path


class FolderSettings(BaseModel):
    """A folder of YAML files: the rulebook, or the agreements."""

    model_config = _STRICT

    folder: Path


class Limits(BaseModel):
    """How much, how many, how long.

    Attributes:
        max_message_octets: larger gRPC messages are refused, and larger sealed exchanges.
        max_calls: calls at once.
        max_calls_each: calls of one organisation at once, so that it leaves room for others.
        calls_per_minute: of one organisation, whatever it calls; those below count too.
        call_deadline_s: for a call whose client gave none.
        tick_s: look-ups that could tell what exists answer after whole ticks of this length.
        shutdown_grace_s: how long calls and the batch under way may take when the process is told to stop.
        intake_batch: messages handled in one transaction.
        intake_prefetch: messages of each queue taken from the broker ahead.
        sequence_batch: records put into the log and signed for at once.
        publish_batch: packets published at once.
        heartbeat_interval_s: how often the witnesses are shown the newest checkpoint of the log.
        clock_interval_s: how often it is looked for time limits that near or end.
        pruning_interval_s: how often what is past its retention class is deleted.
        calendar_interval_s: how often to look whether an agreement began or ended.
        holds_interval_s: how often to look whether the time of a hold ran out.
        publish_interval_s: how often the store is looked into when nothing says that it changed.
        submission_age_days: an exchange sealed longer ago is refused.
        release_validity_days: from when on a recipient must not use a release any more.
        resend_s: how long a delivery waits that was refused for the key that signed it, before it goes again.
        previews_per_minute: previews of each organisation that are answered.
        proofs_per_minute: questions of each organisation's witness that are answered.
    """

    model_config = _STRICT

    max_message_octets: int = Field(default=4 * MEBIBYTE, ge=1024, le=64 * MEBIBYTE)
    max_calls: PositiveInt = 256
    max_calls_each: PositiveInt = 32
    calls_per_minute: PositiveInt = 12_000
    call_deadline_s: PositiveFloat = 30
    tick_s: PositiveFloat = 0.1
    shutdown_grace_s: PositiveFloat = 10
    intake_batch: PositiveInt = 50
    intake_prefetch: PositiveInt = 100
    sequence_batch: PositiveInt = 1000
    publish_batch: PositiveInt = 100
    heartbeat_interval_s: PositiveFloat = 60
    clock_interval_s: PositiveFloat = 5
    pruning_interval_s: PositiveFloat = 86_400
    calendar_interval_s: PositiveFloat = 60
    holds_interval_s: PositiveFloat = 60
    publish_interval_s: PositiveFloat = 1
    submission_age_days: PositiveInt = 7
    release_validity_days: PositiveInt = 28
    resend_s: PositiveFloat = 600
    previews_per_minute: PositiveInt = 60
    proofs_per_minute: PositiveInt = 6000

    def for_server(self) -> kit.Limits:
        """The part that the gRPC server takes."""
        return kit.Limits(
            max_message_octets=self.max_message_octets,
            max_calls=self.max_calls,
            max_calls_each=self.max_calls_each,
            max_streams_each=self.max_calls_each,
            calls_per_minute=self.calls_per_minute,
            call_deadline_s=self.call_deadline_s,
            tick_s=self.tick_s,
            shutdown_grace_s=self.shutdown_grace_s,
        )

    def for_exchanges(self) -> tools.Limits:
        """The part that the use cases take."""
        return tools.Limits(
            # Disclosures are base64url of what the message held, each with a salt of its own.
            submission_octets=3 * self.max_message_octets,
            submission_age=timedelta(days=self.submission_age_days),
            release_validity=timedelta(days=self.release_validity_days),
            resend_after=timedelta(seconds=self.resend_s),
        )


class Settings(BaseModel):
    """Everything that differs from one gateway to the next.

    Attributes:
        listen: where calls are taken.
        tls: certificate, key and authority for gRPC; the certificate names the organisation `gateway`.
        keys: own keys.
        database: exchanges, records, deliveries.
        key_store: keys and salts.
        broker: the broker.
        directory: the signed directory.
        rulebook: law and guidance as data.
        agreements: data-sharing agreements to import into a database that has none.
        identity: who tells which system and which person calls.
        limits: sizes, numbers and times.
    """

    model_config = _STRICT

    listen: Listen = Listen()
    tls: TlsFiles
    keys: KeyFiles
    database: DatabaseSettings
    key_store: KeyStoreSettings
    broker: BusSettings
    directory: DirectorySettings
    rulebook: FolderSettings
    agreements: FolderSettings
    identity: IdentitySettings
    limits: Limits = Limits()


def load_settings(path: Path) -> Settings:
    """Reads a settings file and checks that the files it names are there and private enough.

    Raises:
        SettingsError: says what to do.
    """
    settings = parse_settings(_read(path), path)
    _check_files(settings)
    return settings


def parse_settings(content: Mapping[str, Any], path: Path) -> Settings:
    """Makes settings of what a file holds; relative paths start from its folder. Reads no other file."""
    try:
        return Settings.model_validate(_anchor(content, path.absolute().parent))
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
    is_path = isinstance(value, str) and (name in _PATH_NAMES or name.endswith(_PATH_ENDINGS))
    return folder / value if is_path else value


def _advise(kind: str, message: str) -> str:
    known = {
        "extra_forbidden": "is not a setting: remove it, or correct its spelling",
        "missing": "is missing: add it",
    }
    return known.get(kind, message)


def _check_files(settings: Settings) -> None:
    try:
        check_files(settings)
    except CredentialError as error:
        raise SettingsError(str(error)) from None
