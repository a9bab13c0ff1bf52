"""Key files: made with the owner's rights alone, overwritten before they go, held while they are in use."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from services.kit.credentials import KEY_FILES, read_kid
from services.kit.evidence.keys import DecryptionKey, SigningKey
from services.kit.key_files import LOCK
from services.kit.keyring import SIGNING

_PASSES: Final = 2


class KeyFileError(Exception):
    """A key file cannot be made, found or destroyed; says what to do."""


def make_key(folder: Path, owner: str, use: str) -> SigningKey | DecryptionKey:
    """Makes a pair in a folder, `<use>-<kid>.jwk`, readable by its owner alone; durable when this returns.

    Args:
        folder: the key folder.
        owner: the organisation, or the gateway.
        use: keyring.SIGNING or keyring.ENCRYPTION.

    Raises:
        KeyFileError: the file cannot be written.
    """
    made = _generate(owner, use)
    while made.kid.startswith("-"):  # a command line would take it for an option
        made = _generate(owner, use)
    path = folder / f"{use}-{made.kid}.jwk"
    # Under another name first: a process that looks meanwhile never reads half a key.
    part = path.with_suffix(".part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(json.dumps(made.to_jwk()).encode())
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        _sync_folder(folder)
    except OSError:
        raise KeyFileError(f"{folder}: cannot be written. Give its owner the right to, and room") from None
    return made


def _generate(owner: str, use: str) -> SigningKey | DecryptionKey:
    return SigningKey.generate(owner=owner) if use == SIGNING else DecryptionKey.generate(owner=owner)


def find_file(folder: Path, kid: str) -> Path:
    """The file that holds a key; KeyFileError if none does."""
    for path in sorted(folder.glob(KEY_FILES)):
        if read_kid(path) == kid:
            return path
    raise KeyFileError(f"{folder}: has no key {kid}. List them with `keys list`")


def destroy_file(path: Path) -> None:
    """Overwrites a file and unlinks it, so that neither its name nor its blocks lead to what it held.

    A disk that writes elsewhere than where it is told (flash, snapshots, copy on write) may keep old blocks:
    there the key folder belongs on an encrypted volume of its own.

    Raises:
        KeyFileError: it could not be, and may still be there.
    """
    try:
        with path.open("r+b") as file:
            length = os.fstat(file.fileno()).st_size
            for number in range(_PASSES):
                file.seek(0)
                file.write(os.urandom(length) if number == 0 else bytes(length))
                file.flush()
                os.fsync(file.fileno())
        path.unlink()
        _sync_folder(path.parent)
    except OSError:
        raise KeyFileError(
            f"{path}: could not be destroyed. See that it is writable, and try again"
        ) from None


@contextmanager
def alone_with(folder: Path) -> Iterator[None]:
    """Lets nobody else use the keys of a folder inside the block.

    Raises:
        KeyFileError: a process uses them: it holds them in memory, and messages encrypted to them.
    """
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        with _locked(descriptor, folder):
            yield
    finally:
        os.close(descriptor)


@contextmanager
def _locked(descriptor: int, folder: Path) -> Iterator[None]:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise KeyFileError(
            f"{folder}: a process is using these keys. Stop it, destroy the key, start it again: what "
            "arrives meanwhile waits in its queue"
        ) from None
    yield
    with suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_UN)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
