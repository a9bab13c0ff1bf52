"""A tree that grows from the left, remembered by the roots of its perfect subtrees alone.

A tree of n leaves falls into perfect subtrees, one for each bit set in n, the largest first. Those few hashes
are all that is needed to append and to tell the root: a log of any size is recomputed in bounded memory.
"""

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import NamedTuple

from services.kit.evidence.errors import ProofRefusedError
from services.kit.evidence.merkle import EMPTY_ROOT, HASH_OCTETS, node_hash


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
    """The hash over neighbouring perfect subtrees, of sizes that fall from the left (RFC 9162 2.1.1)."""
    return reduce(lambda right, left: node_hash(left, right), reversed(roots))


class Frontier:
    """The first leaves of a tree.

    Args:
        size: how many leaves.
        roots: the roots of `cover(0, size)`.

    Raises:
        ProofRefusedError: `path_too_long`, `path_too_short` or `malformed_hash`.
    """

    def __init__(self, size: int = 0, roots: Iterable[bytes] = ()) -> None:
        self.size = size
        self._roots = list(roots)
        check_roots(self._roots, size.bit_count())

    def append(self, leaf: bytes) -> None:
        """Appends a leaf by its hash."""
        self.append_subtree(leaf, 0)

    def append_subtree(self, root: bytes, level: int) -> None:
        """Appends a perfect subtree of `2**level` leaves; the size must be a multiple of that."""
        position, self.size = self.size >> level, self.size + (1 << level)
        while position & 1:
            root = node_hash(self._roots.pop(), root)
            position >>= 1
        self._roots.append(root)

    def close(self, size: int, roots: Sequence[bytes]) -> bytes:
        """Appends what is right of here, and tells the root of the whole.

        Args:
            size: leaves of the whole tree.
            roots: of `cover(self.size, size)`.

        Raises:
            ProofRefusedError: `size_went_back`, `path_too_long`, `path_too_short` or `malformed_hash`.
        """
        if size < self.size:
            raise ProofRefusedError("size_went_back")
        subtrees = cover(self.size, size)
        check_roots(roots, len(subtrees))
        for subtree, root in zip(subtrees, roots, strict=True):
            self.append_subtree(root, subtree.level)
        return self.root()

    def root(self) -> bytes:
        """The root of the tree of these leaves."""
        return join(self._roots) if self._roots else EMPTY_ROOT


def check_roots(roots: Sequence[bytes], expected: int) -> None:
    """ProofRefusedError unless there are as many hashes as expected, each of 32 octets."""
    if len(roots) != expected:
        raise ProofRefusedError("path_too_long" if len(roots) > expected else "path_too_short")
    if any(len(root) != HASH_OCTETS for root in roots):
        raise ProofRefusedError("malformed_hash")
