"""The disclosure log's tree: hashes, and the verification of proofs (RFC 9162 section 2.1).

The names and the order of the steps are the RFC's, so that the two can be read side by side. Making proofs
is the gateway's part; verifying them is everybody's.
"""

import hashlib
from collections.abc import Sequence
from typing import Final

from services.kit.evidence.errors import ProofRefusedError

LEAF_PREFIX: Final = b"\x00"
NODE_PREFIX: Final = b"\x01"
HASH_OCTETS: Final = 32

EMPTY_ROOT: Final = hashlib.sha256(b"").digest()
"""The root of a tree without leaves (2.1.1)."""


def leaf_hash(entry: bytes) -> bytes:
    """The leaf hash of one log entry (2.1.1): SHA-256(0x00 || entry), 32 octets.

    The prefix keeps an entry from passing as an inner node.
    """
    return hashlib.sha256(LEAF_PREFIX + entry).digest()


def record_hash(entry: bytes) -> str:
    """The leaf hash of one log entry in canonical JSON, as 64 lower-case hex digits."""
    return leaf_hash(entry).hex()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node (2.1.1): SHA-256(0x01 || left || right)."""
    return hashlib.sha256(NODE_PREFIX + left + right).digest()


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> None:
    """Verifies that a leaf stands in a tree at an index (2.1.3.2).

    Args:
        leaf: the leaf's hash.
        index: its index, from 0.
        size: leaves in the tree.
        path: the inclusion path, from the leaf to the root.
        root: the tree's root.

    Raises:
        ProofRefusedError: `index_out_of_range`, `malformed_hash`, `path_too_long`, `path_too_short` or
            `root_mismatch`.
    """
    if root_of_inclusion(leaf, index, size, path) != root:
        raise ProofRefusedError("root_mismatch")


def root_of_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root that an inclusion path leads to (2.1.3.2 without its last comparison).

    Raises:
        ProofRefusedError: as `verify_inclusion`, without `root_mismatch`.
    """
    if not 0 <= index < size:
        raise ProofRefusedError("index_out_of_range")
    _check_hashes((leaf, *path))
    fn, sn, r = index, size - 1, leaf
    for p in path:
        if sn == 0:
            raise ProofRefusedError("path_too_long")
        if fn & 1 or fn == sn:
            r = node_hash(p, r)
            fn, sn = _skip_even(fn, sn)
        else:
            r = node_hash(r, p)
        fn, sn = fn >> 1, sn >> 1
    if sn != 0:
        raise ProofRefusedError("path_too_short")
    return r


def verify_consistency(
    first: int, first_root: bytes, second: int, second_root: bytes, path: Sequence[bytes]
) -> None:
    """Verifies that a tree is a continuation of a smaller one (2.1.4.2).

    The RFC leaves out two cases: of equal sizes only equal roots are consistent, and a tree without leaves is
    consistent with each; in both the path is empty.

    Args:
        first: size of the smaller tree.
        first_root: its root.
        second: size of the larger tree.
        second_root: its root.
        path: the consistency path.

    Raises:
        ProofRefusedError: `size_went_back`, `malformed_hash`, `path_too_long`, `path_too_short`,
            `first_root_mismatch` (the path is not one from the first tree) or `root_mismatch`.
    """
    if not 0 <= first <= second:
        raise ProofRefusedError("size_went_back")
    _check_hashes((first_root, second_root, *path))
    if first in (0, second):
        _verify_without_path(first, first_root, second_root, path)
        return
    fr, sr = _roots_of_consistency(first, first_root, second, path)
    if fr != first_root:
        raise ProofRefusedError("first_root_mismatch")
    if sr != second_root:
        raise ProofRefusedError("root_mismatch")


def _verify_without_path(first: int, first_root: bytes, second_root: bytes, path: Sequence[bytes]) -> None:
    if path:
        raise ProofRefusedError("path_too_long")
    if first == 0 and first_root != EMPTY_ROOT:
        raise ProofRefusedError("first_root_mismatch")
    if first != 0 and first_root != second_root:
        raise ProofRefusedError("root_mismatch")


def _roots_of_consistency(
    first: int, first_root: bytes, second: int, path: Sequence[bytes]
) -> tuple[bytes, bytes]:
    if first & (first - 1) == 0:  # an exact power of 2: the first tree's root is itself a node
        path = (first_root, *path)
    if not path:
        raise ProofRefusedError("path_too_short")
    fn, sn = _skip_odd(first - 1, second - 1)
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            raise ProofRefusedError("path_too_long")
        if fn & 1 or fn == sn:
            fr, sr = node_hash(c, fr), node_hash(c, sr)
            fn, sn = _skip_even(fn, sn)
        else:
            sr = node_hash(sr, c)
        fn, sn = fn >> 1, sn >> 1
    if sn != 0:
        raise ProofRefusedError("path_too_short")
    return fr, sr


def _skip_even(fn: int, sn: int) -> tuple[int, int]:
    """Shifts both right until fn is odd or 0: levels at which the node has no sibling."""
    while fn and not fn & 1:
        fn, sn = fn >> 1, sn >> 1
    return fn, sn


def _skip_odd(fn: int, sn: int) -> tuple[int, int]:
    """Shifts both right while fn is odd: up to the largest node that ends where the first tree ends."""
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    return fn, sn


def _check_hashes(hashes: Sequence[bytes]) -> None:
    if any(len(each) != HASH_OCTETS for each in hashes):
        raise ProofRefusedError("malformed_hash")
