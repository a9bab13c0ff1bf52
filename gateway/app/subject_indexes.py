"""Keyed digests of the subject register: under which identifiers, names and births are found, in no clear."""

from publicprotection.common.v1 import person_pb2

from gateway.app.key_ports import KeyStore
from gateway.core.subjects.people import StatedIdentifier
from gateway.core.subjects.traces import Trace
from services.kit.evidence.canonical import canonical


def blind_identifier(key_store: KeyStore, identifier: StatedIdentifier, organisation: str) -> bytes:
    """The blind index of an identifier that an organisation states, 32 bytes."""
    # A number of one organisation's own system means nothing outside of it.
    local = identifier.system == person_pb2.IDENTIFIER_SYSTEM_LOCAL
    return key_store.blind_index(
        canonical([identifier.system, organisation if local else "", identifier.value])
    )


def blind_trace(key_store: KeyStore, trace: Trace) -> bytes:
    """The blind index of a trace, 32 bytes."""
    return key_store.blind_index(canonical(["trace", trace.kind.value, *trace.words]))
