"""Keys, times and seals for the tests of the evidence."""

import json
from base64 import urlsafe_b64decode
from datetime import UTC, datetime
from typing import Any

from services.kit.evidence.keys import KeyRecord, KeySet, SigningKey, VerifyingLookup
from services.kit.evidence.seal import Seal, seal
from services.kit.evidence.statement import Recipient, Statement
from tests.support.specimen import Dice

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
SENDER = SigningKey.generate(owner="kent-prison", entropy=Dice(101))
GATEWAY = SigningKey.generate(owner="gateway", entropy=Dice(102))
STRANGER = SigningKey.generate(owner="surrey-police", entropy=Dice(103))
DESK = Recipient(organisation="kent-police", desk="offender-management")

LEAVES: dict[str, Any] = {
    "type": "ReleaseNotice",
    "header.purpose": "MANAGE_RISK",
    "header.author.name": "Sam Reed",
    "document.subject.name.family": "Marsh",
    "document.subject.born": "1984-02-29",
    "document.address.postcode": "ZZ1 4AB",
    "document.note": "Will stay with Alma Finch until June.",
    'document.labels{"a.b~c"}': "d",
    "document.sentence.days": 412,
    "document.restrictions[0a1b2c3d4e5f60718293].until": "2027-01",
    "document.empty": {},
    "document.licence": True,
}


def lookup(*keys: SigningKey) -> VerifyingLookup:
    """A lookup of these keys' public halves, or of the usual three."""
    records = [
        KeyRecord(key.public, NOW.replace(year=2026, month=1), NOW.replace(year=2027))
        for key in keys or (SENDER, GATEWAY, STRANGER)
    ]
    return KeySet(records).verifying_at(NOW)


def sealed(leaves: dict[str, Any] | None = None, *, key: SigningKey = SENDER, seed: int = 7) -> Seal:
    """A seal made with fixed entropy."""
    chosen = LEAVES if leaves is None else leaves
    return seal(chosen, exchange_id="exchange-1", issued_at=NOW, key=key, entropy=Dice(seed))


def claims(compact: str) -> dict[str, Any]:
    """The visible payload of a seal, unverified."""
    part = compact.split("~", maxsplit=1)[0].split(".")[1]
    payload: dict[str, Any] = json.loads(urlsafe_b64decode(part + "=="))
    return payload


def statement(of: Seal, **changes: Any) -> Statement:
    """A statement that releases everything in a seal."""
    members: dict[str, Any] = {
        "exchange_id": "exchange-1",
        "delivery_id": "delivery-1",
        "seal_hash": of.seal_hash,
        "sender": "kent-prison",
        "recipient": DESK,
        "disclosed": tuple(sorted(of.disclosures)),
        "rulebook": "2026.1",
        "record_hash": "ab" * 32,
        "issued_at": NOW,
    }
    return Statement(**{**members, **changes})
