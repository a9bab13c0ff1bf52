"""Keys: Ed25519 to sign, X25519 to receive, and sets of public keys with owner and validity.

A key's id is its RFC 7638 thumbprint, so an id cannot be given to another key. A public key says whose it is:
without that, one organisation could sign in another's name.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_bytes
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from services.kit.evidence.entropy import Entropy
from services.kit.evidence.errors import KeyRefusedError

SIGNING_CURVE: Final = "Ed25519"
ENCRYPTION_CURVE: Final = "X25519"


@dataclass(frozen=True, slots=True)
class _Key:
    """A key and the organisation that it belongs to; `jwk` stays out of every printed form."""

    owner: str
    kid: str
    jwk: OKPKey = field(repr=False, compare=False)


class VerifyingKey(_Key):
    """The public half of a signing key."""

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, Any], *, owner: str) -> "VerifyingKey":
        """Reads a public JWK; KeyRefusedError if it is none, private, or of another curve."""
        return cls(owner, *_import(jwk, SIGNING_CURVE, private=False))

    def to_jwk(self) -> dict[str, str]:
        """The public JWK."""
        return _export(self.jwk, self.kid, private=False)


class EncryptionKey(_Key):
    """The public half of a decryption key."""

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, Any], *, owner: str) -> "EncryptionKey":
        """Reads a public JWK; KeyRefusedError if it is none, private, or of another curve."""
        return cls(owner, *_import(jwk, ENCRYPTION_CURVE, private=False))

    def to_jwk(self) -> dict[str, str]:
        """The public JWK."""
        return _export(self.jwk, self.kid, private=False)


class SigningKey(_Key):
    """An Ed25519 key pair."""

    @classmethod
    def generate(cls, *, owner: str, entropy: Entropy = token_bytes) -> "SigningKey":
        """Makes a new pair from 32 random bytes."""
        return cls(owner, *_wrap(OKPKey.import_key(Ed25519PrivateKey.from_private_bytes(entropy(32)))))

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, Any], *, owner: str) -> "SigningKey":
        """Reads a private JWK; KeyRefusedError if it is none or of another curve."""
        return cls(owner, *_import(jwk, SIGNING_CURVE, private=True))

    def to_jwk(self) -> dict[str, str]:
        """The private JWK: for a key file, never for a log or a message."""
        return _export(self.jwk, self.kid, private=True)

    @property
    def public(self) -> VerifyingKey:
        """The half to publish."""
        return VerifyingKey.from_jwk(_export(self.jwk, self.kid, private=False), owner=self.owner)


class DecryptionKey(_Key):
    """An X25519 key pair."""

    @classmethod
    def generate(cls, *, owner: str, entropy: Entropy = token_bytes) -> "DecryptionKey":
        """Makes a new pair from 32 random bytes."""
        return cls(owner, *_wrap(OKPKey.import_key(X25519PrivateKey.from_private_bytes(entropy(32)))))

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, Any], *, owner: str) -> "DecryptionKey":
        """Reads a private JWK; KeyRefusedError if it is none or of another curve."""
        return cls(owner, *_import(jwk, ENCRYPTION_CURVE, private=True))

    def to_jwk(self) -> dict[str, str]:
        """The private JWK: for a key file, never for a log or a message."""
        return _export(self.jwk, self.kid, private=True)

    @property
    def public(self) -> EncryptionKey:
        """The half to publish."""
        return EncryptionKey.from_jwk(_export(self.jwk, self.kid, private=False), owner=self.owner)


VerifyingLookup = Callable[[str], VerifyingKey]
"""From kid to key; raises KeyRefusedError. `KeySet.verifying_at(moment)` makes one."""

DecryptionLookup = Callable[[str], DecryptionKey]
"""From kid to key; raises KeyRefusedError. `decryption_lookup(keys)` makes one."""


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """A public key as published: from when to when it may be used, and whether it was withdrawn.

    Attributes:
        key: the key, with its owner.
        not_before: first moment of validity, aware.
        not_after: first moment after validity, aware.
        revoked_at: from this moment on the key counts for nothing; the earliest suspected misuse, not the
            moment of the report.
    """

    key: VerifyingKey | EncryptionKey
    not_before: datetime
    not_after: datetime
    revoked_at: datetime | None = None

    def refusal_at(self, moment: datetime) -> str | None:
        """Why the key is not usable at a moment; None if it is."""
        if self.revoked_at is not None and moment >= self.revoked_at:
            return "key_revoked"
        if moment < self.not_before:
            return "key_not_yet_valid"
        return "key_expired" if moment >= self.not_after else None


class KeySet:
    """Public keys by id.

    `moment` is always given by the caller, from a clock that it trusts: the time of receipt, not one that the
    signer wrote, since whoever stole an expired key can also write an old date.

    Args:
        records: the keys; a repeated id raises KeyRefusedError.
    """

    def __init__(self, records: Iterable[KeyRecord]) -> None:
        self._records: dict[str, KeyRecord] = {}
        for record in records:
            if record.key.kid in self._records:
                raise KeyRefusedError("key_repeated")
            self._records[record.key.kid] = record

    def record(self, kid: str) -> KeyRecord | None:
        """What was published about a key, usable or not; None if nothing was."""
        return self._records.get(kid)

    def records(self) -> tuple[KeyRecord, ...]:
        """Everything that was published."""
        return tuple(self._records.values())

    def verifying(self, kid: str, moment: datetime) -> VerifyingKey:
        """The key that verifies signatures of this id; KeyRefusedError if there is none at that moment."""
        key = self._usable(kid, moment)
        if not isinstance(key, VerifyingKey):
            raise KeyRefusedError("key_of_other_use")
        return key

    def verifying_at(self, moment: datetime) -> VerifyingLookup:
        """A lookup for one moment, as the functions that verify take it."""
        return lambda kid: self.verifying(kid, moment)

    def verifying_records(self, owner: str) -> tuple[KeyRecord, ...]:
        """The owner's signing keys of all times, the revoked among them: for what states its own time."""
        return tuple(
            record
            for record in self._records.values()
            if record.key.owner == owner and isinstance(record.key, VerifyingKey)
        )

    def verifying_keys(self, owner: str, moment: datetime) -> tuple[VerifyingKey, ...]:
        """The owner's signing keys that are usable at a moment."""
        usable = [each.key for each in self.verifying_records(owner) if each.refusal_at(moment) is None]
        return tuple(key for key in usable if isinstance(key, VerifyingKey))

    def encryption_key(self, owner: str, moment: datetime) -> EncryptionKey:
        """The owner's newest usable key to encrypt to; KeyRefusedError if there is none."""
        usable = [
            (record.not_before, record.key)
            for record in self._records.values()
            if record.key.owner == owner and record.refusal_at(moment) is None
        ]
        found = [(since, key) for since, key in usable if isinstance(key, EncryptionKey)]
        if not found:
            raise KeyRefusedError("key_unknown")
        return max(found, key=lambda pair: (pair[0], pair[1].kid))[1]

    def _usable(self, kid: str, moment: datetime) -> VerifyingKey | EncryptionKey:
        record = self._records.get(kid)
        refusal = "key_unknown" if record is None else record.refusal_at(moment)
        if record is None or refusal is not None:
            raise KeyRefusedError(refusal or "key_unknown")
        return record.key


