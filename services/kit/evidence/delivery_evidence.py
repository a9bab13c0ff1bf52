"""The evidence of one delivery as a file: that this sender sealed this, and that the release is on record.

JSON with the seal, the release statement, the inclusion proof with its checkpoint, and the signed directory;
and, where that checkpoint has not its majority of witnesses, a later one that continues it and has. It holds
what was disclosed: whoever is given the file is given the document.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from services.kit.evidence.bundle_form import Witnessed, read_path, read_witnessed
from services.kit.evidence.canonical import parse_strictly
from services.kit.evidence.errors import (
    BundleRefusedError,
    EvidenceError,
    ProofRefusedError,
    ReleaseRefusedError,
)
from services.kit.evidence.keys import VerifyingLookup
from services.kit.evidence.merkle import verify_inclusion
from services.kit.evidence.quorum import Standing
from services.kit.evidence.release import Release, open_release
from services.kit.evidence.statement import Statement, verify_statement
from services.kit.evidence.vouching import (
    OpenTrust,
    Trust,
    Vouched,
    check_continues,
    vouch,
)

VERSION: Final = 1
MAX_OCTETS: Final = 64 << 20


@dataclass(frozen=True, slots=True)
class DeliveryEvidence:
    """What proves a delivery.

    Attributes:
        seal: SD-JWT with the disclosures released.
        statement: compact JWS.
        checkpoint: the note that covers the record.
        index: of the record.
        path: inclusion path.
        directory: the signed directory, compact JWS.
        later: a later checkpoint with its majority, and the consistency path to it; or None.
    """

    seal: str
    statement: str
    checkpoint: str
    index: int
    path: tuple[bytes, ...]
    directory: str
    later: Witnessed | None = None


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What verified evidence proves.

    Attributes:
        release: sender, recipient, what was disclosed.
        index: of its record in the log.
        size: leaves of the log under the checkpoint.
        signed_at: when the log signed it.
        serial: of the directory.
        standing: MET, or PENDING where the witnesses' quorum is not yet due.
        witnesses: who cosigned, for people.
    """

    release: Release
    index: int
    size: int
    signed_at: datetime
    serial: int
    standing: Standing
    witnesses: str


def write_evidence(evidence: DeliveryEvidence) -> str:
    """The file."""
    members: dict[str, Any] = {
        "type": "delivery-evidence",
        "v": VERSION,
        "seal": evidence.seal,
        "statement": evidence.statement,
        "proof": {
            "checkpoint": evidence.checkpoint,
            "index": evidence.index,
            "path": [each.hex() for each in evidence.path],
        },
        "directory": evidence.directory,
    }
    if evidence.later is not None:
        path = [each.hex() for each in evidence.later.consistency]
        members["later"] = {"checkpoint": evidence.later.checkpoint, "consistency": path}
    return json.dumps(members, indent=2, ensure_ascii=False) + "\n"


def read_evidence(octets: bytes) -> DeliveryEvidence:
    """Reads the file; BundleRefusedError `malformed_evidence` if it is none."""
    try:
        members = parse_strictly(octets)
        return _read(members)
    except (AttributeError, EvidenceError, KeyError, TypeError, ValueError):
        raise BundleRefusedError("malformed_evidence") from None


def verify_evidence(
    evidence: DeliveryEvidence,
    open_trust: OpenTrust,
    *,
    now: datetime,
) -> DeliveryReport:
    """Verifies the evidence of a delivery.

    Args:
        evidence: the file.
        open_trust: verifies the directory and says what it means for the log.
        now: aware, from a clock that the verifier trusts.

    Raises:
        BundleRefusedError: the first thing that is wrong.
    """
    trust = open_trust(evidence.directory)
    vouched, best = _vouch(evidence, trust, now)
    # Once witnessed, the checkpoint dates the release: keys that went out of use since then still count.
    moment = vouched.signed.at if best.standing is Standing.MET else now
    release = _open(evidence, trust.keys.verifying_at(moment), trust.log)
    _check_record(evidence, vouched, release.statement)
    # A checkpoint signed a moment ago makes no release young.
    standing = best.standing_of(release.statement.issued_at)
    if standing is Standing.FAILED:
        raise BundleRefusedError("no_majority", detail=best.describe())
    return DeliveryReport(
        release=release,
        index=evidence.index,
        size=vouched.signed.checkpoint.size,
        signed_at=vouched.signed.at,
        serial=trust.serial,
        standing=standing,
        witnesses=best.describe(),
    )


def _read(members: dict[str, Any]) -> DeliveryEvidence:
    kind, version = members.pop("type"), members.pop("v")
    if kind != "delivery-evidence" or type(version) is not int or version != VERSION:
        raise ValueError("another type or version")
    proof, later = members.pop("proof"), members.pop("later", None)
    evidence = DeliveryEvidence(
        checkpoint=proof.pop("checkpoint"),
        index=proof.pop("index"),
        path=read_path(proof.pop("path")),
        later=None if later is None else read_witnessed(later),
        **{name: members.pop(name) for name in ("seal", "statement", "directory")},
    )
    texts = (evidence.seal, evidence.statement, evidence.checkpoint, evidence.directory)
    if (
        members
        or proof
        or type(evidence.index) is not int
        or not all(isinstance(each, str) for each in texts)
    ):
        raise ValueError("unknown member, or of another type")
    return evidence


def _vouch(evidence: DeliveryEvidence, trust: Trust, now: datetime) -> tuple[Vouched, Vouched]:
    """The checkpoint of the proof, and the one whose witnesses count for it.

    The first checkpoint over a record is seconds old; its majority is often that of one a minute later.
    """
    later = None
    if evidence.later is not None:
        later = vouch(evidence.later.checkpoint, None, trust, now=now)
    vouched = vouch(evidence.checkpoint, None, trust, now=now, later=later)
    if evidence.later is not None and later is not None:
        check_continues(vouched.signed, later.signed, evidence.later.consistency)
    best = later if later is not None and later.standing is Standing.MET else vouched
    if best.standing is Standing.FAILED:
        raise BundleRefusedError("no_majority", detail=best.describe())
    return vouched, best


def _open(evidence: DeliveryEvidence, keys: VerifyingLookup, log: str) -> Release:
    try:
        said = verify_statement(evidence.statement, keys=keys, gateway=log)
    except EvidenceError as error:
        raise BundleRefusedError("statement_refused", detail=error.reason) from None
    try:
        return open_release(evidence.seal, said, keys=keys, recipient=said.recipient)
    except ReleaseRefusedError as error:
        raise BundleRefusedError("release_refused", detail=error.reason) from None
    except EvidenceError as error:
        raise BundleRefusedError("seal_refused", detail=error.reason) from None


def _check_record(evidence: DeliveryEvidence, vouched: Vouched, said: Statement) -> None:
    checkpoint, leaf = vouched.signed.checkpoint, bytes.fromhex(said.record_hash)
    try:
        verify_inclusion(leaf, evidence.index, checkpoint.size, evidence.path, checkpoint.root)
    except ProofRefusedError as error:
        raise BundleRefusedError("not_on_record", index=evidence.index, detail=error.reason) from None
