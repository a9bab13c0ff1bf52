"""Cosignatures: a witness has compared a checkpoint with all that it saw before, and signs it too."""

import structlog

from gateway.app.envelopes import Unusable
from gateway.app.log_rows import CosignatureRow
from gateway.app.tools import Work
from services.kit.evidence.checkpoint import ORIGIN, Checkpoint, read_checkpoint, verify_cosignatures
from services.kit.evidence.errors import CheckpointRefusedError
from services.kit.evidence.note import Note, read_note

_log = structlog.get_logger(__name__)


async def take_cosignature(work: Work, organisation: str, checkpoint: str) -> Unusable | None:
    """Keeps a witness's signature on a checkpoint that was sent to it; a repeat has no effect.

    Args:
        work: the unit of work.
        organisation: whose queue it came by.
        checkpoint: the note, with the witness's line.
    """
    known = work.tools.directory.organisation(organisation)
    if known is None or not known.witnesses_log:
        return Unusable("NOT_A_WITNESS")
    try:
        note = read_note(checkpoint)
        shown = read_checkpoint(note)
        line = _own_line(work, organisation, note)
    except CheckpointRefusedError as error:
        return Unusable(f"COSIGNATURE_{error.reason.upper()}")
    if line is None:
        return Unusable("COSIGNATURE_KEY_UNKNOWN")
    return await _keep(work, shown, CosignatureRow(shown.size, organisation, line, work.at))


async def _keep(work: Work, shown: Checkpoint, row: CosignatureRow) -> Unusable | None:
    sent = await work.unit.witnesses.find_checkpoint(shown.size)
    if sent is None:
        return Unusable("CHECKPOINT_UNKNOWN")
    if shown.origin != ORIGIN or shown.root != sent.root:
        _log.error("log_fork_shown", organisation=row.organisation, size=shown.size)
        return Unusable("CHECKPOINT_OF_ANOTHER_LOG")
    await work.unit.witnesses.add_cosignature(row)
    return None


def _own_line(work: Work, organisation: str, note: Note) -> str | None:
    keys = work.tools.directory.keys.verifying_keys(organisation, work.at)
    return next((str(each.line) for each in verify_cosignatures(note, keys)), None)
