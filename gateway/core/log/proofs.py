"""Proofs over the log's tree (RFC 9162 section 2.1), made from tiles in two steps.

A plan names the tiles; given them, it yields the hashes. Plans need a checkpoint's size, not the newest one:
a proof can be made for every size that the log ever had.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from gateway.core.log.tiles import TileId, TreeHashes, tile_of
from services.kit.evidence.frontier import Subtree, cover, join
from services.kit.evidence.merkle import EMPTY_ROOT


class Leaves(NamedTuple):
    """A run of leaves, from `start` up to `end`, exclusive."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ProofPlan:
    """Which hashes a proof consists of.

    Attributes:
        parts: the perfect subtrees that each of the hashes is over, in the order of the proof. But at the
            right edge of the tree each is over one.
    """

    parts: tuple[tuple[Subtree, ...], ...]

    @property
    def tiles(self) -> frozenset[TileId]:
        """The tiles that are needed."""
        return frozenset([tile_of(subtree) for part in self.parts for subtree in part])

    def hashes(self, tree: TreeHashes) -> tuple[bytes, ...]:
        """The proof.

        Args:
            tree: over the tiles named, and any others.

        Raises:
            TileMissingError: a tile is missing or too short.
        """
        root = tree.root
        return tuple([join([root(subtree) for subtree in part]) for part in self.parts])


def plan_root(size: int) -> ProofPlan:
    """Plans the root of a tree that is not empty: a proof of one hash. See `root_of`."""
    return ProofPlan((cover(0, size),) if size else ())


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
    # Up to where the paths of this leaf and of the last one meet, a sibling stands at each level; the topmost
    # of them reaches to the end of the tree. Above, only left siblings are there.
    meet = (index ^ (size - 1)).bit_length()
    below = [(Subtree(level, index >> level ^ 1),) for level in range(meet - 1)]
    edge = [cover((index >> meet - 1) + 1 << meet - 1, size)] if meet else []
    levels = range(meet, index.bit_length())
    above = [(Subtree(level, (index >> level) - 1),) for level in levels if index >> level & 1]
    return ProofPlan((*below, *edge, *above))


def plan_consistency(first: int, second: int) -> ProofPlan:
    """Plans PROOF(first, D[second]) of RFC 9162 2.1.4.1; no hashes if first is 0 or both are equal.

    Raises:
        ValueError: the second tree is the smaller one.
    """
    if not 0 <= first <= second:
        raise ValueError("the second tree is the smaller one")
    if first in (0, second):
        return ProofPlan(())
    runs = reversed(list(_subproof(first, Leaves(0, second))))
    return ProofPlan(tuple(cover(*run) for run in runs))


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
