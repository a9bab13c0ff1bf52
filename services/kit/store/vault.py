"""Encryption at rest: AES-256-GCM, bound to the place where a value stands.

Each value has a key of its own, derived (HKDF-SHA256) from the process's key and the value's place: table,
column and row. So a random nonce can hardly ever meet the same key twice, however many values there are, and
a value copied to another row does not open there. The place is the associated data too.
"""

import hashlib
import hmac
import json
from collections.abc import Callable
from secrets import token_bytes
from typing import Any, Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from services.kit.store.errors import VaultError

KEY_OCTETS: Final = 32
_NONCE_OCTETS: Final = 12
_VERSION: Final = b"\x01"
_AT_REST: Final = b"publicprotection at rest "
_DIGEST: Final = b"publicprotection digest"
_NAME: Final = b"publicprotection key name"
_NAME_OCTETS: Final = 4

Entropy = Callable[[int], bytes]


class Place(NamedTuple):
    """Where a value stands: it opens there and nowhere else."""

    table: str
    column: str
    row: str


class Vault:
    """Encrypts and decrypts what a store keeps.

    Args:
        key: 32 bytes, known to this process alone.
        entropy: the source of nonces.

    Raises:
        VaultError: the key is not 32 bytes.
    """

    def __init__(self, key: bytes, entropy: Entropy = token_bytes) -> None:
        if len(key) != KEY_OCTETS:
            raise VaultError("key_of_wrong_length")
        self._key = key
        self._entropy = entropy
        self._digest_key = _derive(key, _DIGEST)
        # Says which key, so that another one is told from altered bytes.
        self._prefix = _VERSION + _derive(key, _NAME)[:_NAME_OCTETS]

    def encrypt(self, value: bytes, place: Place) -> bytes:
        """Encrypts a value for its place."""
        bound = self._bind(place)
        nonce = self._entropy(_NONCE_OCTETS)
        return self._prefix + nonce + self._cipher(bound).encrypt(nonce, value, bound)

    def decrypt(self, stored: bytes, place: Place) -> bytes:
        """Decrypts what stands in a place; VaultError if this key did not encrypt it for this place."""
        if not stored.startswith(self._prefix):
            raise VaultError("other_key")
        bound, start = self._bind(place), len(self._prefix)
        end = start + _NONCE_OCTETS
        try:
            return self._cipher(bound).decrypt(stored[start:end], stored[end:], bound)
        except (InvalidTag, ValueError):
            raise VaultError("does_not_decrypt") from None

    def encrypt_json(self, value: Any, place: Place) -> bytes:
        """Encrypts a JSON value."""
        return self.encrypt(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), place)

    def decrypt_json(self, stored: bytes, place: Place) -> Any:
        """Decrypts a JSON value; errors as `decrypt`."""
        return json.loads(self.decrypt(stored, place))

    def digest(self, value: bytes) -> str:
        """A keyed digest, 64 hex digits: tells equal from different, and nothing to whoever lacks the key."""
        return hmac.new(self._digest_key, value, hashlib.sha256).hexdigest()

    def _bind(self, place: Place) -> bytes:
        return self._prefix + json.dumps(place).encode()

    def _cipher(self, bound: bytes) -> AESGCM:
        return AESGCM(_derive(self._key, _AT_REST + bound))


def _derive(key: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_OCTETS, salt=None, info=info).derive(key)
