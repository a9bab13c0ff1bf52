"""Encryption between hops: a compact JWE to the next hop's key, so that the broker's operator sees nothing.

ECDH-ES over X25519 with A256GCM, through joserfc. The ephemeral key and the nonce come from joserfc's own use
of the operating system's generator and cannot be injected: a repeated pair would give the plaintext away.

Plaintext is padded first, since a ciphertext's length tells its plaintext's: 4 bytes of length, big-endian,
the bytes, then zeros up to a bucket of 4, 8, 16, 32, ... KiB, each twice the last.
"""

import re
from typing import Any, Final

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from joserfc.util import urlsafe_b64decode

from services.kit.evidence.canonical import parse_strictly
from services.kit.evidence.errors import CanonicalFormError, HopRefusedError
from services.kit.evidence.keys import DecryptionLookup, EncryptionKey

ALGORITHM: Final = "ECDH-ES"
ENCRYPTION: Final = "A256GCM"
HOP_TYPE: Final = "hop+jwe"
SMALLEST_BUCKET: Final = 4 << 10
MAX_HOP_BYTES: Final = 16 << 20

_LENGTH_BYTES: Final = 4
_HEADER_MEMBERS: Final = frozenset({"alg", "enc", "epk", "kid", "typ"})
_EPK_MEMBERS: Final = frozenset({"crv", "kty", "x"})
_MAX_HEADER_CHARACTERS: Final = 1_024
_TOKEN = re.compile(rb"[A-Za-z0-9_-]+\.\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


def encrypt_hop(plaintext: bytes, key: EncryptionKey, *, max_bytes: int = MAX_HOP_BYTES) -> str:
    """Encrypts to the next hop.

    Args:
        plaintext: the transport message's bytes.
        key: the next hop's.
        max_bytes: the largest bucket.

    Raises:
        HopRefusedError: too large.
    """
    header = {"alg": ALGORITHM, "enc": ENCRYPTION, "kid": key.kid, "typ": HOP_TYPE}
    padded = _pad(plaintext, max_bytes)
    return jwe.encrypt_compact(header, padded, key.jwk, registry=_Registry(max_bytes))


def fits_hop(length: int, *, max_bytes: int = MAX_HOP_BYTES) -> bool:
    """Whether so many bytes of plaintext can be encrypted with buckets up to `max_bytes`."""
    return _bucket(length) <= max_bytes


def decrypt_hop(token: str, keys: DecryptionLookup, *, max_bytes: int = MAX_HOP_BYTES) -> bytes:
    """Decrypts what was encrypted to this hop.

    Args:
        token: compact JWE.
        keys: the lookup of one's own decryption keys.
        max_bytes: the largest bucket.

    Raises:
        HopRefusedError: too large, malformed, another algorithm, compressed, tampered with, or badly padded.
        KeyRefusedError: the key is not known: never had, or destroyed.
    """
    if len(token) > 2 * max_bytes:
        raise HopRefusedError("too_large")
    key = keys(_kid(token))
    return _unpad(_decrypt(token, key.jwk, max_bytes), max_bytes)


def kid_of(token: bytes) -> str | None:
    """The id of the key that a ciphertext says it is encrypted to; None if it is not of this profile."""
    try:
        return _kid(token.decode("ascii"))
    except (UnicodeDecodeError, HopRefusedError):
        return None


def _kid(token: str) -> str:
    """The key id of a token whose header is exactly in the profile; anything more (zip, apu) is refused."""
    header, key = _header(token), None
    if isinstance(header, dict) and header.keys() == _HEADER_MEMBERS:
        key = header["epk"]
    if not isinstance(key, dict) or key.keys() != _EPK_MEMBERS:
        raise HopRefusedError("header_not_in_profile")
    named = (header["alg"], header["enc"], header["typ"], key["kty"], key["crv"])
    if named != (ALGORITHM, ENCRYPTION, HOP_TYPE, "OKP", "X25519") or not isinstance(header["kid"], str):
        raise HopRefusedError("algorithm_refused")
    return header["kid"]


def _header(token: str) -> Any:
    try:
        encoded = token.encode("ascii")
        if _TOKEN.fullmatch(encoded) is None or encoded.index(b".") > _MAX_HEADER_CHARACTERS:
            raise HopRefusedError("malformed")
        return parse_strictly(urlsafe_b64decode(encoded.partition(b".")[0]))
    except (ValueError, CanonicalFormError):
        raise HopRefusedError("malformed") from None


def _decrypt(token: str, key: OKPKey, max_bytes: int) -> bytes:
    try:
        plaintext = jwe.decrypt_compact(token, key, registry=_Registry(max_bytes)).plaintext
    except (JoseError, ValueError, TypeError):  # ValueError: a tag or point that cryptography refuses
        raise HopRefusedError("does_not_decrypt") from None
    if plaintext is None:
        raise HopRefusedError("does_not_decrypt")
    return plaintext


def _pad(plaintext: bytes, max_bytes: int) -> bytes:
    bucket = _bucket(len(plaintext))
    if bucket > max_bytes:
        raise HopRefusedError("too_large")
    return (len(plaintext).to_bytes(_LENGTH_BYTES) + plaintext).ljust(bucket, b"\0")


def _unpad(padded: bytes, max_bytes: int) -> bytes:
    length = int.from_bytes(padded[:_LENGTH_BYTES])
    end = _LENGTH_BYTES + length
    # One form: the smallest bucket that holds it and nothing but zeros, so that padding carries no message.
    if len(padded) > max_bytes or len(padded) != _bucket(length) or padded.count(0, end) != len(padded) - end:
        raise HopRefusedError("badly_padded")
    return padded[_LENGTH_BYTES:end]


def _bucket(length: int) -> int:
    bucket = SMALLEST_BUCKET
    while bucket < _LENGTH_BYTES + length:
        bucket *= 2
    return bucket


class _Registry(jwe.JWERegistry):
    """joserfc's registry with this profile's algorithms, no compression, and the caller's limit of size."""

    def __init__(self, max_bytes: int) -> None:
        super().__init__(algorithms=[ALGORITHM, ENCRYPTION])
        self.max_ciphertext_length = 2 * max_bytes
