"""Under which checkpoints the log is proven to others: the newest, and the newest that witnesses signed."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.app.heads import released_head, sign_head
from gateway.app.ports import Unit
from gateway.app.tools import Tools
from services.kit.evidence.note import read_line, read_note
from services.kit.evidence.quorum import majority


class NoHeadError(Exception):
    """There is no checkpoint that may be shown now."""


@dataclass(frozen=True, slots=True)
class Vouching:
    """Checkpoints, as whole notes with all cosignatures that there are.

    Attributes:
        size: of the newest.
        note: the newest, signed anew, so that its time is now.
        witnessed_size: of the newest that a majority of the witnesses cosigned; 0 if none.
        witnessed: that one; empty if none.
    """

    size: int
    note: str
    witnessed_size: int = 0
    witnessed: str = ""


async def find_vouching(unit: Unit, tools: Tools) -> Vouching:
    """The checkpoints under which to prove something now.

    Raises:
        NoHeadError: as it says.
        NoSigningKeyError: the gateway has no key that may sign now.
        KeyStoreUnavailableError: whether it may be shown cannot be told.
    """
    head = await released_head(unit, tools)
    if head is None:
        raise NoHeadError
    signed = sign_head(tools, head.size, head.root, head).note
    lines = await unit.witnesses.lines_of(head.size)
    most = await unit.witnesses.newest_cosigned(majority(tools.directory.witnesses).count)
    if most is None or most.checkpoint.size > head.size:
        return Vouching(head.size, _with_lines(signed, lines))
    cosigned = _with_lines(most.checkpoint.note, most.lines)
    return Vouching(head.size, _with_lines(signed, lines), most.checkpoint.size, cosigned)


def _with_lines(note: str, lines: Mapping[str, str]) -> str:
    return str(read_note(note).with_lines([read_line(line) for line in lines.values()]))
