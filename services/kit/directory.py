"""The directory: who takes part, with desks, telephone numbers and keys, as the scheme signed it.

The scheme's key is not the gateway's, and its fingerprint is pinned in every settings file: whoever runs the
gateway cannot put a key of its own into an organisation's name.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self

from google.protobuf.json_format import MessageToDict, ParseDict, ParseError
from google.protobuf.timestamp_pb2 import Timestamp
from publicprotection.common.v1.organisation_pb2 import ORGANISATION_KIND_UNSPECIFIED
from publicprotection.exchange.v1.directory_service_pb2 import (
    KEY_USE_ENCRYPTION,
    KEY_USE_SIGNING,
    Desk,
    Organisation,
    PublicKey,
)
from publicprotection.exchange.v1.directory_service_pb2 import Directory as SignedDirectory

from services.kit.evidence.canonical import canonical, parse_strictly
from services.kit.evidence.errors import EvidenceError, KeyRefusedError
from services.kit.evidence.jws import sign_json, verify_json
from services.kit.evidence.keys import EncryptionKey, KeyRecord, KeySet, SigningKey, VerifyingKey

TYPE: Final = "directory+jws"
GATEWAY: Final = "gateway"
"""Owner of the gateway's keys. No organisation may have this id."""

MAX_OCTETS: Final = 16 << 20
_CLOCK_SKEW: Final = timedelta(minutes=5)


class DirectoryError(Exception):
    """The directory cannot be used; says why and what to do."""


@dataclass(frozen=True, slots=True)
class Directory:
    """A verified directory, indexed.

    Attributes:
        serial: increases with every issue.
        issued_at: when it was signed.
        valid_until: after this it is stale.
        organisations: by id, sorted.
        keys: of every organisation, and of the gateway under the owner GATEWAY.
        digest: SHA-256 over its canonical JSON, hexadecimal.
        token: as it was signed, for evidence that others check; empty if it was not read from there.
    """

    serial: int
    issued_at: datetime
    valid_until: datetime
    organisations: Mapping[str, Organisation]
    keys: KeySet = field(repr=False)
    digest: str = ""
    token: str = field(default="", repr=False, compare=False)

    @classmethod
    def from_message(cls, message: SignedDirectory) -> Self:
        """Indexes a directory; DirectoryError on anything repeated, unnamed or without a usable form."""
        organisations = _index_organisations(message.organisations)
        return cls(
            serial=message.serial,
            issued_at=_read_time(message.issued_at, "issued_at"),
            valid_until=_read_time(message.valid_until, "valid_until"),
            organisations=organisations,
            keys=_collect_keys(organisations, message.gateway_keys),
            digest=hashlib.sha256(canonical(_written(message))).hexdigest(),
        )

    @property
    def witnesses(self) -> tuple[str, ...]:
        """The organisations that witness the disclosure log, by id."""
        return tuple(name for name, entry in self.organisations.items() if entry.witnesses_log)

    def organisation(self, organisation: str) -> Organisation | None:
        """The organisation, or None."""
        return self.organisations.get(organisation)

    def desk(self, organisation: str, desk: str) -> Desk | None:
        """The desk, or None if the organisation or the desk is not known."""
        known = self.organisations.get(organisation)
        return next((found for found in known.desks if found.desk == desk), None) if known else None

    def desk_seen_by(self, viewer: str, organisation: str, desk: str) -> Desk | None:
        """The desk; None if it is not known, or restricted and no business of the organisation that asks."""
        found = self.desk(organisation, desk)
        return found if found is not None and _is_seen_by(found, organisation, viewer) else None

    def is_stale(self, at: datetime) -> bool:
        """Whether its validity is over."""
        return at >= self.valid_until


def sign_directory(message: SignedDirectory, key: SigningKey) -> str:
    """Signs a directory for publication, having checked that it can be used.

    Raises:
        DirectoryError: as `Directory.from_message`.
    """
    Directory.from_message(message)
    return sign_json(_written(message), typ=TYPE, key=key)


def _written(message: SignedDirectory) -> dict[str, Any]:
    return MessageToDict(message, preserving_proto_field_name=True)


def open_directory(
    token: str, scheme: VerifyingKey, *, fingerprint: str, at: datetime, lowest_serial: int = 0
) -> Directory:
    """Verifies a signed directory and indexes it.

    Args:
        token: compact JWS of type `directory+jws` over the ProtoJSON of exchange.v1.Directory.
        scheme: the scheme's key, as published beside the directory.
        fingerprint: RFC 7638 thumbprint of that key, as pinned in the settings.
        at: now, aware.
        lowest_serial: the highest serial seen so far; a lower one is a step back.

    Raises:
        DirectoryError: another key, a bad signature, stale, from the future, stepped back, or malformed.
    """
    directory = verify_directory(token, scheme, fingerprint=fingerprint, lowest_serial=lowest_serial)
    _check_time(directory, at)
    return directory


