"""Entries of the disclosure log in their final form, and the commitments that stand in for texts and people.

An entry is canonical JSON (RFC 8785) of codes and ids, with a 128-bit nonce; which members a record has is
declared in gateway.core.log, and nothing else is written. What would name somebody stands as a SHA-256
commitment under a 128-bit salt; the salt is in the key store and the text, encrypted, outside the log:
destroying the key store's part erases both, and the entry still verifies (design section 6).
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from gateway.app.digests import blind_subject
from gateway.app.listings import listings_of
from gateway.app.resting import close_at_rest, open_at_rest
from gateway.app.rows import RecordRow, TextRow
from gateway.app.scopes import exchange_scope, subject_scope
from gateway.app.tools import Work
from gateway.core.log.checking import check_entry
from gateway.core.log.entries import RecordType
from gateway.core.log.specs import SPECS
from gateway.core.retention_model import ABOUT_EXCHANGES
from services.kit.evidence.canonical import canonical
from services.kit.evidence.merkle import record_hash

__all__ = [
    "RecordType",
    "commit_text",
    "commit_under",
    "commitment",
    "entry_of",
    "read_text",
    "record",
    "salt_name",
]

ENTRY_VERSION: Final = 1
NONCE_BYTES: Final = 16


async def record(work: Work, kind: RecordType, **codes: Any) -> str:
    """Appends a record.

    Made-up ids of subjects never stand in an entry: each goes in as a commitment under a salt of its own,
    which falls with the subject's scope. Under all of them the record is found in the blind index.

    Args:
        work: the unit of work.
        kind: what happened.
        codes: members by name: codes, ids, commitments, lists of them. None leaves a member out. Made-up ids
            are given for `subject`, `subjects` and `mentioned` (pairs of role and id); those in `about` are
            indexed and do not stand in the entry, as keys in `listed_under` are.

    Returns:
        The RFC 9162 leaf hash, hexadecimal.

    Raises:
        EntryError: a member is missing, is not declared for this type, or is not of its shape.
    """
    nonce = work.tools.entropy(NONCE_BYTES).hex()
    about = set(codes.pop("about", ()))
    listed_under = set(codes.pop("listed_under", ()))
    members = {
        "v": ENTRY_VERSION,
        "type": kind.value,
        "verb": SPECS[kind].verb.value,
        "at": work.at.isoformat(timespec="milliseconds"),
        "nonce": nonce,
        **codes,
        **_commit_people(work, codes, nonce, about),
    }
    entry = {name: value for name, value in members.items() if value is not None}
    if (kept := await _class_of(work, kind, entry)) is not None:
        entry["retention"] = kept
    check_entry(entry)
    listed_under |= {blind_subject(work.tools.key_store, each) for each in about}
    return await _append(work, kind, entry, listed_under)


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
    return await commit_under(work, exchange_scope(exchange), scope, name, value, exchange=exchange)


async def commit_under(  # noqa: PLR0913, PLR0917  # a text, and where it belongs
    work: Work, key_scope: str, scope: str, name: str, value: Any, exchange: str | None = None
) -> str:
    """Commits to a value and keeps it under the data key of a scope, where its salt is too.

    Args:
        work: the unit of work.
        key_scope: with which it is to be erased.
        scope: what it belongs to.
        name: which text of that.
        value: JSON.
        exchange: the exchange with which it came, if it came with one.
    """
    text = canonical(value)
    salt = work.secrets.salt(key_scope, salt_name(scope, name))
    key = await work.secrets.data_key(key_scope)
    ciphertext = close_at_rest(text, key, (scope, name), work.tools.entropy)
    await work.unit.texts.add([TextRow(scope, name, exchange, key_scope, ciphertext)])
    return commitment(salt, text)


def entry_of(row: RecordRow) -> dict[str, Any]:
    """The members of a record; none once it is pruned."""
    members: dict[str, Any] = {} if row.entry is None else json.loads(row.entry)
    return members


def commitment(salt: bytes, text: bytes) -> str:
    """The commitment to a text, hexadecimal."""
    return hashlib.sha256(salt + text).hexdigest()


def salt_name(scope: str, name: str) -> str:
    """Under which name a text's salt is kept in the scope of its key."""
    return f"{scope}/{name}"


def read_text(row: TextRow, key: bytes) -> bytes:
    """Decrypts a text that `commit_text` kept: its canonical JSON.

    Raises:
        UnreadableError: another key, or the row was altered or moved.
    """
    return open_at_rest(row.ciphertext, key, (row.scope, row.name))


def _commit_people(work: Work, codes: Mapping[str, Any], nonce: str, about: set[str]) -> dict[str, Any]:
    """The members that commit to made-up ids; adds the ids to those under which the record is found."""
    subject, several = codes.get("subject"), codes.get("subjects") or ()
    mentioned = codes.get("mentioned") or ()
    named = {*several, *(each for _, each in mentioned), *([subject] if subject else [])}
    about |= named
    committed = {each: _commit_subject(work, each, nonce) for each in named}
    return {
        "subject": committed[subject] if subject else None,
        "subjects": [committed[each] for each in several] or None,
        "mentioned": [[role, committed[each]] for role, each in mentioned] or None,
    }


def _commit_subject(work: Work, subject_id: str, nonce: str) -> str:
    return commitment(work.secrets.salt(subject_scope(subject_id), nonce), canonical(subject_id))


async def _class_of(work: Work, kind: RecordType, entry: Mapping[str, Any]) -> str | None:
    """The retention class in which a record is written: that of its exchange's document, or of its type."""
    document = entry.get("document_type")
    if document is None and kind in ABOUT_EXCHANGES:
        row = await work.unit.submissions.find(entry.get("exchange", ""))
        document = None if row is None else row.document_type
    kept = work.tools.retention.class_of(kind, document)
    return None if kept is None else kept.id


async def _append(work: Work, kind: RecordType, entry: Mapping[str, Any], also: Iterable[bytes]) -> str:
    octets = canonical(dict(entry))
    leaf = record_hash(octets)
    row = RecordRow(
        octets.decode(),
        leaf,
        kind.value,
        entry.get("exchange"),
        work.at,
        retention_class=entry.get("retention"),
    )
    await work.unit.log.append(row, sorted({*also, *listings_of(entry)}))
    return leaf