def decryption_lookup(keys: Iterable[DecryptionKey]) -> DecryptionLookup:
    """A lookup over one's own decryption keys: the current one and those not yet destroyed."""
    by_kid = {key.kid: key for key in keys}

    def lookup(kid: str) -> DecryptionKey:
        if kid not in by_kid:
            raise KeyRefusedError("key_unknown")
        return by_kid[kid]

    return lookup


def _wrap(jwk: OKPKey) -> tuple[str, OKPKey]:
    return jwk.thumbprint(), jwk


def _import(jwk: Mapping[str, Any], curve: str, *, private: bool) -> tuple[str, OKPKey]:
    if jwk.get("kty") != "OKP" or jwk.get("crv") != curve or ("d" in jwk) is not private:
        raise KeyRefusedError("key_of_other_use")
    members = {name: jwk[name] for name in ("kty", "crv", "x", "d") if name in jwk}
    try:
        kid, key = _wrap(OKPKey.import_key(members))
        own = OKPKey.import_key(key.private_key or key.public_key)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        raise KeyRefusedError("key_malformed") from None
    # The thumbprint of what the private part yields, not of what the file claims beside it.
    if own.thumbprint() != kid or jwk.get("kid", kid) != kid:
        raise KeyRefusedError("key_malformed")
    return kid, key


def _export(jwk: OKPKey, kid: str, *, private: bool) -> dict[str, str]:
    members: dict[str, Any] = dict(jwk.as_dict(private=private))
    return {"kid": kid, **{name: str(members[name]) for name in ("kty", "crv", "x", "d") if name in members}}
