"""Opening a seal: verify the signature, then every disclosure against the signed digests."""

import re
from base64 import urlsafe_b64decode
from binascii import Error as Base64Error
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, Final

from services.kit.evidence.canonical import parse_strictly
from services.kit.evidence.errors import CanonicalFormError, SealRefusedError
from services.kit.evidence.jws import verify_bytes
from services.kit.evidence.keys import VerifyingKey, VerifyingLookup
from services.kit.evidence.seal import (
    DIGEST_STEP,
    HASH_NAME,
    MAX_LEAVES,
    SALT_BYTES,
    SEAL_TYPE,
    Seal,
    digest_of,
    encode,
    is_leaf_value,
    is_name,
    is_sealable_path,
)
from services.kit.evidence.values import JsonValue

MAX_SEAL_BYTES: Final = 16 << 20
_MAX_DIGESTS: Final = MAX_LEAVES + 2 * DIGEST_STEP
_SALT_LENGTH: Final = len(encode(bytes(SALT_BYTES)))
_CLAIMS: Final = frozenset({"_sd", "_sd_alg", "iat", "iss", "jti"})
_DIGEST = re.compile(r"[A-Za-z0-9_-]{43}")
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")
_LATEST_SECOND: Final = 253_402_300_799  # the end of the year 9999


@dataclass(frozen=True, slots=True)
class OpenedSeal:
    """A verified seal.

    Attributes:
        seal: for `select`, and its hash.
        leaves: from path to value, of the disclosures present.
        issuer: the sender's organisation; the owner of the key that signed.
        exchange_id: the exchange.
        issued_at: what the sender says; aware, UTC.
        signer: the key that signed.
    """

    seal: Seal
    leaves: dict[str, JsonValue]
    issuer: str
    exchange_id: str
    issued_at: datetime
    signer: VerifyingKey

    @property
    def seal_hash(self) -> str:
        """As `Seal.seal_hash`."""
        return self.seal.seal_hash


def open_seal(compact: str, keys: VerifyingLookup, *, max_bytes: int = MAX_SEAL_BYTES) -> OpenedSeal:
    """Verifies a seal, whole or redacted, and reads its leaves.

    Args:
        compact: `jwt~disclosure~...~`.
        keys: the lookup of organisations' verifying keys, at a time that the caller trusts.
        max_bytes: refuses what is longer.

    Raises:
        SignatureRefusedError: malformed, of another type or algorithm, or the signature does not verify.
        KeyRefusedError: the key is not known or not usable.
        SealRefusedError: the payload or a disclosure is not in the profile; a disclosure is not among the
            digests, or repeated; the issuer does not own the key.
    """
    if len(compact) > max_bytes:
        raise SealRefusedError("too_large")
    jwt, *disclosures = compact.split("~")
    if not disclosures or disclosures.pop() != "":
        raise SealRefusedError("malformed")
    payload, signer = verify_bytes(jwt, typ=SEAL_TYPE, keys=keys, max_bytes=max_bytes)
    claims = _claims(payload, signer)
    found = _disclosed(disclosures, claims["_sd"])
    leaves = {path: value for _, path, value, _ in found}
    if len(leaves) != len(found):
        raise SealRefusedError("leaf_repeated")
    sealed = Seal(jwt, {path: text for _, path, _, text in found})
    issued_at = datetime.fromtimestamp(claims["iat"], UTC)
    return OpenedSeal(sealed, leaves, claims["iss"], claims["jti"], issued_at, signer)


def _claims(payload: bytes, signer: VerifyingKey) -> dict[str, Any]:
    try:
        claims = parse_strictly(payload)
    except CanonicalFormError:
        raise SealRefusedError("payload_malformed") from None
    if not isinstance(claims, dict) or claims.keys() != _CLAIMS or claims["_sd_alg"] != HASH_NAME:
        raise SealRefusedError("payload_not_in_profile")
    if not (is_name(claims["jti"]) and _is_time(claims["iat"])):
        raise SealRefusedError("payload_not_in_profile")
    if claims["iss"] != signer.owner:
        raise SealRefusedError("issuer_does_not_own_key")
    _check_digests(claims["_sd"])
    return claims


def _is_time(seconds: Any) -> bool:
    return isinstance(seconds, int) and not isinstance(seconds, bool) and 0 <= seconds <= _LATEST_SECOND


def _check_digests(digests: Any) -> None:
    """Refuses what would tell a recipient about withheld leaves: by count or by order."""
    if not isinstance(digests, list) or not 0 < len(digests) <= _MAX_DIGESTS or len(digests) % DIGEST_STEP:
        raise SealRefusedError("digests_not_in_profile")
    if not all(isinstance(digest, str) and _DIGEST.fullmatch(digest) for digest in digests):
        raise SealRefusedError("digests_not_in_profile")
    if any(one >= other for one, other in pairwise(digests)):
        raise SealRefusedError("digests_not_in_profile")


def _disclosed(disclosures: list[str], digests: list[str]) -> list[tuple[str, str, JsonValue, str]]:
    """Digest, path, value and text of each disclosure, in the order of the digests."""
    if len(disclosures) > MAX_LEAVES:
        raise SealRefusedError("too_many_leaves")
    signed, found = set(digests), []
    for text in disclosures:
        if _BASE64URL.fullmatch(text) is None:
            raise SealRefusedError("disclosure_malformed")
        digest = digest_of(text)
        if digest not in signed:  # or seen before: removed below
            raise SealRefusedError("disclosure_not_signed")
        signed.remove(digest)
        found.append((digest, *_read(text), text))
    return sorted(found, key=lambda item: item[0])


def _read(text: str) -> tuple[str, JsonValue]:
    """Path and value of a disclosure whose digest is signed."""
    try:
        parts = parse_strictly(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (Base64Error, CanonicalFormError):
        raise SealRefusedError("disclosure_malformed") from None
    if not isinstance(parts, list) or len(parts) != 3:  # noqa: PLR2004  # RFC 9901 4.2.1: salt, name, value
        raise SealRefusedError("disclosure_malformed")
    salt, path, value = parts
    if not isinstance(salt, str) or len(salt) < _SALT_LENGTH:
        raise SealRefusedError("salt_too_short")
    if not (is_sealable_path(path) and is_leaf_value(value)):
        raise SealRefusedError("malformed_leaf")
    return path, value
