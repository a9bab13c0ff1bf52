"""Signed notices between an organisation and the gateway: outcomes, receipts, acknowledgements.

Each is a JWS of its own type over the protobuf JSON of its claims. Both sides read and write them here.
"""

from base64 import urlsafe_b64decode
from typing import Any, Final, TypeVar

from google.protobuf.json_format import MessageToDict, ParseDict, ParseError
from google.protobuf.message import Message
from publicprotection.exchange.v1.outcome_pb2 import Outcome
from publicprotection.transport.v1.packet_pb2 import AcknowledgementClaims, ReceiptClaims

from services.kit.evidence.canonical import parse_strictly
from services.kit.evidence.errors import SignatureRefusedError
from services.kit.evidence.jws import sign_json, verify_json
from services.kit.evidence.keys import SigningKey, VerifyingLookup

OUTCOME_TYPE: Final = "outcome+jws"
RECEIPT_TYPE: Final = "receipt+jws"
ACKNOWLEDGEMENT_TYPE: Final = "acknowledgement+jws"
AWAITED: Final = frozenset(
    # A checkpoint names no key: one that is signed by none we know may be signed by one we do not know yet.
    {"KEY_UNKNOWN", "KEY_NOT_YET_VALID", "LOG_SIGNATURE_MISSING", "HEARTBEAT_LOG_SIGNATURE_MISSING"}
)
"""Codes of refusals that a newer directory, or a moment, takes away."""

KEY_REFUSALS: Final = AWAITED | {"KEY_EXPIRED", "KEY_REVOKED"}
"""Codes of refusals of a delivery that say nothing of it, only of the key that signed it."""

MAX_OUTCOME_OCTETS: Final = 16 << 20  # it carries a statement for each recipient

M = TypeVar("M", bound=Message)


def sign_outcome(outcome: Outcome, key: SigningKey) -> str:
    """Signs an outcome with the gateway's key."""
    return sign_json(_write(outcome), typ=OUTCOME_TYPE, key=key)


def verify_outcome(token: str, *, keys: VerifyingLookup, gateway: str) -> Outcome:
    """Verifies an outcome.

    Raises:
        SignatureRefusedError: malformed, of another type, not verified, or not signed by the gateway.
        KeyRefusedError: the key is not known or not usable.
    """
    signed = verify_json(token, typ=OUTCOME_TYPE, keys=keys, max_bytes=MAX_OUTCOME_OCTETS)
    if signed.signer.owner != gateway:
        raise SignatureRefusedError("not_signed_by_gateway")
    return _read(signed.payload, Outcome())


def read_outcome(token: str) -> Outcome:
    """Reads an outcome that was verified when it arrived, and is kept since under the store's own key."""
    return _read(parse_strictly(payload_of(token)), Outcome())


def sign_receipt(claims: ReceiptClaims, key: SigningKey) -> str:
    """Signs a receipt with the recipient's key."""
    return sign_json(_write(claims), typ=RECEIPT_TYPE, key=key)


def verify_receipt(token: str, *, keys: VerifyingLookup) -> ReceiptClaims:
    """Verifies a receipt; errors as `verify_acknowledgement`."""
    claims = ReceiptClaims()
    _verify(token, RECEIPT_TYPE, keys, claims)
    return claims


def sign_acknowledgement(claims: AcknowledgementClaims, key: SigningKey) -> str:
    """Signs an acknowledgement with the recipient's key."""
    return sign_json(_write(claims), typ=ACKNOWLEDGEMENT_TYPE, key=key)


def verify_acknowledgement(token: str, *, keys: VerifyingLookup) -> AcknowledgementClaims:
    """Verifies an acknowledgement.

    Raises:
        SignatureRefusedError: malformed, of another type, not verified, or not signed by the recipient.
        KeyRefusedError: the key is not known or not usable.
    """
    claims = AcknowledgementClaims()
    _verify(token, ACKNOWLEDGEMENT_TYPE, keys, claims)
    return claims


def payload_of(token: str) -> bytes:
    """The payload of a compact JWS that was verified before."""
    encoded = token.split(".")[1]
    return urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))


def _verify(
    token: str, typ: str, keys: VerifyingLookup, claims: ReceiptClaims | AcknowledgementClaims
) -> None:
    signed = verify_json(token, typ=typ, keys=keys)
    _read(signed.payload, claims)
    if claims.recipient.organisation != signed.signer.owner:
        raise SignatureRefusedError("not_signed_by_recipient")


def _write(message: Message) -> dict[str, Any]:
    return MessageToDict(message, preserving_proto_field_name=True)


def _read(payload: dict[str, Any], message: M) -> M:
    # Unknown members are a newer version's: what this one knows still stands, under the signature.
    try:
        return ParseDict(payload, message, ignore_unknown_fields=True)
    except ParseError:
        raise SignatureRefusedError("claims_malformed") from None
