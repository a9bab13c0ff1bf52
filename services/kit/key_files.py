"""Where a process's own keys lie, and reading them: files named one by one, or every file of a folder."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, PositiveInt, model_validator

from services.kit.credentials import (
    KEY_FILES,
    CredentialError,
    read_decryption_keys,
    read_key_folder,
    read_signing_key,
)
from services.kit.keyring import KeyRing

_STRICT: Final = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


LOCK: Final = ".in-use"
"""File of a key folder that a process locks while it holds the keys in memory."""


class KeysInUseError(CredentialError):
    """Somebody is destroying a key of the folder at this moment."""


class OwnKeyFiles(BaseModel):
    """Files of key pairs, private JWKs. Which of them signs is for the directory to say.

    Attributes:
        folder: every `*.jwk` in it is a key; `keys new` makes them there and `keys destroy` ends them. Read
            again while the process runs.
        signing_file: one Ed25519 pair, as an alternative or in addition.
        encryption_files: X25519 pairs, likewise.
        warn_days: how long before the last key of a use ends health and log say so.
    """

    model_config = _STRICT

    folder: Path | None = None
    signing_file: Path | None = None
    encryption_files: tuple[Path, ...] = ()
    warn_days: PositiveInt = 30

    @model_validator(mode="after")
    def _check_named(self) -> Self:
        if self.folder is None and (self.signing_file is None or not self.encryption_files):
            raise ValueError("name a key folder, or a signing file and encryption files")
        return self

    @property
    def warning(self) -> timedelta:
        """As `warn_days`."""
        return timedelta(days=self.warn_days)

    def read(self, owner: str) -> KeyRing:
        """Reads every key; CredentialError says what is wrong with which file."""
        found = KeyRing(owner, (), ()) if self.folder is None else read_key_folder(self.folder, owner)
        signing = [] if self.signing_file is None else [read_signing_key(self.signing_file, owner)]
        decryption = read_decryption_keys(self.encryption_files, owner)
        return KeyRing(owner, (*signing, *found.signing), (*decryption, *found.decryption))

    @contextmanager
    def held(self) -> Iterator[None]:
        """Says inside the block that a process uses the key folder, so that no key of it is destroyed.

        Raises:
            KeysInUseError: one is being destroyed now.
            CredentialError: the folder is not there, or cannot be written.
        """
        if self.folder is None:
            yield
            return
        descriptor = _open_lock(self.folder)
        try:
            _share(descriptor, self.folder)
            yield
        finally:
            os.close(descriptor)

    def paths(self) -> Iterator[Path]:
        """The files as they are now."""
        if self.signing_file is not None:
            yield self.signing_file
        yield from self.encryption_files
        if self.folder is not None:
            yield from sorted(self.folder.glob(KEY_FILES))


def _open_lock(folder: Path) -> int:
    try:
        return os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise CredentialError(
            f"{folder}: cannot be written ({type(error).__name__}). Let this process write to its key folder"
        ) from None


def _share(descriptor: int, folder: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        raise KeysInUseError(f"{folder}: a key is being destroyed. Start again when that is done") from None
