"""What each recipient can prove with its own copy and the scheme's public key, without the gateway."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

from publicprotection.exchange.v1.inbox_service_pb2 import Delivery

from deploy.story.played import PlayedStep
from services.kit.credentials import read_verifying_key
from services.kit.evidence.bundle_faults import explain
from services.kit.evidence.delivery_evidence import DeliveryEvidence, DeliveryReport, verify_evidence
from services.kit.evidence.errors import BundleRefusedError
from services.kit.evidence.vouching import OpenTrust
from services.kit.log_trust import trust_opener
from services.kit.subject_access.proof import verify_pack


@dataclass(frozen=True)
class Verifier:
    """Somebody with the signed directory, and the scheme's fingerprint from a place that can be trusted."""

    directory: str
    trust: OpenTrust

    @classmethod
    def of(cls, directory: Path, scheme_key: Path, fingerprint: str) -> Self:
        """Read the files; CredentialError if the key is none."""
        token = directory.read_text(encoding="ascii").strip()
        return cls(token, trust_opener(read_verifying_key(scheme_key, "scheme"), fingerprint))

    def verify(self, delivery: Delivery, now: datetime) -> DeliveryReport:
        """Verify seal, statement and inclusion in the log.

        Raises:
            BundleRefusedError: The first thing that is wrong.
        """
        evidence = DeliveryEvidence(
            seal=delivery.seal,
            statement=delivery.statement,
            checkpoint=delivery.proof.checkpoint,
            index=delivery.proof.index,
            path=tuple(delivery.proof.hashes),
            directory=self.directory,
        )
        return verify_evidence(evidence, self.trust, now=now)


def prove_deliveries(
    steps: Iterable[PlayedStep], verifier: Verifier, now: datetime
) -> tuple[list[DeliveryReport], list[str]]:
    """Verify every delivery of the story; the reports, and what did not verify."""
    reports, refused = [], []
    for delivery in _deliveries(steps):
        try:
            reports.append(verifier.verify(delivery, now))
        except BundleRefusedError as error:
            refused.append(f"delivery {delivery.summary.delivery_id} proves nothing: {explain(error)}")
    return reports, refused


def prove_packs(steps: Iterable[PlayedStep], verifier: Verifier, now: datetime) -> list[str]:
    """What of the answers to subject access requests does not verify, as whoever got them would see it."""
    refused = []
    for access in (step.access for step in steps if step.access is not None):
        try:
            verify_pack(access.file, access.pdf, verifier.trust, now=now)
        except BundleRefusedError as error:
            refused.append(f"answer {access.case_id} proves nothing: {explain(error)}")
    return refused


def _deliveries(steps: Iterable[PlayedStep]) -> Iterator[Delivery]:
    for step in steps:
        for part in (step.sent, step.answered):
            if part is not None:
                yield from (arrival.delivery for arrival in part.arrivals.values())
