"""Hashes of the disclosure log's entries (RFC 9162)."""

import hashlib

LEAF_PREFIX = b"\x00"


def record_hash(entry: bytes) -> str:
    """The RFC 9162 2.1.1 leaf hash of one log entry.

    Args:
        entry: the entry in canonical JSON.

    Returns:
        SHA-256(0x00 || entry), 64 lower-case hex digits. The prefix keeps an entry from passing as an inner
        node.
    """
    return hashlib.sha256(LEAF_PREFIX + entry).hexdigest()
