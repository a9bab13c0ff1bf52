"""Keyed digests: telling one request from another without keeping either."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from gateway.app.key_ports import KeyStore
from services.kit.evidence.canonical import canonical
from services.kit.evidence.leaves import JsonValue

_LABEL: Final = re.compile(r"\[([0-9a-f]{20})\]")


def digest_request(key_store: KeyStore, sender: str, request_id: str) -> bytes:
    """Digest of a sender's request id; the id itself is the caller's own text and is not kept."""
    return key_store.digest(canonical(["request", sender, request_id]))


def digest_leaves(key_store: KeyStore, leaves: Mapping[str, JsonValue]) -> bytes:
    """Digest of an exchange's leaves.

    Sealing the same document again gives its list elements other random labels, so each label counts only by
    its place in the order of all of them, in paths and in the values that quote paths.
    """
    ordinals = _ordinals(leaves)
    numbered = {
        _number(path, ordinals): _number(value, ordinals) if isinstance(value, str) else value
        for path, value in leaves.items()
    }
    return key_store.digest(canonical(["leaves", numbered]))


def digest_person(key_store: KeyStore, subject: str) -> bytes:
    """Digest of a member of staff's id at an organisation's identity provider."""
    return key_store.digest(canonical(["person", subject]))


def digest_person_name(key_store: KeyStore, name: str) -> bytes:
    """Digest of a member of staff's name, however it is spaced and capitalised."""
    return key_store.digest(canonical(["person name", same_name(name)]))


def same_name(name: str) -> str:
    """A name as it is compared."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def blind_subject(key_store: KeyStore, subject_id: str) -> bytes:
    """Under which the log lists a subject's records: 32 bytes that tell nobody its made-up id."""
    return key_store.blind_index(canonical(["subject", subject_id]))


def listing_of(organisation: str, kind: str = "") -> bytes:
    """Under which the log lists the records that an organisation may see: 32 bytes. Ids are no secret.

    Args:
        organisation: which.
        kind: type of record: those of the type alone are listed under it, of types of which there are few.
    """
    named = ["organisation", organisation, kind] if kind else ["organisation", organisation]
    return hashlib.sha256(canonical(named)).digest()


def blind_reader(key_store: KeyStore, organisation: str, name: str) -> bytes:
    """Under which the log lists what a person asked of it: 32 bytes that tell nobody who it is."""
    return key_store.blind_index(canonical(["reader", organisation, same_name(name)]))


def digest_parts(*parts: str) -> str:
    """SHA-256 of several texts, hexadecimal; the parts cannot run into each other."""
    return hashlib.sha256(canonical(list(parts))).hexdigest()


def _ordinals(leaves: Mapping[str, JsonValue]) -> dict[str, int]:
    """From labelled prefix's label to its place among the elements of its own list."""
    lists: dict[str, set[str]] = {}
    for path in leaves:
        for found in _LABEL.finditer(path):
            lists.setdefault(path[: found.start()], set()).add(found[1])
    return {label: place for labels in lists.values() for place, label in enumerate(sorted(labels))}


def _number(text: str, ordinals: Mapping[str, int]) -> str:
    return _LABEL.sub(lambda found: f"[{ordinals.get(found[1], found[1])}]", text)
