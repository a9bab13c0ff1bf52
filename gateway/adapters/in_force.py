"""What is in force now, put together from the directory, the keys and the world."""

from datetime import datetime

from gateway.adapters.world import Grounds
from gateway.core.in_force import InForce, KeyInForce, Versioned, iso, key_state
from services.kit.directory import Directory
from services.kit.evidence.keys import KeyRecord
from services.kit.keyring import KeyRing


def describe_in_force(grounds: Grounds, ring: KeyRing, at: datetime) -> InForce:
    """Describes directory, keys and world at a moment."""
    directory, book = grounds.directory, grounds.world.rulebook
    edition, _, digest = book.version.partition("+")
    return InForce(
        directory=_directory(directory),
        rulebook=Versioned(edition, digest or edition),
        keys={each.key.kid: _key(each, at) for each in directory.keys.records()},
        own={key.kid: KeyInForce(ring.owner, "HELD") for key in (*ring.signing, *ring.decryption)},
    )


def _directory(directory: Directory) -> Versioned:
    return Versioned(
        str(directory.serial), directory.digest, iso(directory.issued_at), iso(directory.valid_until)
    )


def _key(record: KeyRecord, at: datetime) -> KeyInForce:
    return KeyInForce(
        record.key.owner, key_state(record.refusal_at(at)), iso(record.not_before), iso(record.not_after)
    )
