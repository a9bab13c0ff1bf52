"""Who takes part here: the organisation, its keys, and the directory that it trusts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from google.protobuf.timestamp_pb2 import Timestamp

from services.kit.clock import Clock
from services.kit.directory import Directory
from services.kit.evidence.keys import DecryptionLookup, SigningKey
from services.kit.exchange.errors import SigningKeyMissingError
from services.kit.identifiers import NewId
from services.kit.keyring import NoSigningKeyError
from services.kit.store.vault import Vault

DirectorySource = Callable[[], Directory]
"""Returns the directory in use now."""

SigningSource = Callable[[], SigningKey]
"""Returns the key that signs now; NoSigningKeyError if none may."""


def _look_at_nothing() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Participant:
    """One organisation as it takes part.

    Attributes:
        organisation: its id, also the owner of its signing key.
        signing_source: which of its keys signs now.
        decryption: opens what is encrypted to it.
        directory: the directory in use.
        vault: encrypts what waits here.
        clock: the time.
        new_id: makes ids.
        max_packet_octets: the largest packet, before encryption and padded.
        look: asks whether there is a newer directory or key than those in use; whether there was.
    """

    organisation: str
    signing_source: SigningSource = field(repr=False)
    decryption: DecryptionLookup = field(repr=False)
    directory: DirectorySource = field(repr=False)
    vault: Vault = field(repr=False)
    clock: Clock
    new_id: NewId
    max_packet_octets: int = 4 << 20
    look: Callable[[], bool] = field(default=_look_at_nothing, repr=False)

    @property
    def signing(self) -> SigningKey:
        """Signs seals, receipts and acknowledgements; SigningKeyMissingError if no key may sign now."""
        try:
            return self.signing_source()
        except NoSigningKeyError:
            raise SigningKeyMissingError from None


def stamp(moment: datetime) -> Timestamp:
    """An aware time as protobuf writes it."""
    written = Timestamp()
    written.FromDatetime(moment)
    return written