def verify_directory(
    token: str, scheme: VerifyingKey, *, fingerprint: str, lowest_serial: int = 0
) -> Directory:
    """Verifies a signed directory of any age, as it comes with evidence; see `open_directory`.

    Raises:
        DirectoryError: another key, a bad signature, stepped back, or malformed.
    """
    if scheme.kid != fingerprint:
        raise DirectoryError(
            "the scheme key is not the one pinned in the settings: obtain the scheme's key from where you "
            "obtained its fingerprint"
        )
    directory = replace(Directory.from_message(_verify(token, scheme)), token=token)
    if directory.serial < lowest_serial:
        raise DirectoryError(
            f"the directory has serial {directory.serial}, and {lowest_serial} was in use before: fetch the "
            "newest one"
        )
    return directory


def _verify(token: str, scheme: VerifyingKey) -> SignedDirectory:
    def lookup(kid: str) -> VerifyingKey:
        if kid != scheme.kid:
            raise KeyRefusedError("key_unknown")
        return scheme

    try:
        signed = verify_json(token, typ=TYPE, keys=lookup, max_bytes=MAX_OCTETS)
        return ParseDict(signed.payload, SignedDirectory())
    except EvidenceError as error:
        raise DirectoryError(f"the directory does not verify ({error.reason}): fetch it again") from None
    except ParseError:
        raise DirectoryError(
            "the directory has members that this version does not know: update this service"
        ) from None


def _check_time(directory: Directory, at: datetime) -> None:
    if directory.is_stale(at):
        raise DirectoryError(
            f"the directory has been stale since {directory.valid_until:%Y-%m-%d %H:%M} UTC: fetch the newest"
        )
    if directory.issued_at > at + _CLOCK_SKEW:
        raise DirectoryError("the directory was signed in the future: check this machine's clock")


def _index_organisations(listed: Iterable[Organisation]) -> dict[str, Organisation]:
    index: dict[str, Organisation] = {}
    for entry in sorted(listed, key=lambda entry: entry.organisation):
        if entry.organisation in index:
            raise DirectoryError(
                f"the directory lists {entry.organisation} twice: have the scheme correct it"
            )
        _check_organisation(entry)
        index[entry.organisation] = entry
    _check_restricted(index)
    return index


def _check_organisation(entry: Organisation) -> None:
    desks = [desk.desk for desk in entry.desks]
    if not entry.organisation or entry.organisation == GATEWAY or "" in desks:
        raise DirectoryError(
            "the directory has an entry without an id of its own: have the scheme correct it"
        )
    if entry.kind == ORGANISATION_KIND_UNSPECIFIED:
        raise DirectoryError(
            f"the directory states no kind for {entry.organisation}: have the scheme correct it"
        )
    if len(set(desks)) < len(desks):
        raise DirectoryError(
            f"the directory repeats a desk of {entry.organisation}: have the scheme correct it"
        )


def _is_seen_by(desk: Desk, organisation: str, viewer: str) -> bool:
    return not desk.restricted or viewer == organisation or viewer in desk.known_to


def _check_restricted(index: Mapping[str, Organisation]) -> None:
    """Who is named as knowing a desk is somebody, and the desk is one of those that are to be known of."""
    for name, entry in index.items():
        for desk in entry.desks:
            if (desk.known_to and not desk.restricted) or set(desk.known_to) - index.keys():
                raise DirectoryError(
                    f"a desk of {name} is known to organisations that are not in the directory, or is not "
                    "restricted at all: have the scheme correct it"
                )


def _collect_keys(organisations: Mapping[str, Organisation], gateway: Iterable[PublicKey]) -> KeySet:
    owned = [(name, key) for name, entry in organisations.items() for key in entry.keys]
    owned += [(GATEWAY, key) for key in gateway]
    records = [_read_key(owner, key) for owner, key in owned]
    try:
        return KeySet(records)
    except KeyRefusedError:
        raise DirectoryError("the directory lists a key twice: have the scheme correct it") from None


def _read_key(owner: str, entry: PublicKey) -> KeyRecord:
    since = _read_time(entry.valid_from, "valid_from")
    try:
        key = _import_key(owner, entry)
    except EvidenceError:
        key = None
    if key is None or key.kid != entry.key_id:
        raise DirectoryError(f"a key of {owner} is not what the directory says: have the scheme correct it")
    return KeyRecord(
        key,
        not_before=since,
        not_after=_read_time(entry.valid_until, "valid_until"),
        revoked_at=_read_revocation(entry, since),
    )


def _read_revocation(entry: PublicKey, since: datetime) -> datetime | None:
    """From when on a key counts for nothing; one revoked without a time never counted."""
    if entry.HasField("revoked_at"):
        return _read_time(entry.revoked_at, "revoked_at")
    return since if entry.revoked else None


def _import_key(owner: str, entry: PublicKey) -> VerifyingKey | EncryptionKey | None:
    jwk = parse_strictly(entry.jwk)
    if not isinstance(jwk, dict):
        return None
    if entry.use == KEY_USE_SIGNING:
        return VerifyingKey.from_jwk(jwk, owner=owner)
    return EncryptionKey.from_jwk(jwk, owner=owner) if entry.use == KEY_USE_ENCRYPTION else None


def _read_time(stamp: Timestamp, name: str) -> datetime:
    if not stamp.seconds:
        raise DirectoryError(f"the directory leaves out {name}: have the scheme correct it")
    try:
        return stamp.ToDatetime(tzinfo=UTC)
    except ValueError:
        raise DirectoryError(f"the directory's {name} is no date: have the scheme correct it") from None
