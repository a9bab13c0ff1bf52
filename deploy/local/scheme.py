"""The scheme's work, in miniature: issuing a new directory with keys added, ended or revoked.

    python -m deploy.local.scheme FOLDER add KEY.json [--after 5] [--days 90]
    python -m deploy.local.scheme FOLDER end KEY_ID
    python -m deploy.local.scheme FOLDER revoke KEY_ID [--since 2026-11-23T09:30:00+00:00]

FOLDER is that of a world, such as build/demo; KEY.json is what `keys new` prints. A key begins some seconds
after it is published, so that everybody has read the directory before anything is signed with it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from google.protobuf.json_format import ParseDict
from google.protobuf.timestamp_pb2 import Timestamp
from publicprotection.exchange.v1.directory_service_pb2 import (
    KEY_USE_ENCRYPTION,
    KEY_USE_SIGNING,
    Directory,
    PublicKey,
)

from deploy.certificates import write_private
from services.kit.credentials import read_signing_key
from services.kit.directory import GATEWAY, sign_directory
from services.kit.evidence.canonical import parse_strictly
from services.kit.exchange.notices import payload_of

USES: Final = {"signing": KEY_USE_SIGNING, "encryption": KEY_USE_ENCRYPTION}

Change = Callable[[Directory, datetime], None]
"""Changes a directory, given the moment of issue."""


class SchemeError(Exception):
    """The directory cannot be changed so; says why."""


@dataclass(frozen=True)
class Scheme:
    """The scheme of a world: it holds the key by which everybody knows the directory.

    Attributes:
        folder: `directory` in the world's folder.
    """

    folder: Path

    @property
    def file(self) -> Path:
        """The signed directory."""
        return self.folder / "directory.jws"

    def read(self) -> Directory:
        """The directory as last issued."""
        token = self.file.read_text(encoding="ascii").strip()
        return ParseDict(parse_strictly(payload_of(token)), Directory())

    def issue(self, *changes: Change) -> int:
        """Issue the next directory; its serial.

        Raises:
            SchemeError: A change cannot be made; nothing was issued.
            DirectoryError: What came of them is no directory.
        """
        directory, now = self.read(), datetime.now(UTC)
        for change in changes:
            change(directory, now)
        directory.serial += 1
        _set(directory.issued_at, now)
        key = read_signing_key(self.folder / "private" / "scheme.jwk", "scheme")
        write_private(self.file, sign_directory(directory, key).encode())
        return directory.serial


def add_key(public: dict[str, Any], *, after: timedelta, lasting: timedelta) -> Change:
    """Publish a key: what `keys new` printed, valid from some time after the issue."""

    def change(directory: Directory, now: datetime) -> None:
        entry = PublicKey(
            key_id=public["key_id"], use=USES[public["use"]], jwk=json.dumps(public["jwk"], sort_keys=True)
        )
        _set(entry.valid_from, now + after)
        _set(entry.valid_until, now + after + lasting)
        _keys_of(directory, public["owner"]).append(entry)

    return change


def end_key(key_id: str) -> Change:
    """End a key's validity now; what was received before stands."""

    def change(directory: Directory, now: datetime) -> None:
        _set(_find(directory, key_id).valid_until, now)

    return change


def revoke_key(key_id: str, since: datetime | None = None) -> Change:
    """Revoke a key from a moment on: the earliest suspected misuse; now unless given."""

    def change(directory: Directory, now: datetime) -> None:
        entry = _find(directory, key_id)
        entry.revoked = True
        _set(entry.revoked_at, since or now)

    return change


def main(arguments: list[str]) -> int:
    """Issue one directory; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m deploy.local.scheme")
    parser.add_argument("folder", type=Path, help="of the world")
    actions = parser.add_subparsers(required=True, metavar="action")
    add = actions.add_parser("add", help="publish a key")
    add.add_argument("key", type=Path, help="what `keys new` printed")
    add.add_argument("--after", type=float, default=5, metavar="SECONDS", help="until it begins")
    add.add_argument("--days", type=float, default=90, help="how long it is valid")
    add.set_defaults(change=_added)
    end = actions.add_parser("end", help="end a key's validity now")
    end.set_defaults(change=lambda options: end_key(options.key_id))
    revoke = actions.add_parser("revoke", help="revoke a key")
    revoke.add_argument("--since", type=datetime.fromisoformat, help="earliest suspected misuse")
    revoke.set_defaults(change=lambda options: revoke_key(options.key_id, options.since))
    for parser_ in (end, revoke):
        parser_.add_argument("key_id", help="one that begins with a hyphen after `--`")
    options = parser.parse_args(arguments)
    return _run(options)


def _run(options: argparse.Namespace) -> int:
    try:
        serial = Scheme(options.folder / "directory").issue(options.change(options))
    except SchemeError as error:
        print(f"scheme: {error}", file=sys.stderr)
        return 1
    print(f"directory {serial} issued")
    return 0


def _added(options: argparse.Namespace) -> Change:
    public = json.loads(options.key.read_text(encoding="utf-8"))
    after, lasting = timedelta(seconds=options.after), timedelta(days=options.days)
    return add_key(public, after=after, lasting=lasting)


def _find(directory: Directory, key_id: str) -> PublicKey:
    for entry in _all_keys(directory):
        if entry.key_id == key_id:
            return entry
    raise SchemeError(f"the directory has no key {key_id}")


def _all_keys(directory: Directory) -> Iterator[PublicKey]:
    yield from directory.gateway_keys
    for organisation in directory.organisations:
        yield from organisation.keys


def _keys_of(directory: Directory, owner: str) -> Any:
    if owner == GATEWAY:
        return directory.gateway_keys
    for organisation in directory.organisations:
        if organisation.organisation == owner:
            return organisation.keys
    raise SchemeError(f"the directory does not list {owner}")


def _set(field: Timestamp, moment: datetime) -> None:
    field.FromDatetime(moment.astimezone(UTC).replace(tzinfo=None, microsecond=0))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
