"""The signature of a pack: over its own content and its document alone, so it speaks of nothing else.

The file is JSON with the pack, the hash of the PDF, a detached JWS (RFC 7515, appendix F) and the signed
directory: whoever has the scheme's public key verifies it offline.
"""

import hashlib
import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from services.kit.evidence.canonical import canonical, parse_strictly
from services.kit.evidence.errors import BundleRefusedError, EvidenceError
from services.kit.evidence.jws import sign_json, verify_json
from services.kit.evidence.keys import SigningKey
from services.kit.evidence.vouching import OpenTrust

PACK_TYPE: Final = "subject-access-pack"
_JWS_TYPE: Final = "subject-access-pack+jws"
_MEMBERS: Final = frozenset({"type", "v", "pack", "pdf_sha256", "signature", "directory"})
_VERSION: Final = 1
_MAX_OCTETS: Final = 64 << 20


@dataclass(frozen=True, slots=True)
class PackReport:
    """What a verified pack proves.

    Attributes:
        pdf: whether the document was there and is the one that was signed.
    """

    organisation: str
    reference: str
    date: str
    pdf: bool
    serial: int


def sign_pack(pack: dict[str, Any], pdf: bytes, key: SigningKey, directory: str) -> bytes:
    """The file of a pack.

    Args:
        pack: JSON.
        pdf: its document.
        key: the organisation's.
        directory: the signed directory, compact JWS.
    """
    signed = _signed(pack, hashlib.sha256(pdf).hexdigest())
    header, _, signature = sign_json(signed, typ=_JWS_TYPE, key=key).split(".")
    file = {
        "type": PACK_TYPE,
        "v": _VERSION,
        **signed,
        "signature": f"{header}..{signature}",
        "directory": directory,
    }
    return (json.dumps(file, indent=2, ensure_ascii=False, sort_keys=True) + "\n").encode()


def is_pack(octets: bytes) -> bool:
    """Whether a file says that it is one."""
    try:
        members = parse_strictly(octets)
    except EvidenceError:
        return False
    return isinstance(members, dict) and members.get("type") == PACK_TYPE


def verify_pack(octets: bytes, pdf: bytes | None, open_trust: OpenTrust, *, now: datetime) -> PackReport:
    """Verifies a pack.

    Args:
        octets: the file.
        pdf: its document, if it is there.
        open_trust: verifies the directory.
        now: aware, from a clock that the verifier trusts.

    Raises:
        BundleRefusedError: the first thing that is wrong.
    """
    members = _read(octets)
    trust = open_trust(members["directory"])
    payload = _signed(members["pack"], members["pdf_sha256"])
    token = _attach(members["signature"], payload)
    try:
        signed = verify_json(token, typ=_JWS_TYPE, keys=trust.keys.verifying_at(now), max_bytes=_MAX_OCTETS)
    except EvidenceError as error:
        raise BundleRefusedError("pack_refused", detail=error.reason) from None
    if signed.signer.owner != members["pack"].get("organisation"):
        raise BundleRefusedError("pack_refused", detail="signed_by_another")
    if pdf is not None and hashlib.sha256(pdf).hexdigest() != members["pdf_sha256"]:
        raise BundleRefusedError("pack_refused", detail="another_document")
    pack = members["pack"]
    return PackReport(pack["organisation"], pack["reference"], pack["date"], pdf is not None, trust.serial)


def _signed(pack: Any, pdf_sha256: Any) -> dict[str, Any]:
    return {"pack": pack, "pdf_sha256": pdf_sha256}


def _attach(detached: str, payload: dict[str, Any]) -> str:
    header, _, signature = detached.partition("..")
    encoded = urlsafe_b64encode(canonical(payload)).rstrip(b"=").decode()
    return f"{header}.{encoded}.{signature}"


def _read(octets: bytes) -> dict[str, Any]:
    try:
        members = parse_strictly(octets)
    except EvidenceError:
        raise BundleRefusedError("malformed_evidence") from None
    if not _is_formed(members):
        raise BundleRefusedError("malformed_evidence")
    file: dict[str, Any] = members
    return file


def _is_formed(members: Any) -> bool:
    if not isinstance(members, dict) or set(members) != _MEMBERS or not isinstance(members["pack"], dict):
        return False
    texts = (members["signature"], members["directory"], members["pdf_sha256"])
    stated = (members["pack"].get(name) for name in ("organisation", "reference", "date"))
    named = (members["type"], members["v"]) == (PACK_TYPE, _VERSION)
    return named and all(isinstance(each, str) for each in (*texts, *stated))
