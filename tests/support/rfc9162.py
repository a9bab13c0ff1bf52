"""RFC 9162 section 2.1 once more, as its text defines it: recursion over lists of leaves, and nothing clever.

Written from the RFC alone and sharing no code with the project, as the oracle for what the project computes
in other ways. `D` is the list of entries, `H` is SHA-256.
"""

import hashlib


def h(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def k(n: int) -> int:
    """The largest power of two smaller than n."""
    power = 1
    while power * 2 < n:
        power *= 2
    return power


def mth(d: list[bytes]) -> bytes:
    """2.1.1, Merkle Tree Hash."""
    n = len(d)
    if n == 0:
        return h(b"")
    if n == 1:
        return h(b"\x00" + d[0])
    return h(b"\x01" + mth(d[: k(n)]) + mth(d[k(n) :]))


def path(m: int, d: list[bytes]) -> list[bytes]:
    """2.1.3.1, PATH(m, D[n])."""
    n = len(d)
    if n == 1:
        return []
    if m < k(n):
        return [*path(m, d[: k(n)]), mth(d[k(n) :])]
    return [*path(m - k(n), d[k(n) :]), mth(d[: k(n)])]


def proof(m: int, d: list[bytes]) -> list[bytes]:
    """2.1.4.1, PROOF(m, D[n]) for 0 < m < n."""
    return subproof(m, d, b=True)


def subproof(m: int, d: list[bytes], *, b: bool) -> list[bytes]:
    """2.1.4.1, SUBPROOF(m, D[n], b)."""
    n = len(d)
    if m == n:
        return [] if b else [mth(d)]
    if m <= k(n):
        return [*subproof(m, d[: k(n)], b=b), mth(d[k(n) :])]
    return [*subproof(m - k(n), d[k(n) :], b=False), mth(d[: k(n)])]
