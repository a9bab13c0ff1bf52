"""Proofs over the log's tree (RFC 9162 section 2.1), made from tiles in two steps.

A plan names the tiles; given them, it yields the hashes. Plans need a checkpoint's size, not the newest one:
a proof can be made for every size that the log ever had.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from gateway.core.log.tiles import TileId, TreeHashes, tile_of
from services.kit.evidence.frontier import cover, join
from services.kit.evidence.merkle import EMPTY_ROOT


class Leaves(NamedTuple):
    """A run of leaves, from `start` up to `end`, exclusive."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ProofPlan:
    """Which hashes a proof consists of.

    Attributes:
        runs: the leaves under each of the hashes, in the order of the proof.
    """

    runs: tuple[Leaves, ...]

    @property
    def tiles(self) -> frozenset[TileId]:
        """The tiles that are needed."""
        return frozenset(tile_of(subtree) for run in self.runs for subtree in cover(*run))

    def hashes(self, tree: TreeHashes) -> tuple[bytes, ...]:
        """The proof.

        Args:
            tree: over the tiles named, and any others.

        Raises:
            TileMissingError: a tile is missing or too short.
        """
        return tuple(join([tree.root(subtree) for subtree in cover(*run)]) for run in self.runs)


@dataclass(frozen=True, slots=True)
class RangePlan:
    """Which hashes prove a run of neighbouring leaves: those left of it and those right of it."""

    left: ProofPlan
    right: ProofPlan

    @property
    def tiles(self) -> frozenset[TileId]:
        """The tiles that are needed."""
        return self.left.tiles | self.right.tiles


def plan_root(size: int) -> ProofPlan:
    """Plans the root of a tree that is not empty: a proof of one hash. See `root_of`."""
    return ProofPlan((Leaves(0, size),) if size else ())


def root_of(plan: ProofPlan, tree: TreeHashes) -> bytes:
    """The root that `plan_root` planned."""
    hashes = plan.hashes(tree)
    return hashes[0] if hashes else EMPTY_ROOT


def plan_inclusion(index: int, size: int) -> ProofPlan:
    """Plans PATH(index, D[size]) of RFC 9162 2.1.3.1.

    Raises:
        ValueError: the index is not in the tree.
    """
    if not 0 <= index < size:
        raise ValueError("the index is not in the tree")
    return ProofPlan(tuple(reversed(list(_path(index, Leaves(0, size))))))


def plan_consistency(first: int, second: int) -> ProofPlan:
    """Plans PROOF(first, D[second]) of RFC 9162 2.1.4.1; no hashes if first is 0 or both are equal.

    Raises:
        ValueError: the second tree is the smaller one.
    """
    if not 0 <= first <= second:
        raise ValueError("the second tree is the smaller one")
    if first in (0, second):
        return ProofPlan(())
    return ProofPlan(tuple(reversed(list(_subproof(first, Leaves(0, second))))))


def plan_range(start: int, end: int, size: int) -> RangePlan:
    """Plans the proof of the leaves from start up to end, exclusive, in a tree of that size.

    Left of them stand the roots of `cover(0, start)`, right of them those of `cover(end, size)`: whoever has
    the leaves recomputes the root (`services.kit.evidence.frontier.Frontier`).

    Raises:
        ValueError: the run is not in the tree.
    """
    if not 0 <= start <= end <= size:
        raise ValueError("the run is not in the tree")
    return RangePlan(_each(0, start), _each(end, size))


def _each(start: int, end: int) -> ProofPlan:
    subtrees = cover(start, end)
    return ProofPlan(
        tuple(Leaves(each.number << each.level, each.number + 1 << each.level) for each in subtrees)
    )


def _path(index: int, run: Leaves) -> Iterable[Leaves]:
    """The siblings of a leaf, from the root down."""
    while run.end - run.start > 1:
        left, right = _split(run)
        run, sibling = (left, right) if index < right.start else (right, left)
        yield sibling


def _subproof(first: int, run: Leaves) -> Iterable[Leaves]:
    """The nodes of a consistency proof, from the root down."""
    while run.end != first:
        left, right = _split(run)
        run, sibling = (left, right) if first <= left.end else (right, left)
        yield sibling
    # The verifier has the first tree's root: its node is left out where it is that very root.
    if run.start != 0:
        yield run


def _split(run: Leaves) -> tuple[Leaves, Leaves]:
    """At the largest power of 2 smaller than the number of leaves (2.1.1)."""
    middle = run.start + (1 << (run.end - run.start - 1).bit_length() - 1)
    return Leaves(run.start, middle), Leaves(middle, run.end)
