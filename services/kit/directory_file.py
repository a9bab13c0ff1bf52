"""The directory on disk, and the memory of the highest serial seen."""

from datetime import datetime
from pathlib import Path
from typing import Final

from services.kit.credentials import CredentialError, read_public, read_verifying_key
from services.kit.directory import MAX_OCTETS, Directory, DirectoryError, open_directory, verify_directory
from services.kit.evidence.keys import VerifyingKey
from services.kit.settings import DirectorySettings

_SCHEME: Final = "scheme"


def load_directory(settings: DirectorySettings, at: datetime) -> Directory:
    """Reads and verifies the directory, and remembers its serial.

    Args:
        settings: where it is, and the pinned fingerprint of the scheme's key.
        at: now, aware.

    Raises:
        DirectoryError: a file is missing, or the directory cannot be used; says what to do.
    """
    seen = _read_serial(settings.serial_file)
    token, scheme = _read_files(settings)
    fingerprint = settings.scheme_key_fingerprint
    directory = open_directory(token, scheme, fingerprint=fingerprint, at=at, lowest_serial=seen)
    if directory.serial > seen:
        _remember_serial(settings.serial_file, directory.serial)
    return directory


def inspect_directory(settings: DirectorySettings) -> Directory:
    """Reads and verifies the directory, however old, and remembers nothing; errors as `load_directory`."""
    token, scheme = _read_files(settings)
    seen = _read_serial(settings.serial_file)
    return verify_directory(token, scheme, fingerprint=settings.scheme_key_fingerprint, lowest_serial=seen)


def _read_files(settings: DirectorySettings) -> tuple[str, VerifyingKey]:
    try:
        token = read_public(settings.file, MAX_OCTETS).decode("ascii").strip()
        return token, read_verifying_key(settings.scheme_key_file, _SCHEME)
    except CredentialError as error:
        raise DirectoryError(str(error)) from None
    except UnicodeDecodeError:
        raise DirectoryError(f"{settings.file}: is no signed directory: fetch it again") from None


def _read_serial(path: Path) -> int:
    try:
        text = path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return 0
    except (OSError, UnicodeDecodeError):
        text = ""
    if not text.isdecimal():
        # Taken for 0, a damaged memory would let an old directory in again.
        raise DirectoryError(
            f"{path}: holds no serial. Write into it the serial of the directory last in use"
        )
    return int(text)


def _remember_serial(path: Path, serial: int) -> None:
    part = path.with_name(path.name + ".part")
    try:
        part.write_text(f"{serial}\n", encoding="ascii")
        part.replace(path)
    except OSError:
        raise DirectoryError(f"{path}: cannot be written. Let this process write to its folder") from None
