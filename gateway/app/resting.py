"""What the gateway keeps outside the log, encrypted at rest: AES-256-GCM under a data key of the key store.

Each ciphertext is bound to the place where it is kept, so that none can be put in another's.
"""

from collections.abc import Callable, Sequence
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.kit.evidence.canonical import canonical

_NONCE_BYTES: Final = 12


class UnreadableError(Exception):
    """A ciphertext does not open: another key, or it was altered or moved."""


def close_at_rest(
    plaintext: bytes, key: bytes, place: Sequence[str], entropy: Callable[[int], bytes]
) -> bytes:
    """Encrypts: nonce, then ciphertext and tag.

    Args:
        plaintext: what is kept.
        key: 32 bytes.
        place: names where it is kept, and to whom it belongs.
        entropy: so many random bytes.
    """
    nonce = entropy(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plaintext, canonical(list(place)))


def open_at_rest(ciphertext: bytes, key: bytes, place: Sequence[str]) -> bytes:
    """Decrypts what `close_at_rest` encrypted for the same place; UnreadableError otherwise."""
    nonce, sealed = ciphertext[:_NONCE_BYTES], ciphertext[_NONCE_BYTES:]
    try:
        return AESGCM(key).decrypt(nonce, sealed, canonical(list(place)))
    except (InvalidTag, ValueError):
        raise UnreadableError from None
