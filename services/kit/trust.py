"""What a process trusts and signs with while it runs: the newest good directory, and its own keys.

A new directory is read and verified whole before it takes the place of the last good one, in one step; a bad
or older one changes nothing, and health says that it is there (design section 6). Keys come and go by their
files.
"""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

import structlog

from services.kit.clock import Clock
from services.kit.credentials import CredentialError
from services.kit.directory import Directory, DirectoryError
from services.kit.directory_file import load_directory
from services.kit.evidence.keys import DecryptionKey, SigningKey
from services.kit.key_files import OwnKeyFiles
from services.kit.keyring import KeyRing
from services.kit.rpc.health import Check
from services.kit.settings import DirectorySettings

_log = structlog.get_logger(__name__)
_WARN_AGAIN_S: Final = 24 * 3600.0

Adopt = Callable[[Directory], None]
"""Takes over what else goes with a directory, or raises and changes nothing. Must not wait."""

_Stamp = tuple[tuple[str, int, int], ...]


class DirectoryRefusedError(Exception):
    """What else rests on the directory does not go together with this one: it is not used."""


def adopt_any(_directory: Directory) -> None:
    """Nothing else goes with the directory."""


class Trust:
    """The directory and the keys in force. What it gives out never changes; ask again for each use.

    Args:
        directory: where the directory is.
        keys: where the keys are.
        first: the directory that the process started with.
        ring: the keys that it started with.
        clock: the time.
        adopt: called with each new directory before it is in force.
    """

    def __init__(  # noqa: PLR0913, PLR0917  # made once, in each composition root
        self,
        directory: DirectorySettings,
        keys: OwnKeyFiles,
        first: Directory,
        ring: KeyRing,
        clock: Clock,
        adopt: Adopt = adopt_any,
    ) -> None:
        self._directory_settings = directory
        self._key_files = keys
        self._directory = first
        self._ring = ring
        self._clock = clock
        self._adopt = adopt
        self._seen = (self._directory_stamp(), self._key_stamp())
        self._failed = {"directory": False, "keys": False}
        self._watchers: list[Callable[[], None]] = []
        self._warned: dict[str, float] = {}

    @property
    def directory(self) -> Directory:
        """The directory in force. Take it once for each piece of work."""
        return self._directory

    @property
    def ring(self) -> KeyRing:
        """The keys in force."""
        return self._ring

    @property
    def is_latest(self) -> bool:
        """Whether the directory in force is the one in the file: false after one that could not be used."""
        return not self._failed["directory"]

    @property
    def has_latest_keys(self) -> bool:
        """Whether the keys in force are those in the files."""
        return not self._failed["keys"]

    @property
    def signing(self) -> SigningKey:
        """The key that signs now; NoSigningKeyError if none may."""
        return self._ring.signing_key(self._directory, self._clock.now())

    def decryption(self, kid: str) -> DecryptionKey:
        """The key of this id; KeyRefusedError if there is none, or it was destroyed."""
        return self._ring.decryption_key(kid)

    def is_lasting(self) -> bool:
        """Whether each use has a key that will still be valid after the time of warning."""
        return not self._ring.ending(self._directory, self._clock.now(), self._key_files.warning)

    def is_directory_lasting(self) -> bool:
        """Whether the directory will still be current after the time of warning."""
        return not self._directory.is_stale(self._clock.now() + self._directory_settings.warning)

    def watch(self, watcher: Callable[[], None]) -> None:
        """Has something called after each change of directory or keys."""
        self._watchers.append(watcher)

    def look(self) -> bool:
        """Reads again what changed on the disk since the last look, or could not be used then.

        Returns:
            Whether anything new is in force.
        """
        directory, keys = self._directory_stamp(), self._key_stamp()
        before, self._seen = self._seen, (directory, keys)
        # Keys first: a directory that names a key is of use only to who has the key.
        read_keys = keys != before[1] or self._failed["keys"]
        read_directory = directory != before[0] or self._failed["directory"]
        return self._tell([read_keys and self._read_keys(), read_directory and self._read_directory()])

    def reload(self) -> bool:
        """Reads both again, changed or not; whether anything new is in force."""
        self._seen = (self._directory_stamp(), self._key_stamp())
        return self._tell([self._read_keys(), self._read_directory()])

    async def run(self, wanted: asyncio.Event) -> None:
        """Looks again and again until cancelled, and reads everything whenever `wanted` is set."""
        while True:
            self.warn()
            with suppress(TimeoutError):
                await asyncio.wait_for(wanted.wait(), self._directory_settings.poll_s)
            if wanted.is_set():
                wanted.clear()
                self.reload()
            else:
                self.look()

    def warn(self) -> None:
        """Says in the log, once a day, which keys are about to end without a successor, or the directory."""
        now = self._clock.now()
        for state in self._ring.ending(self._directory, now, self._key_files.warning):
            if self._is_due(state.kid, now):
                left = (state.record.not_after - now).days if state.record else 0
                _log.warning("key_ends", key_id=state.kid, kind=state.use, days=max(left, 0))
        if not self.is_directory_lasting() and self._is_due("directory", now):
            left = (self._directory.valid_until - now).days
            _log.warning("directory_ends", serial=self._directory.serial, days=max(left, 0))

    def _is_due(self, name: str, now: datetime) -> bool:
        """Whether it is a day since this was last said; it counts as said now."""
        is_due = now.timestamp() - self._warned.get(name, 0.0) >= _WARN_AGAIN_S
        if is_due:
            self._warned[name] = now.timestamp()
        return is_due

    def _tell(self, changed: Iterable[bool]) -> bool:
        if not any(changed):
            return False
        for watcher in self._watchers:
            watcher()
        return True

    def _read_directory(self) -> bool:
        try:
            found = load_directory(self._directory_settings, self._clock.now())
            if _is_same(found, self._directory):
                self._failed["directory"] = False
                return False
            self._adopt(found)
        except (DirectoryError, DirectoryRefusedError) as error:
            self._failed["directory"] = True
            _log.error("directory_refused", error=type(error).__name__, serial=self._directory.serial)
            return False
        self._directory, self._failed["directory"] = found, False
        _log.info("directory_in_force", serial=found.serial)
        return True

    def _read_keys(self) -> bool:
        try:
            found = self._key_files.read(self._ring.owner)
        except CredentialError:
            self._failed["keys"] = True
            _log.error("keys_refused", reason="FILES")
            return False
        self._failed["keys"] = False
        if found == self._ring:
            return False
        self._ring = found
        _log.info("keys_in_force", count=len(found.signing) + len(found.decryption))
        return True

    def _directory_stamp(self) -> _Stamp:
        return _stamp([self._directory_settings.file])

    def _key_stamp(self) -> _Stamp:
        return _stamp(self._key_files.paths())


