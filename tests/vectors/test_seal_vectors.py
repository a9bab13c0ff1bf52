import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from services.kit.evidence.errors import EvidenceError
from services.kit.evidence.hop import decrypt_hop
from services.kit.evidence.keys import DecryptionKey, KeyRecord, KeySet, VerifyingKey, decryption_lookup
from services.kit.evidence.opening import open_seal
from services.kit.evidence.release import check_against_original, verify_release
from services.kit.evidence.statement import Recipient
from tests.support.sealing import NOW, sealed

VECTORS: dict[str, Any] = json.loads((Path(__file__).parent / "seal" / "seal.json").read_text("utf-8"))
REFUSED = [pytest.param(vector, id=vector["name"]) for vector in VECTORS["refused_seals"]]


def _keys() -> KeySet:
    keys = (VerifyingKey.from_jwk(key["jwk"], owner=key["owner"]) for key in VECTORS["keys"].values())
    return KeySet(KeyRecord(key, NOW, NOW.replace(year=2027)) for key in keys)


LOOKUP = _keys().verifying_at(NOW)


def test_the_seal_opens_as_stated() -> None:
    vector = VECTORS["seal"]

    opened = open_seal(vector["compact"], LOOKUP)

    assert opened.leaves == vector["leaves"]
    assert opened.issued_at == datetime.fromisoformat(vector["issued_at"])
    assert (opened.issuer, opened.exchange_id) == (vector["issuer"], vector["exchange_id"])
    assert opened.seal_hash == vector["seal_hash"]


def test_sealing_has_not_changed() -> None:
    """With the vectors' keys and randomness the writer makes the same seal, byte for byte."""
    assert sealed(VECTORS["seal"]["leaves"]).compact == VECTORS["seal"]["compact"]


def test_the_release_verifies_as_stated() -> None:
    vector = VECTORS["release"]
    desk = Recipient(**vector["recipient"])

    release = verify_release(
        vector["seal"], vector["statement"], keys=LOOKUP, gateway="gateway", recipient=desk
    )

    assert release.leaves == vector["leaves"]
    original = VECTORS["seal"]
    assert check_against_original(original["leaves"], original["seal_hash"], release.statement) == []


@pytest.mark.parametrize("vector", REFUSED)
def test_a_seal_is_refused(vector: dict[str, str]) -> None:
    with pytest.raises(EvidenceError) as caught:
        open_seal(vector["seal"], LOOKUP)

    assert caught.value.reason == vector["reason"]


def test_the_hop_decrypts_as_stated() -> None:
    vector = VECTORS["hop"]
    key = DecryptionKey.from_jwk(vector["key"], owner="kent-police")

    assert decrypt_hop(vector["token"], decryption_lookup([key])) == vector["plaintext"].encode()
