"""The seal: header and document as a flat SD-JWT (RFC 9901), one disclosure for each leaf.

The sender signs only salted digests, so leaving disclosures out keeps the signature: the gateway can
withhold a leaf but cannot alter one. Only issuer, time and exchange id are always visible. This is a profile:
it allows less than the RFC does, and what it does not allow is refused.
"""

import hashlib
import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from secrets import token_bytes
from typing import Any, Final

from services.kit.evidence.entropy import Entropy
from services.kit.evidence.errors import SealRefusedError
from services.kit.evidence.jws import sign_bytes
from services.kit.evidence.keys import SigningKey
from services.kit.evidence.paths import is_path
from services.kit.evidence.values import JsonValue

SEAL_TYPE: Final = "exchange+sd-jwt"
HASH_NAME: Final = "sha-256"
PREFIXES: Final = ("header", "document")
TYPE_PATH: Final = "type"  # the one leaf outside both: the document's type, which says how to read the rest
DIGEST_STEP: Final = 64
MAX_LEAVES: Final = 2 * 4_096
SALT_BYTES: Final = 16
_DIGEST_BYTES: Final = 32
_WRITER: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}")


@dataclass(frozen=True, slots=True)
class Seal:
    """A sealed exchange, whole or redacted.

    Attributes:
        jwt: the issuer-signed part, the same in every release of the exchange.
        disclosures: from leaf path to encoded disclosure, in the order of the digests. These are random, so
            the order says nothing about what stood between two disclosures.
    """

    jwt: str
    disclosures: Mapping[str, str]

    @property
    def compact(self) -> str:
        """The SD-JWT as it travels: `jwt~disclosure~...~`."""
        return _compact(self.jwt, self.disclosures.values())

    @property
    def seal_hash(self) -> str:
        """SHA-256 of the issuer-signed JWT's ASCII bytes, 64 hex digits: the seal's name elsewhere."""
        return hashlib.sha256(self.jwt.encode("ascii")).hexdigest()


def seal(
    leaves: Mapping[str, JsonValue],
    *,
    exchange_id: str,
    issued_at: datetime,
    key: SigningKey,
    entropy: Entropy = token_bytes,
) -> Seal:
    """Seals leaves: of header and document together.

    Args:
        leaves: from path (`type`, or under `header` or `document`) to value, as `flatten` gives them.
        exchange_id: 1 to 128 letters, digits, `.`, `_`, `:`, `-`.
        issued_at: aware; sealed to the second.
        key: the sender's; its owner becomes the issuer.
        entropy: the source of salts, decoys and their number.

    Raises:
        SealRefusedError: an ill-formed path, value, exchange id or issuer, or too many leaves.
    """
    _check_sealable(leaves, exchange_id, key.owner)
    found = sorted(_disclose(path, value, entropy(SALT_BYTES)) for path, value in leaves.items())
    decoys = (encode(entropy(_DIGEST_BYTES)) for _ in range(_decoys_for(len(found), entropy)))
    payload = {
        "_sd": sorted([*(digest for digest, _, _ in found), *decoys]),
        "_sd_alg": HASH_NAME,
        "iat": int(issued_at.astimezone(UTC).timestamp()),
        "iss": key.owner,
        "jti": exchange_id,
    }
    jwt = sign_bytes(_WRITER.encode(payload).encode("ascii"), typ=SEAL_TYPE, key=key)
    return Seal(jwt, {path: disclosure for _, path, disclosure in found})


def select(sealed: Seal, paths: Iterable[str]) -> str:
    """Redacts: the seal with only these leaves' disclosures, compact, in the order of their digests.

    Raises:
        SealRefusedError: the seal has no such leaf.
    """
    wanted = set(paths)
    if not wanted <= sealed.disclosures.keys():
        raise SealRefusedError("no_such_leaf")
    return _compact(sealed.jwt, (text for path, text in sealed.disclosures.items() if path in wanted))


def is_sealable_path(path: Any) -> bool:
    """Whether a claim is `type` or a leaf path under header or document: nothing else may be sealed."""
    if not isinstance(path, str):
        return False
    return path == TYPE_PATH or (path.partition(".")[0] in PREFIXES and is_path(path))


def is_leaf_value(value: Any) -> bool:
    """Whether a claim's value is a leaf's: a string, number, boolean or the empty object."""
    return isinstance(value, str | int | float) or value == {}


def is_name(text: Any) -> bool:
    """Whether a text can be an exchange id or an issuer."""
    return isinstance(text, str) and _NAME.fullmatch(text) is not None


def digest_of(disclosure: str) -> str:
    """The digest of an encoded disclosure, base64url (RFC 9901 4.2.3)."""
    return encode(hashlib.sha256(disclosure.encode("ascii")).digest())


def encode(data: bytes) -> str:
    """Base64url without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _check_sealable(leaves: Mapping[str, JsonValue], exchange_id: str, issuer: str) -> None:
    if not (is_name(exchange_id) and is_name(issuer)):
        raise SealRefusedError("malformed_name")
    if len(leaves) > MAX_LEAVES:
        raise SealRefusedError("too_many_leaves")
    if not all(is_sealable_path(path) and is_leaf_value(value) for path, value in leaves.items()):
        raise SealRefusedError("malformed_leaf")


def _disclose(path: str, value: JsonValue, salt: bytes) -> tuple[str, str, str]:
    """One leaf's digest, path and encoded disclosure."""
    try:
        text = _WRITER.encode([encode(salt), path, value])
        disclosure = encode(text.encode())
    except ValueError:  # NaN, or an unpaired surrogate
        raise SealRefusedError("malformed_leaf") from None
    return digest_of(disclosure), path, disclosure


def _decoys_for(leaves: int, entropy: Entropy) -> int:
    """How many decoys: at least a random 1 to 64, then up to a multiple of 64.

    Filling up to the next multiple alone would tell at its edges, the rule being public: 64 disclosed of 64
    digests would mean that nothing was withheld, and 128 digests that at least 65 leaves exist. One decoy at
    least would only move the edge. With the random part, 128 digests may hide any number from 1 to 127
    leaves, and each edge is reached by a chance of 1 in 64 only.
    """
    spare = 1 + entropy(1)[0] % DIGEST_STEP
    return spare + -(leaves + spare) % DIGEST_STEP


def _compact(jwt: str, disclosures: Iterable[str]) -> str:
    return "~".join((jwt, *disclosures, ""))
