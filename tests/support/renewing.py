"""A directory and keys in files, renewed as the scheme and an operator would."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from publicprotection.common.v1.organisation_pb2 import ORGANISATION_KIND_OTHER
from publicprotection.exchange.v1.directory_service_pb2 import (
    KEY_USE_ENCRYPTION,
    KEY_USE_SIGNING,
    PublicKey,
)
from publicprotection.exchange.v1.directory_service_pb2 import Directory as SignedDirectory

from deploy.certificates import write_private
from services.kit.clock import FixedClock
from services.kit.directory import sign_directory
from services.kit.directory_file import load_directory
from services.kit.evidence.canonical import canonical
from services.kit.evidence.keys import DecryptionKey, SigningKey
from services.kit.exchange.participant import stamp
from services.kit.key_files import OwnKeyFiles
from services.kit.settings import DirectorySettings
from services.kit.trust import Adopt, Trust, adopt_any

OWN = "kent-police"
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
YEAR = timedelta(days=365)

Key = SigningKey | DecryptionKey


@dataclass(frozen=True)
class Published:
    """What the scheme says of a key; times are in relation to NOW."""

    key: Key
    since: timedelta = -YEAR
    until: timedelta = YEAR
    revoked: timedelta | None = None

    def entry(self) -> PublicKey:
        made = PublicKey(
            key_id=self.key.kid,
            use=KEY_USE_SIGNING if isinstance(self.key, SigningKey) else KEY_USE_ENCRYPTION,
            jwk=canonical(self.key.public.to_jwk()).decode(),
            valid_from=stamp(NOW + self.since),
            valid_until=stamp(NOW + self.until),
            revoked=self.revoked is not None,
        )
        if self.revoked is not None:
            made.revoked_at.CopyFrom(stamp(NOW + self.revoked))
        return made


@dataclass
class Scheme:
    """Signs directories into a folder; one organisation besides the gateway."""

    folder: Path
    key: SigningKey = field(default_factory=lambda: SigningKey.generate(owner="scheme"))
    issued: int = 0
    poll_s: float = 60

    def __post_init__(self) -> None:
        (self.folder / "keys").mkdir(parents=True, exist_ok=True)
        write_private(self.folder / "scheme.jwk", canonical(self.key.public.to_jwk()))

    @property
    def settings(self) -> DirectorySettings:
        return DirectorySettings(
            file=self.folder / "directory.jws",
            scheme_key_file=self.folder / "scheme.jwk",
            scheme_key_fingerprint=self.key.kid,
            serial_file=self.folder / "serial",
            poll_s=self.poll_s,
        )

    @property
    def key_files(self) -> OwnKeyFiles:
        return OwnKeyFiles(folder=self.folder / "keys")

    def publish(self, *keys: Published, serial: int | None = None, by: SigningKey | None = None) -> None:
        """Issues a directory; the next serial unless one is given."""
        self.issued += 1
        message = SignedDirectory(
            serial=serial or self.issued,
            issued_at=stamp(NOW - timedelta(days=1) + timedelta(seconds=self.issued)),
            valid_until=stamp(NOW + YEAR),
        )
        message.organisations.add(
            organisation=OWN, kind=ORGANISATION_KIND_OTHER, keys=[each.entry() for each in keys]
        )
        path = self.folder / "directory.jws"
        part = path.with_name("directory.part")
        write_private(part, sign_directory(message, by or self.key).encode())
        part.replace(path)

    def put(self, key: Key, name: str = "") -> Path:
        """Puts a key pair into the key folder."""
        path = self.folder / "keys" / f"{name or key.kid}.jwk"
        write_private(path, canonical(key.to_jwk()))
        return path

    def trust(self, clock: FixedClock | None = None, adopt: Adopt = adopt_any) -> Trust:
        clock = clock or FixedClock(NOW)
        directory = load_directory(self.settings, clock.now())
        return Trust(self.settings, self.key_files, directory, self.key_files.read(OWN), clock, adopt)


def signing() -> SigningKey:
    return SigningKey.generate(owner=OWN)


def decryption() -> DecryptionKey:
    return DecryptionKey.generate(owner=OWN)
