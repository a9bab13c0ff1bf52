"""Who takes part here: the organisation, its keys, and the directory that it trusts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from google.protobuf.timestamp_pb2 import Timestamp

from services.kit.clock import Clock
from services.kit.directory import Directory
from services.kit.evidence.keys import DecryptionLookup, SigningKey
from services.kit.identifiers import NewId

DirectorySource = Callable[[], Directory]
"""Returns the directory in use now."""


@dataclass(frozen=True, slots=True)
class Participant:
    """One organisation as it takes part.

    Attributes:
        organisation: its id, also the owner of its signing key.
        signing: signs seals, receipts and acknowledgements.
        decryption: opens what is encrypted to it.
        directory: the directory in use.
        clock: the time.
        new_id: makes ids.
        max_packet_octets: the largest packet, before encryption and padded.
    """

    organisation: str
    signing: SigningKey
    decryption: DecryptionLookup = field(repr=False)
    directory: DirectorySource = field(repr=False)
    clock: Clock
    new_id: NewId
    max_packet_octets: int = 4 << 20


def stamp(moment: datetime) -> Timestamp:
    """An aware time as protobuf writes it."""
    written = Timestamp()
    written.FromDatetime(moment)
    return written
