"""What can be wrong with an export of the log, in words, and what finds it.

The words go to whoever verifies: what is wrong, where, and by whose means it was detected. They hold codes,
numbers and organisations' ids, never what an entry says.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from services.kit.evidence.errors import BundleRefusedError

_FORM: Final = "the published form of the file"
_SCHEME: Final = "the scheme's signature on the directory"
_LOG: Final = "the log's own signature on its checkpoint"
_TREE: Final = "the Merkle tree under the signed checkpoint"
_WITNESSES: Final = "the witnesses' cosignatures"
_COUNTS: Final = "the indices and counts in the file"
_ENTRIES: Final = "the entries' own words"

FAULTS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "malformed_line": ("the line is not of the published form", _FORM),
        "line_too_long": ("the line is longer than the form allows", _FORM),
        "header_missing": ("the file does not begin with a header", _FORM),
        "version_unknown": ("the file is of a version that this program does not know", _FORM),
        "truncated": ("the file ends before its last line", _COUNTS),
        "lines_after_end": ("there are lines after the last one", _COUNTS),
        "counts_differ": ("the numbers of records are not those that the last line states", _COUNTS),
        "records_missing": ("the run of records ends too early", _COUNTS),
        "index_out_of_order": ("the record is not the one that should stand here", _COUNTS),
        "tile_out_of_order": ("the tile is not the one that should stand here", _COUNTS),
        "run_mismatch": ("the run of records is not what the scope demands", _COUNTS),
        "directory_refused": ("the directory does not verify", _SCHEME),
        "directory_from_the_future": ("the directory was signed in the future", _SCHEME),
        "directory_too_old": ("the directory was no longer valid when the checkpoint was signed", _SCHEME),
        "checkpoint_refused": ("the checkpoint does not verify", _LOG),
        "checkpoint_from_the_future": ("the checkpoint was signed in the future", _LOG),
        "log_key_not_valid": ("the log's key was not valid when it signed the checkpoint", _SCHEME),
        "log_key_revoked": ("the log's key is revoked, and no majority cosigned before it was", _SCHEME),
        "cosignature_refused": ("a cosignature by a known witness does not verify", _WITNESSES),
        "consistency_refused": ("the checkpoint does not continue the witnessed one", _TREE),
        "no_majority": ("too few witnesses cosigned in time", _WITNESSES),
        "tile_mismatch": ("the hashes do not lead to the checkpoint's root", _TREE),
        "leaf_mismatch": ("the record is not the one that the log holds at this index", _TREE),
        "proof_refused": ("the record's proof does not lead to the checkpoint's root", _TREE),
        "malformed_entry": ("the entry is not of the published form", _FORM),
        "other_exchange": ("the record is not of the exchange that the file is about", _ENTRIES),
        "back_dated": ("the record states a time that the records before it had long passed", _ENTRIES),
        "after_checkpoint": ("the record states a time after the checkpoint that covers it", _ENTRIES),
        "period_not_whole": ("the records do not reach beyond the period, so some may be left out", _COUNTS),
        "opened_mismatch": ("the text is not the one that the entry commits to", "the entry's commitment"),
        "malformed_evidence": ("the file is not of the published form", _FORM),
        "seal_refused": ("the seal does not verify", "the sender's signature"),
        "statement_refused": ("the release statement does not verify", "the gateway's signature"),
        "pack_refused": ("the subject access pack does not verify", "the organisation's signature"),
        "release_refused": ("seal and statement do not belong together", "the release statement"),
        "not_on_record": ("the release's record is not in the log at this index", _TREE),
    }
)
"""From reason to what is wrong and what finds it."""


def explain(error: BundleRefusedError) -> str:
    """One line: where, what, why, and by what it was detected."""
    what, finder = FAULTS[error.reason]
    places = [f"line {error.line}"] if error.line else []
    places += [f"record {error.index}"] if error.index is not None else []
    where = f"{', '.join(places)}: " if places else ""
    detail = f" ({error.detail})" if error.detail else ""
    return f"{where}{what}{detail} [{error.reason}]; detected by {finder}"
