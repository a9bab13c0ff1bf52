"""Where a page goes on, as whoever pages is given it: sealed, since a position counts what everybody does."""

import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from gateway.app.key_ports import KeyStore
from gateway.app.register.rows import Cursor
from services.kit.evidence.canonical import canonical

_FORM: Final = struct.Struct(">?q")


class CursorUnreadableError(Exception):
    """A cursor was made for somebody else, or by nobody."""


def write_cursor(key_store: KeyStore, organisation: str, cursor: Cursor) -> str:
    """A cursor that opens for this organisation alone; the same for the same place."""
    sealed = _cipher(key_store, organisation).encrypt(_FORM.pack(cursor.older, cursor.position), None)
    return urlsafe_b64encode(sealed).decode("ascii").rstrip("=")


def read_cursor(key_store: KeyStore, organisation: str, written: str) -> Cursor:
    """The cursor that was written; CursorUnreadableError if it was not written for this organisation."""
    try:
        sealed = urlsafe_b64decode(written + "=" * (-len(written) % 4))
        opened = _cipher(key_store, organisation).decrypt(sealed, None)
        return Cursor(*_FORM.unpack(opened))
    except (Base64Error, InvalidTag, ValueError, struct.error):
        raise CursorUnreadableError from None


def _cipher(key_store: KeyStore, organisation: str) -> AESSIV:
    """Deterministic, and safe to be: what is sealed under the key is nothing but places."""
    return AESSIV(key_store.digest(canonical(["register cursor", organisation])))
