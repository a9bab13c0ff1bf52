"""Verifying an export of the log: with the file, the scheme's public key and a clock, and nothing else.

Line by line, so that a file of any length is verified in the memory of one tile; and it stops at the first
thing that is wrong. What it proves is that each record stands in the log under the signed checkpoint, and for
a run (everything, or a period) that none is missing. That a file about one exchange or subject holds all of
its records, no file can prove: ask for everything.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final

from services.kit.evidence.bundle_entries import EntryCheck
from services.kit.evidence.bundle_form import (
    TILE_WIDTH,
    EndLine,
    Header,
    Line,
    RecordLine,
    Run,
    Scope,
    ScopeKind,
    TileLine,
    read_line,
)
from services.kit.evidence.errors import BundleRefusedError, ProofRefusedError
from services.kit.evidence.frontier import root_of_leaves
from services.kit.evidence.merkle import leaf_hash, root_of_inclusion
from services.kit.evidence.quorum import Standing
from services.kit.evidence.vouching import OpenTrust, Vouched, vouch

_RUNS: Final = frozenset({ScopeKind.ALL, ScopeKind.PERIOD})


@dataclass(frozen=True, slots=True)
class Report:
    """What a verified export proves.

    Attributes:
        scope: what it is of.
        size: leaves of the log under the checkpoint.
        root: its root.
        signed_at: when the log signed it.
        serial: of the directory.
        records: in the file.
        pruned: those of which only the hash is left.
        opened: texts shown, each the one that its entry commits to.
        uncovered: records under no checkpoint that has its quorum yet.
        standing: MET, or PENDING where the quorum of the uncovered is not yet due.
        witnesses: who cosigned, for people.
    """

    scope: Scope
    size: int
    root: bytes
    signed_at: datetime
    serial: int
    records: int
    pruned: int
    opened: int
    uncovered: int
    standing: Standing
    witnesses: str


def verify_bundle(lines: Iterable[bytes], open_trust: OpenTrust, *, now: datetime) -> Report:
    """Verifies an export.

    Args:
        lines: of the file, with or without their newlines.
        open_trust: verifies the directory and says what it means for the log.
        now: aware, from a clock that the verifier trusts.

    Raises:
        BundleRefusedError: the first thing that is wrong, with line and index; `bundle_faults.explain` says
            it in words.
    """
    numbered = _read(lines)
    line, header = next(numbered, (1, None))
    if not isinstance(header, Header):
        raise BundleRefusedError("header_missing", line=line)
    with _At(line):
        trust = open_trust(header.directory)
        vouched = vouch(header.checkpoint, header.witnessed, trust, now=now)
        if vouched.standing is Standing.FAILED and not vouched.covered:
            raise BundleRefusedError("no_majority", detail=vouched.describe())
        state = _Verifier(header, vouched)
    end = _walk(numbered, state)
    return state.report(end, trust.serial)


def _read(lines: Iterable[bytes]) -> Iterator[tuple[int, Line]]:
    for number, octets in enumerate(lines, 1):
        with _At(number):
            line = read_line(octets)
        yield number, line


def _walk(numbered: Iterator[tuple[int, Line]], state: "_Verifier") -> EndLine:
    last = 1
    for last, line in numbered:
        if isinstance(line, EndLine):
            if next(islice(numbered, 1), None) is not None:
                raise BundleRefusedError("lines_after_end", line=last + 1)
            with _At(last):
                state.close(line)
            return line
        with _At(last, line.index if isinstance(line, RecordLine) else None):
            state.take(line)
    raise BundleRefusedError("truncated", line=last)


class _At:
    """Adds line and index to what is refused inside."""

    def __init__(self, line: int, index: int | None = None) -> None:
        self._place = line, index

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, BundleRefusedError) and not error.line:
            error.line, error.index = self._place


class _Verifier:
    """What is remembered between lines: one tile, some counts, two times."""

    def __init__(self, header: Header, vouched: Vouched) -> None:
        self._scope, self._vouched = header.scope, vouched
        self._size, self._root = vouched.signed.checkpoint.size, vouched.signed.checkpoint.root
        self._run = _check_run(header.scope, header.run, self._size)
        self._next = self._run.start if self._run else 0
        self._tile: TileLine | None = None
        self._entries = EntryCheck(header.scope, vouched, self._run)
        self._records = self._pruned = self._opened = 0

    def take(self, line: Line) -> None:
        """Verifies a line between the first and the last."""
        if isinstance(line, TileLine):
            self._take_tile(line)
        elif isinstance(line, RecordLine):
            self._take_record(line)
        else:
            raise BundleRefusedError("malformed_line")

    def close(self, end: EndLine) -> None:
        """Verifies the last line."""
        if self._run and self._next != self._run.end:
            raise BundleRefusedError("records_missing", detail=f"record {self._next} should follow")
        if (end.records, end.pruned, end.opened) != (self._records, self._pruned, self._opened):
            raise BundleRefusedError("counts_differ")
        self._entries.close()

    def report(self, end: EndLine, serial: int) -> Report:
        """What has been verified."""
        return Report(
            scope=self._scope,
            size=self._size,
            root=self._root,
            signed_at=self._vouched.signed.at,
            serial=serial,
            records=end.records,
            pruned=end.pruned,
            opened=end.opened,
            uncovered=self._entries.uncovered,
            standing=self._entries.standing(),
            witnesses=self._vouched.describe(),
        )

    def _take_tile(self, line: TileLine) -> None:
        if not self._run or line.tile != self._next // TILE_WIDTH or self._next >= self._run.end:
            raise BundleRefusedError("tile_out_of_order")
        if len(line.hashes) != min(TILE_WIDTH, self._size - line.tile * TILE_WIDTH):
            raise BundleRefusedError("tile_mismatch", detail="width")
        root = root_of_leaves(line.hashes)
        # Tiles are nodes of the tree: taken as leaves, they make a tree with the same root.
        tiles = -(-self._size // TILE_WIDTH)
        self._lead(lambda: root_of_inclusion(root, line.tile, tiles, line.path), "tile_mismatch")
        self._tile = line

    def _take_record(self, line: RecordLine) -> None:
        if line.index < self._next or line.index >= self._size or (self._run and line.index != self._next):
            raise BundleRefusedError("index_out_of_order")
        self._next = line.index + 1
        leaf = leaf_hash(line.entry.encode()) if line.entry is not None else line.leaf or b""
        if self._run:
            self._check_in_tile(line, leaf)
        else:
            path = line.path or ()
            self._lead(lambda: root_of_inclusion(leaf, line.index, self._size, path), "proof_refused")
        self._entries.check(line)
        self._records, self._opened = self._records + 1, self._opened + len(line.opened)
        self._pruned += line.entry is None

    def _check_in_tile(self, line: RecordLine, leaf: bytes) -> None:
        tile, place = divmod(line.index, TILE_WIDTH)
        if line.path is not None:
            raise BundleRefusedError("malformed_line")
        if self._tile is None or self._tile.tile != tile or line.index >= (self._run or Run(0, 0)).end:
            raise BundleRefusedError("index_out_of_order", detail="its tile should stand before it")
        if self._tile.hashes[place] != leaf:
            raise BundleRefusedError("leaf_mismatch")

    def _lead(self, root: Callable[[], bytes], reason: str) -> None:
        try:
            found = root()
        except ProofRefusedError as error:
            raise BundleRefusedError(reason, detail=error.reason) from None
        if found != self._root:
            raise BundleRefusedError(reason, detail="root_mismatch")


def _check_run(scope: Scope, run: Run | None, size: int) -> Run | None:
    if (scope.kind in _RUNS) is not (run is not None):
        raise BundleRefusedError("run_mismatch")
    if run and not run.start <= run.end <= size:
        raise BundleRefusedError("run_mismatch")
    if run and scope.kind is ScopeKind.ALL and run != Run(0, size):
        raise BundleRefusedError("run_mismatch")
    if run and run.start == run.end and size:  # even an empty period has records beside it
        raise BundleRefusedError("run_mismatch")
    return run
