"""Entries of the disclosure log in their final form, and the commitments that stand in for texts.

An entry is canonical JSON (RFC 8785) of codes and ids, with a 128-bit nonce. What would name somebody stands
as a SHA-256 commitment under a 128-bit salt; the salt is in the key store and the text, encrypted, outside
the log: destroying the key store's part erases both, and the entry still verifies (design section 6).
The verbs are those of DPA 2018 section 62, and refusals, holds, receipts and links of subjects besides.
"""

import hashlib
from enum import StrEnum
from typing import Any, Final

from gateway.app.resting import close_at_rest, open_at_rest
from gateway.app.rows import RecordRow, TextRow
from gateway.app.scopes import exchange_scope
from gateway.app.tools import Work
from services.kit.evidence.canonical import canonical
from services.kit.evidence.merkle import record_hash

ENTRY_VERSION: Final = 1
NONCE_BYTES: Final = 16


class RecordType(StrEnum):
    """What a record says happened."""

    DISCLOSURE = "DISCLOSURE"
    REFUSAL = "REFUSAL"
    HOLD = "HOLD"
    HOLD_GRANTED = "HOLD_GRANTED"
    HOLD_DECLINED = "HOLD_DECLINED"
    FACTS_RECORDED = "FACTS_RECORDED"
    RECEIPT = "RECEIPT"
    ACKNOWLEDGEMENT = "ACKNOWLEDGEMENT"
    DELIVERY_REFUSED = "DELIVERY_REFUSED"
    REJECTION = "REJECTION"
    SUBMISSION_REFUSED = "SUBMISSION_REFUSED"
    SUBJECT_LINKED = "SUBJECT_LINKED"
    SUBJECT_CONFLICT = "SUBJECT_CONFLICT"
    LOG_QUERY = "LOG_QUERY"
    PREVIEW = "PREVIEW"
    AGREEMENT_CHANGED = "AGREEMENT_CHANGED"
    RULEBOOK_CHANGED = "RULEBOOK_CHANGED"
    DIRECTORY_CHANGED = "DIRECTORY_CHANGED"
    KEY_CHANGED = "KEY_CHANGED"


async def record(work: Work, kind: RecordType, *, exchange: str | None = None, **codes: Any) -> str:
    """Appends a record.

    Args:
        work: the unit of work.
        kind: what happened.
        exchange: the exchange concerned, if one is.
        codes: further members: codes, ids, commitments, lists of them. None leaves a member out.

    Returns:
        The RFC 9162 leaf hash, hexadecimal.
    """
    members = {
        "v": ENTRY_VERSION,
        "type": kind.value,
        "at": work.at.isoformat(timespec="milliseconds"),
        "nonce": work.tools.entropy(NONCE_BYTES).hex(),
        "exchange": exchange,
        **codes,
    }
    entry = canonical({name: value for name, value in members.items() if value is not None})
    leaf = record_hash(entry)
    await work.unit.log.append(RecordRow(entry.decode(), leaf, kind.value, exchange, work.at))
    return leaf


async def commit_text(work: Work, exchange: str, scope: str, name: str, value: Any) -> str:
    """Commits to a value and keeps it, encrypted, outside the log.

    Args:
        work: the unit of work.
        exchange: the exchange with which it came; its data key encrypts it.
        scope: what it belongs to: the exchange, or one decision of it.
        name: which text of that scope.
        value: JSON.

    Returns:
        SHA-256 of salt and canonical JSON, hexadecimal.
    """
    text = canonical(value)
    salt = work.secrets.salt(scope, name)
    key_scope = exchange_scope(exchange)
    key = await work.secrets.data_key(key_scope)
    ciphertext = close_at_rest(text, key, (scope, name), work.tools.entropy)
    await work.unit.texts.add([TextRow(scope, name, exchange, key_scope, ciphertext)])
    return commitment(salt, text)


def commitment(salt: bytes, text: bytes) -> str:
    """The commitment to a text, hexadecimal."""
    return hashlib.sha256(salt + text).hexdigest()


def read_text(row: TextRow, key: bytes) -> bytes:
    """Decrypts a text that `commit_text` kept: its canonical JSON.

    Raises:
        UnreadableError: another key, or the row was altered or moved.
    """
    return open_at_rest(row.ciphertext, key, (row.scope, row.name))
