"""Perfect subtrees: what a run of leaves falls into, and the root over them (RFC 9162 2.1.1).

A tree of n leaves falls into perfect subtrees, one for each bit set in n, the largest first. Those few hashes
are all that is needed to append and to tell the root.
"""

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import NamedTuple

from services.kit.evidence.merkle import EMPTY_ROOT, node_hash


class Subtree(NamedTuple):
    """A perfect subtree: the leaves from `number * 2**level` up to `(number + 1) * 2**level`, exclusive."""

    level: int
    number: int


def cover(start: int, end: int) -> tuple[Subtree, ...]:
    """The fewest perfect subtrees whose leaves are those from start up to end, exclusive, from the left."""
    found = []
    while start < end:
        fits = (end - start).bit_length() - 1
        aligned = (start & -start).bit_length() - 1 if start else fits
        level = min(fits, aligned)
        found.append(Subtree(level, start >> level))
        start += 1 << level
    return tuple(found)


def join(roots: Sequence[bytes]) -> bytes:
    """The hash over neighbouring perfect subtrees, of sizes that fall from the left; at least one."""
    if len(roots) == 1:
        return roots[0]
    return reduce(lambda right, left: node_hash(left, right), reversed(roots))


def root_of_leaves(leaves: Iterable[bytes]) -> bytes:
    """The root of the tree of these leaf hashes, keeping no more hashes than the tree has levels."""
    frontier: list[bytes] = []
    for position, leaf in enumerate(leaves):
        root = leaf
        while position & 1:
            root = node_hash(frontier.pop(), root)
            position >>= 1  # noqa: PLW2901  # up one level
        frontier.append(root)
    return join(frontier) if frontier else EMPTY_ROOT