def trust_checks(trust: Trust) -> dict[str, Check]:
    """The parts of a process's health that tell of directory and keys."""

    async def directory_is_latest() -> bool:
        return trust.is_latest

    async def directory_is_lasting() -> bool:
        return trust.is_directory_lasting()

    async def keys_are_latest() -> bool:
        return trust.has_latest_keys

    async def keys_are_lasting() -> bool:
        return trust.is_lasting()

    async def signing_key() -> bool:
        return bool(trust.signing.kid)  # one that raises is not there

    return {
        "directory-is-latest": directory_is_latest,
        "directory-is-lasting": directory_is_lasting,
        "keys-are-latest": keys_are_latest,
        "keys-are-lasting": keys_are_lasting,
        "signing-key": signing_key,
    }


def _is_same(found: Directory, known: Directory) -> bool:
    """Whether it is the one in force; DirectoryError for another of the same serial."""
    if found.serial != known.serial:
        return False
    if found.digest != known.digest:
        raise DirectoryError(f"two directories have the serial {found.serial}: have the scheme issue another")
    return True


def _stamp(paths: Iterable[Path]) -> _Stamp:
    """What tells a file that was written anew; one that cannot be asked is as one that is not there."""
    found = []
    for path in paths:
        with suppress(OSError):
            state = path.stat()
            found.append((str(path), state.st_mtime_ns, state.st_size))
    return tuple(found)
