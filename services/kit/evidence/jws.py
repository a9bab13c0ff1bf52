"""Signed bytes: compact JWS with Ed25519, always of a stated type.

The algorithm is pinned: the header must name it, but never chooses it (RFC 8725 3.1). The type is pinned, so
that one signed object cannot pass as another (RFC 8725 3.11). The profile allows no header members but alg,
typ and kid.
"""

from dataclasses import dataclass
from typing import Any, Final

from joserfc import jws
from joserfc.errors import JoseError

from services.kit.evidence.canonical import canonical, parse_strictly
from services.kit.evidence.errors import CanonicalFormError, KeyRefusedError, SignatureRefusedError
from services.kit.evidence.keys import SigningKey, VerifyingKey, VerifyingLookup

ALGORITHM: Final = "Ed25519"
MAX_SIGNED_BYTES: Final = 1 << 20
_HEADER_MEMBERS: Final = frozenset({"alg", "typ", "kid"})


@dataclass(frozen=True, slots=True)
class Signed:
    """A verified payload and who signed it."""

    payload: dict[str, Any]
    signer: VerifyingKey


def sign_json(payload: dict[str, Any], *, typ: str, key: SigningKey) -> str:
    """Signs a JSON object in its canonical form.

    Args:
        payload: a JSON object.
        typ: the object's type, such as `receipt+jws`.
        key: the signer's.

    Returns:
        Compact JWS.

    Raises:
        CanonicalFormError: the payload has no canonical form.
    """
    return sign_bytes(canonical(payload), typ=typ, key=key)


def verify_json(token: str, *, typ: str, keys: VerifyingLookup, max_bytes: int = MAX_SIGNED_BYTES) -> Signed:
    """Verifies a signed JSON object.

    Whether the signer may say this is for the caller: compare `signer.owner` with the party that the payload
    names.

    Raises:
        SignatureRefusedError: too large, malformed, of another type or algorithm, not canonical, or the
            signature does not verify.
        KeyRefusedError: the key is not known or not usable.
    """
    payload, signer = verify_bytes(token, typ=typ, keys=keys, max_bytes=max_bytes)
    try:
        members = parse_strictly(payload)
        if not isinstance(members, dict) or canonical(members) != payload:
            raise SignatureRefusedError("payload_not_canonical")
    except CanonicalFormError:
        raise SignatureRefusedError("payload_not_canonical") from None
    return Signed(members, signer)


def sign_bytes(payload: bytes, *, typ: str, key: SigningKey) -> str:
    """Signs bytes as they are; compact JWS."""
    header = {"alg": ALGORITHM, "kid": key.kid, "typ": typ}
    return jws.serialize_compact(header, payload, key.jwk, registry=_registry(len(payload)))


def verify_bytes(
    token: str, *, typ: str, keys: VerifyingLookup, max_bytes: int
) -> tuple[bytes, VerifyingKey]:
    """Verifies a compact JWS; its payload and its signer's key. Errors as `verify_json`."""
    if len(token) > max_bytes:
        raise SignatureRefusedError("too_large")
    try:
        signed = jws.extract_compact(token.encode("ascii"), registry=_registry(max_bytes))
    except (JoseError, ValueError, TypeError, RecursionError):
        raise SignatureRefusedError("malformed") from None
    key = _signer(signed.headers(), typ, keys)
    _check(signed, key, max_bytes)
    return signed.payload, key


def _signer(header: Any, typ: str, keys: VerifyingLookup) -> VerifyingKey:
    if not isinstance(header, dict) or set(header) != _HEADER_MEMBERS or not isinstance(header["kid"], str):
        raise SignatureRefusedError("header_not_in_profile")
    if header["alg"] != ALGORITHM:
        raise SignatureRefusedError("algorithm_refused")
    if header["typ"] != typ:
        raise SignatureRefusedError("type_refused")
    key = keys(header["kid"])
    if key.kid != header["kid"]:
        raise KeyRefusedError("key_unknown")
    return key


def _check(signed: jws.CompactSignature, key: VerifyingKey, max_bytes: int) -> None:
    try:
        verified = jws.validate_compact(signed, key.jwk, registry=_registry(max_bytes))
    except (JoseError, ValueError):
        verified = False
    if verified is not True:
        raise SignatureRefusedError("signature_refused")


class _Registry(jws.JWSRegistry):
    """joserfc's registry, with this profile's one algorithm and the caller's limit of size."""

    def __init__(self, max_bytes: int) -> None:
        super().__init__(algorithms=[ALGORITHM])
        self.max_payload_length = max_bytes


def _registry(max_bytes: int) -> _Registry:
    return _Registry(max_bytes)
