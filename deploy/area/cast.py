"""Who takes part in a rehearsal: keys for everybody, and a directory by which they are good for years.

They sign nothing that anybody is ever shown: of a rehearsal only the gateway's records are kept.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp
from publicprotection.exchange.v1.directory_service_pb2 import (
    KEY_USE_ENCRYPTION,
    KEY_USE_SIGNING,
    Organisation,
    PublicKey,
)
from publicprotection.exchange.v1.directory_service_pb2 import Directory as Message

from services.kit.directory import GATEWAY, Directory
from services.kit.evidence.keys import DecryptionKey, SigningKey

_YEARS: Final = timedelta(days=5 * 365)


@dataclass(frozen=True)
class Cast:
    """Keys by owner, and the directory that publishes them."""

    directory: Directory
    signing: Mapping[str, SigningKey] = field(repr=False)
    decryption: Mapping[str, DecryptionKey] = field(repr=False)

    def desks(self) -> dict[str, str]:
        """The first desk of each organisation."""
        return {name: entry.desks[0].desk for name, entry in self.directory.organisations.items()}


def assemble(
    organisations: Iterable[Organisation],
    at: datetime,
    signing: Mapping[str, SigningKey],
    decryption: Mapping[str, DecryptionKey],
) -> Cast:
    """Everybody with their keys, or new ones where none are given, all good for years around a moment."""
    entries = list(organisations)
    names = [*(entry.organisation for entry in entries), GATEWAY]
    signing = {name: signing.get(name) or SigningKey.generate(owner=name) for name in names}
    decryption = {name: decryption.get(name) or DecryptionKey.generate(owner=name) for name in names}

    def publish(name: str) -> list[PublicKey]:
        pair = ((signing[name].public, KEY_USE_SIGNING), (decryption[name].public, KEY_USE_ENCRYPTION))
        return [
            PublicKey(
                key_id=key.kid,
                use=use,
                jwk=json.dumps(key.to_jwk()),
                valid_from=_stamp(at - _YEARS),
                valid_until=_stamp(at + _YEARS),
            )
            for key, use in pair
        ]

    message = Message(serial=1, issued_at=_stamp(at - _YEARS), valid_until=_stamp(at + _YEARS))
    message.gateway_keys.extend(publish(GATEWAY))
    for entry in entries:
        added = message.organisations.add()
        added.CopyFrom(entry)
        added.keys.extend(publish(entry.organisation))
    return Cast(Directory.from_message(message), signing, decryption)


def _stamp(moment: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp
