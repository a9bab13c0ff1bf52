"""Under which keys the log lists a record: whoever may see it finds it without looking at the rest."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from gateway.app.digests import listing_of
from gateway.core.log.checking import parties_of
from gateway.core.log.entries import RecordType

QUERIES: Final = "QUERIES"
"""The kind under which all queries are listed, of whatever type."""

QUERY_TYPES: Final = (RecordType.LOG_QUERY, RecordType.SUBJECT_QUERY, RecordType.REGISTER_EXPORTED)

_MANY: Final = frozenset(
    {
        RecordType.COLLECTION,
        RecordType.DISCLOSURE,
        RecordType.RECEIPT,
        RecordType.ACKNOWLEDGEMENT,
        RecordType.PREVIEW,
    }
)
"""Types of which every exchange has one: among an organisation's records one is never far, and a listing of
their own would double what is written for each exchange."""


def listings_of(entry: Mapping[str, Any]) -> set[bytes]:
    """The keys of the organisations that may see an entry: of all their records, and of those of its kind."""
    return {listing_of(each, kind) for each in parties_of(entry) for kind in ("", *_kinds(entry))}


def listing_for(organisation: str, types: Iterable[str]) -> bytes:
    """The key that lists the fewest of an organisation's records, with all of these types; none: any type."""
    wanted = tuple(types)
    narrow = len(wanted) == 1 and wanted[0] not in _MANY
    return listing_of(organisation, wanted[0] if narrow else "")


def _kinds(entry: Mapping[str, Any]) -> tuple[str, ...]:
    kind = entry["type"]
    return () if kind in _MANY else (kind, QUERIES) if kind in QUERY_TYPES else (kind,)
