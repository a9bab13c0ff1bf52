"""Tokens bound to a certificate (RFC 8705 section 3): whoever finds a token and has no key cannot use it."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from functools import lru_cache
from hmac import compare_digest
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

CONFIRMATION: Final = "cnf"
THUMBPRINT: Final = "x5t#S256"


@lru_cache(maxsize=1024)
def thumbprint(certificate: bytes) -> str:
    """The SHA-256 of a certificate's DER, in base64url without padding.

    Args:
        certificate: in PEM; of several, the first, which is the peer's own.

    Raises:
        ValueError: it is none.
    """
    encoded = x509.load_pem_x509_certificate(certificate).public_bytes(Encoding.DER)
    return urlsafe_b64encode(hashlib.sha256(encoded).digest()).rstrip(b"=").decode()


def is_bound(claims: Mapping[str, Any], certificate: bytes) -> bool:
    """Whether a token is bound to this certificate; False for one that is bound to nothing."""
    confirmation = claims.get(CONFIRMATION)
    stated = confirmation.get(THUMBPRINT) if isinstance(confirmation, dict) else None
    if not isinstance(stated, str):
        return False
    return compare_digest(stated.encode(), thumbprint(certificate).encode())
