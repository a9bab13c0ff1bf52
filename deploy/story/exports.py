"""The log as a file: exported at the end of the story, and verified with the file and public keys alone."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from publicprotection.oversight.v1.disclosure_log_service_pb2 import (
    LOG_PURPOSE_VERIFY_LAWFULNESS,
    ExportRecordsRequest,
    WholeLog,
)

from deploy.story.clients import DEADLINE_S, OversightClient
from deploy.story.proofs import Verifier
from deploy.story.record import READER
from services.kit.evidence.bundle import Report, verify_bundle
from services.kit.evidence.bundle_faults import explain
from services.kit.evidence.errors import BundleRefusedError


async def export_everything(oversight: OversightClient, file: Path) -> None:
    """Write everything that is in the log into a file, as the co-ordination unit.

    Raises:
        grpc.aio.AioRpcError: The gateway refused.
    """
    request = ExportRecordsRequest(
        purpose=LOG_PURPOSE_VERIFY_LAWFULNESS, acting=READER, everything=WholeLog()
    )
    with file.open("wb") as opened:
        async for piece in oversight.log.ExportRecords(request, timeout=DEADLINE_S):
            opened.write(piece.lines)


def verify_export(file: Path, verifier: Verifier, now: datetime) -> tuple[Report | None, list[str]]:
    """Verify the file; the report, or what is wrong."""
    try:
        with file.open("rb") as opened:
            return verify_bundle(opened, verifier.trust, now=now), []
    except BundleRefusedError as error:
        return None, [f"the export of the log proves nothing: {explain(error)}"]
