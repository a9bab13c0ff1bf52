"""Which entries of the settings name files, and what stands in them: a secret, something public, own state.

An entry that the table does not know counts as a secret: whoever adds one and forgets the table finds that
it must be private, and not that anybody may read it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from services.kit.credentials import KEY_FILES, CredentialError, read_public, read_secret, require_private

_MAX_PUBLIC_OCTETS: Final = 16 << 20  # of a directory (`directory.MAX_OCTETS`)


class Holds(Enum):
    """What stands in a file or folder."""

    SECRET = auto()
    PUBLIC = auto()
    KEYS = auto()  # a folder of secrets
    STATE = auto()  # made by the process: a secret, and not there before the first start
    MEMORY = auto()  # made by the process: no secret
    DATA = auto()  # a folder of public files


KINDS: Final[Mapping[str, Holds]] = {
    "password_file": Holds.SECRET,
    "key_file": Holds.SECRET,
    "at_rest_file": Holds.SECRET,
    "signing_file": Holds.SECRET,
    "encryption_files": Holds.SECRET,
    "certificate_file": Holds.PUBLIC,
    "authority_file": Holds.PUBLIC,
    "ca_file": Holds.PUBLIC,
    "scheme_key_file": Holds.PUBLIC,
    "jwks_file": Holds.PUBLIC,
    "serial_file": Holds.MEMORY,
    "directory.file": Holds.PUBLIC,
    "key_store.file": Holds.STATE,
    "people.file": Holds.SECRET,
    "keys.folder": Holds.KEYS,
    "rulebook.folder": Holds.DATA,
    "agreements.folder": Holds.DATA,
}
"""By the entry's name, or the name of its table and its own where the latter alone does not say."""


@dataclass(frozen=True, slots=True)
class NamedFile:
    """One file or folder that the settings name.

    Attributes:
        entry: where in the settings, such as `broker.password_file`.
        path: where on the disk.
        holds: what stands in it.
    """

    entry: str
    path: Path
    holds: Holds


def list_files(settings: BaseModel) -> Iterator[NamedFile]:
    """Every file and folder that settings name, in their order."""
    yield from _walk(settings, ())


def kind_of(entry: str) -> Holds | None:
    """What stands in the file that an entry names, such as `broker.password_file`; None if nobody said."""
    *_, table, name = ("", *entry.split("."))
    return KINDS.get(f"{table}.{name}") or KINDS.get(name)


def check_file(named: NamedFile) -> None:
    """CredentialError, with what to do, if a file is not there, or a secret is not its owner's alone."""
    if named.holds is Holds.SECRET:
        read_secret(named.path)
    elif named.holds is Holds.PUBLIC:
        read_public(named.path, _MAX_PUBLIC_OCTETS)
    elif named.holds in (Holds.KEYS, Holds.DATA):
        _check_folder(named)
    elif named.holds is Holds.STATE and named.path.exists():
        require_private(named.path)


def check_files(settings: BaseModel) -> None:
    """As `check_file`, of every file that settings name; the first that will not do."""
    for named in list_files(settings):
        check_file(named)


def _check_folder(named: NamedFile) -> None:
    if not named.path.is_dir():
        raise CredentialError(f"{named.path}: is no folder. Make it, or correct its path in the settings")
    if named.holds is Holds.KEYS:
        for path in sorted(named.path.glob(KEY_FILES)):
            read_secret(path)


def _walk(value: Any, at: tuple[str, ...]) -> Iterator[NamedFile]:
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _walk(getattr(value, name), (*at, name))
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _walk(each, at)
    elif isinstance(value, Path):
        entry = ".".join(at)
        yield NamedFile(entry, value, kind_of(entry) or Holds.SECRET)
