"""Keys for local use: made in an instant, written to files that only their owner can read."""

from __future__ import annotations

import json
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp
from publicprotection.exchange.v1.directory_service_pb2 import (
    KEY_USE_ENCRYPTION,
    KEY_USE_SIGNING,
    Directory,
    Organisation,
    PublicKey,
)

from deploy.certificates import write_private
from services.kit.directory import sign_directory
from services.kit.evidence.keys import DecryptionKey, EncryptionKey, SigningKey, VerifyingKey

LIFETIME: Final = timedelta(days=90)
KEY_FOLDER: Final = "keys"
"""In the folder of a process: its key pairs, a file each."""

SKEW: Final = timedelta(minutes=5)
"""For how long keys have been good when they are made: clocks differ."""
_AT_REST_OCTETS: Final = 32


@dataclass(frozen=True)
class KeyPair:
    """The public keys of one organisation, or of the gateway."""

    signing: VerifyingKey
    encryption: EncryptionKey


@dataclass(frozen=True)
class SchemeFiles:
    """What every process needs to check the directory: the file, the scheme's public key, its fingerprint."""

    directory: Path
    public_key: Path
    fingerprint: str


def write_keys(folder: Path, owner: str) -> KeyPair:
    """Make a key folder with a pair of each use, and `at-rest.key`, in a folder; return the public halves."""
    signing, decryption = SigningKey.generate(owner=owner), DecryptionKey.generate(owner=owner)
    _write_json(folder / KEY_FOLDER / "signing.jwk", signing.to_jwk())
    _write_json(folder / KEY_FOLDER / "encryption.jwk", decryption.to_jwk())
    write_secret(folder / "at-rest.key")
    return KeyPair(signing.public, decryption.public)


def write_secret(path: Path) -> str:
    """Write 32 random bytes in base64url; return the text."""
    text = urlsafe_b64encode(secrets.token_bytes(_AT_REST_OCTETS)).rstrip(b"=").decode("ascii")
    write_private(path, text.encode())
    return text


def write_directory(  # noqa: PLR0913  # who, by which keys, and when
    folder: Path,
    organisations: Sequence[Organisation],
    keys: dict[str, KeyPair],
    *,
    gateway: KeyPair,
    now: datetime,
    age: timedelta = SKEW,
) -> SchemeFiles:
    """Sign the directory with a new scheme key. `age` is for how long everybody's keys have been good by now.

    The private half stays in `<folder>/private`, which no process's settings name: the gateway does not hold
    the key by which it is itself known.
    """
    scheme = SigningKey.generate(owner="scheme")
    _write_json(folder / "private" / "scheme.jwk", scheme.to_jwk())
    files = SchemeFiles(folder / "directory.jws", folder / "scheme.public.jwk", scheme.kid)
    _write_json(files.public_key, scheme.public.to_jwk())
    directory = _directory(organisations, keys, gateway, now, age)
    write_private(files.directory, sign_directory(directory, scheme).encode())
    return files


def _directory(
    organisations: Sequence[Organisation],
    keys: dict[str, KeyPair],
    gateway: KeyPair,
    now: datetime,
    age: timedelta,
) -> Directory:
    directory = Directory(
        serial=1,
        issued_at=_stamp(now),
        valid_until=_stamp(now + LIFETIME),
        gateway_keys=_publish(gateway, now, age),
    )
    for organisation in organisations:
        entry = directory.organisations.add()
        entry.CopyFrom(organisation)
        entry.keys.extend(_publish(keys[organisation.organisation], now, age))
    return directory


def _publish(pair: KeyPair, now: datetime, age: timedelta) -> list[PublicKey]:
    published = ((pair.signing, KEY_USE_SIGNING), (pair.encryption, KEY_USE_ENCRYPTION))
    return [
        PublicKey(
            key_id=key.kid,
            use=use,
            jwk=json.dumps(key.to_jwk()),
            valid_from=_stamp(now - age),
            valid_until=_stamp(now + LIFETIME),
        )
        for key, use in published
    ]


def _stamp(moment: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(moment.replace(microsecond=0))
    return stamp


def _write_json(path: Path, content: dict[str, str]) -> None:
    write_private(path, json.dumps(content).encode())
