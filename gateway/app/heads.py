"""The head of the log: signed for no time before that of the last one, and shown once it is remembered."""

import asyncio
from typing import Final

import structlog

from gateway.app.log_rows import CheckpointRow
from gateway.app.ports import Unit
from gateway.app.tools import Tools
from services.kit.evidence.checkpoint import Checkpoint, sign_checkpoint
from services.kit.evidence.witnessing import CLOCK_SKEW

_LOOKS: Final = 10
_PAUSE_S: Final = 0.02

_log = structlog.get_logger(__name__)


def sign_head(tools: Tools, size: int, root: bytes, last: CheckpointRow | None) -> CheckpointRow:
    """Signs a checkpoint for now, or for the last one's time if the clock was set back behind that.

    Witnesses take a log that is signed shorter and later than before for one that was put back.

    Args:
        tools: the key and the time.
        size: leaves.
        root: 32 octets.
        last: the head so far; None before the first.

    Raises:
        NoSigningKeyError: there is no key that may sign now.
    """
    now = tools.clock.now()
    at = now if last is None else max(now, last.at)
    if at - now > CLOCK_SKEW:
        _log.error("clock_behind_log", seconds=(at - now).total_seconds())
    return CheckpointRow(size, root, sign_checkpoint(Checkpoint(size, root), tools.signing, at), at)


async def released_head(unit: Unit, tools: Tools) -> CheckpointRow | None:
    """The head, once the key store remembers it; waits a moment for that, and then there is none.

    After a crash and a database put back, another could be signed in the place of one that it does not.

    Raises:
        KeyStoreUnavailableError: it cannot be told.
    """
    head = await unit.tree.head()
    if head is None:
        return None
    for _ in range(_LOOKS):
        remembered = await tools.key_store.signed_head()
        if remembered is not None and head.size <= remembered.size:
            return head
        await asyncio.sleep(_PAUSE_S)
    return None
