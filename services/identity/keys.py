"""The keys that sign tokens: files of a folder, each named after the moment from which it signs.

All are published, so that whoever checks tokens knows a key before its first use. A key is retired by
deleting its file, once the last token that it signed has ended. The folder is looked at again and again:
nothing need be started anew.
"""

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any, Final

import structlog
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from services.kit.credentials import CredentialError, read_secret
from services.kit.evidence.canonical import parse_strictly
from services.kit.evidence.errors import EvidenceError
from services.kit.settings import SettingsError

ALGORITHM: Final = "ES256"
CURVE: Final = "P-256"

_FORMAT: Final = "%Y-%m-%dT%H%M%SZ"
_FILES: Final = "*.jwk"

_log = structlog.get_logger(__name__)

_Stamp = tuple[tuple[str, int, int], ...]


class SigningKeys:
    """The keys of a folder.

    Args:
        folder: see above.
        now: the time.

    Raises:
        SettingsError: a file is no key, or readable by others, or no key signs yet.
    """

    def __init__(self, folder: Path, now: Callable[[], datetime]) -> None:
        self._folder: Final = folder
        self._now: Final = now
        self._lock: Final = Lock()
        self._stamp = _look(folder)
        self._keys = _read(folder)
        self.current()

    def current(self) -> ECKey:
        """The key that signs now: the latest whose moment has come."""
        now = self._now()
        begun = [key for begins, key in self._fresh() if begins <= now]
        if not begun:
            raise SettingsError(f"{self._folder}: holds no key that signs yet. Make one: see `key --help`")
        return begun[-1]

    def publish(self) -> dict[str, Any]:
        """The key set (RFC 7517): the public halves of all, also of those that do not sign yet."""
        return {
            "keys": [
                key.as_dict(private=False) | {"use": "sig", "alg": ALGORITHM} for _, key in self._fresh()
            ]
        }

    def _fresh(self) -> list[tuple[datetime, ECKey]]:
        """The keys as they are now in the folder; a folder that cannot be used changes nothing."""
        with self._lock:
            stamp = _look(self._folder)
            if stamp != self._stamp:
                self._stamp = stamp
                try:
                    self._keys = _read(self._folder)
                    _log.info("keys_changed", count=len(self._keys))
                except SettingsError:
                    _log.error("keys_refused")  # its text names a path of this machine
            return self._keys


def make_key(folder: Path, begins: datetime) -> Path:
    """Makes a key that signs from a moment on, in a file that only its owner can read; the file."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{begins.astimezone(UTC):{_FORMAT}}.jwk"
    content = json.dumps(ECKey.generate_key(CURVE, private=True).as_dict(private=True))
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(content)
    return path


def _look(folder: Path) -> _Stamp:
    return tuple(_look_at(path) for path in sorted(folder.glob(_FILES)))


def _look_at(path: Path) -> tuple[str, int, int]:
    try:
        found = path.stat()
    except FileNotFoundError:  # deleted since it was listed
        return path.name, 0, 0
    return path.name, found.st_mtime_ns, found.st_size


def _read(folder: Path) -> list[tuple[datetime, ECKey]]:
    return [(_begins(path), _read_key(path)) for path in sorted(folder.glob(_FILES))]


def _begins(path: Path) -> datetime:
    try:
        return datetime.strptime(path.stem, _FORMAT).replace(tzinfo=UTC)
    except ValueError:
        raise SettingsError(f"{path}: its name must be the moment from which it signs") from None


def _read_key(path: Path) -> ECKey:
    try:
        content = parse_strictly(read_secret(path))
        key = ECKey.import_key(content)
    except CredentialError as error:
        raise SettingsError(str(error)) from None
    except (EvidenceError, JoseError, UnicodeDecodeError, ValueError, TypeError, AttributeError):
        raise SettingsError(f"{path}: must hold a private JSON Web Key") from None
    if not key.is_private or key.curve_name != CURVE:
        raise SettingsError(f"{path}: must hold a private key on {CURVE}")
    key.ensure_kid()
    return key
